"""What thresholds that are being typed would have done last week, in words, beside what the saved ones would."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnicrm.backoffice.listing import SECONDS_TO_READ, TakesTooLong, time_limit
from omnicrm.balances.previewing import Preview

Previewed = Callable[[], Preview]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPreview:
    """Texts: what these thresholds would have done, what the saved ones would, and how much was looked at."""

    typed: str
    saved: str = ""
    note: str = ""


def compared(typed: Previewed, saved: Previewed) -> ShownPreview:
    """Raises InvalidInput for thresholds that cannot be."""
    try:
        with time_limit(SECONDS_TO_READ):
            would, does = typed(), saved()
    except TakesTooLong:
        return ShownPreview(typed=_("It takes too long to look that up. You can save without it."))
    return ShownPreview(typed=_told(would), saved=_told(does), note=_note(would))


def _told(preview: Preview) -> str:
    customers = ngettext("%(count)d customer", "%(count)d customers", preview.customers) % {"count": preview.customers}
    alerts = ngettext("%(count)d alert", "%(count)d alerts", preview.alerts) % {"count": preview.alerts}
    return _("%(customers)s, %(alerts)s") % {"customers": customers, "alerts": alerts}


def _note(preview: Preview) -> str:
    if not preview.services:
        return _("None of the services it concerns reported a balance last week.")
    services = ngettext("%(count)d service", "%(count)d services", preview.services) % {"count": preview.services}
    if preview.left_out:
        told = _("%(services)s looked at, scattered over the plan; %(others)d more were left out.")
        return told % {"services": services, "others": preview.left_out}
    return _("%(services)s looked at.") % {"services": services}
