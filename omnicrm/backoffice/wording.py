"""How facts are put for staff: names of emails, states in colour, reasons, moments and spans of time."""

from datetime import datetime, timedelta
from typing import Final

from babel.dates import format_date, format_time, format_timedelta, get_datetime_format, get_timezone_name
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from omnicrm.delivery.wording import shown
from omnicrm.emails.base import Translatable
from omnicrm.emails.catalogue import custom_kinds
from omnicrm.emails.formats import LOCALES
from omnicrm.outbox.states import State

NOTHING: Final = "–"

EMAIL_NAMES: Final = {
    "api_crmCommunicationCustomerWelcome": _("Customer welcome"),
    "api_crmCommunicationCustomerInvoice": _("Invoice"),
    "api_crmCommunicationCustomerInvoiceReminder": _("Invoice reminder"),
    "api_crmCommunicationUserWelcome": _("Staff welcome"),
    "api_crmCommunicationUserPasswordReset": _("Password reset"),
    "api_crmCommunicationUserPasswordResetSuccess": _("Password reset done"),
    "api_crmCommunicationUserPasswordChange": _("Password changed"),
    "api_crmCommunicationUserAddressChange": _("Change of address requested"),
    "api_crmCommunicationEmailVerification": _("Address verification"),
    "api_crmCommunicationsBalanceExpired": _("Balance expired"),
    "api_crmCommunicationsBalanceLow": _("Low balance"),
}

STATE_COLOURS: Final = {
    State.QUEUED: "info",
    State.CLAIMED: "info",
    State.ACCEPTED: "primary",
    State.DELIVERED: "success",
    State.DEFERRED: "warning",
    State.BOUNCED: "danger",
    State.BLOCKED: "danger",
    State.COMPLAINED: "danger",
    State.SUPPRESSED: "",
    State.CANCELLED: "",
    State.EXPIRED: "",
    State.REFUSED: "danger",
    State.FAILED: "danger",
    State.UNKNOWN: "warning",
}
"""unfold's names of label colours; grey where the email stays away on purpose."""

_SAID_BY_MAILJET: Final = (
    gettext_noop("Mailjet says: too many requests"),
    gettext_noop("Mailjet does not accept api_key and api_secret"),
)
"""Reasons of the room omnicrm.mailjet, which knows no Django, for the catalogue."""


def email_name(section: str) -> str:
    """The email's name as staff call it, or the section itself for one that there is no longer."""
    return str(email_names().get(section, section))


def email_names() -> dict[str, Translatable]:
    """By section, those of the operator's own emails too."""
    return {**EMAIL_NAMES, **{section: kind.title for section, kind in custom_kinds().items()}}


def two_lines(first: str, second: str = "", *, title: str = "") -> SafeString:
    """A cell of a list with something less important below."""
    below = format_html('<span class="bo-muted" title="{}">{}</span>', title, second) if second else ""
    return format_html('<span class="bo-cell"><span>{}</span>{}</span>', first, below)


def badge(text: str, colour: str) -> SafeString:
    """`colour` is one of unfold's names of label colours; none is grey."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def state_badge(state: str) -> SafeString:
    known = State(state)
    return badge(str(known.label), STATE_COLOURS[known])


def reason_text(reason: str) -> str:
    """Our own reasons are stored in English; what Mailjet or staff said stays as it is."""
    return shown(reason)


def moment(value: datetime | None, *, seconds: bool = False) -> str | SafeString:
    """A `<time>` in the user's language and time zone, such as "24 Nov 2026, 14:05"; a dash for none."""
    if value is None:
        return NOTHING
    local, locale = localtime(value), current_locale()
    day, time = format_date(local, locale=locale), format_time(local, "medium" if seconds else "short", locale=locale)
    text = str(get_datetime_format(locale=locale)).replace("{1}", day).replace("{0}", time)
    zone = get_timezone_name(local, locale=locale)
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), f"{text} ({zone})", text)


def span(length: timedelta) -> str:
    """A length of time in one unit, such as "3 minutes"."""
    return format_timedelta(max(length, timedelta(0)), granularity="second", threshold=1.5, locale=current_locale())


def clock(value: datetime) -> str:
    """Hours and minutes, such as "14:05"."""
    return format_time(localtime(value), "short", locale=current_locale())


def current_locale() -> str:
    """The locale of the language in use, for Babel."""
    return LOCALES.get((get_language() or "en")[:2], LOCALES["en"])
