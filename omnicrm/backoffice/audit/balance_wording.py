"""Words for what the audit log keeps about thresholds and events in quarantine."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from omnicrm.balances.intake import Status
from omnicrm.balances.models import QuarantineReason, Source
from omnicrm.balances.thresholds import ANY_TYPE

_THRESHOLDS: Final = {
    "data": _("thresholds of data"),
    "voice": _("thresholds of voice"),
    "sms": _("thresholds of SMS"),
    "monetary": _("thresholds of money"),
    "other": _("thresholds of other balances"),
    ANY_TYPE: _("thresholds of all other types"),
}

NAMES: Final[Mapping[str, str | Promise]] = {
    "name": _("name"),
    "service": _("service"),
    "plan": _("plan"),
    "source": _("source"),
    "balance": _("balance"),
    "obstacle": _("in quarantine because"),
    **_THRESHOLDS,
    Status.APPLIED.value: _("applied"),
    Status.LATE.value: _("applied late"),
    Status.REPEATED.value: _("known already"),
    Status.TOO_OLD.value: _("too old"),
    Status.QUARANTINED.value: _("back in quarantine"),
}
VALUES: Final[Mapping[str, Mapping[str | None, str | Promise]]] = {
    "source": dict(Source.choices),
    "obstacle": dict(QuarantineReason.choices),
    **{kind: {"": _("never low"), None: _("not set")} for kind in _THRESHOLDS},
}
