"""How facts about invoices are put for staff: states in colour, days, amounts, numbers."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from babel.dates import format_date
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnicrm.backoffice.wording import NOTHING, badge, current_locale
from omnicrm.emails.formats import Percentage, formatted
from omnicrm.invoices.composing import shortest
from omnicrm.invoices.days import local_day
from omnicrm.invoices.errors import amount_text
from omnicrm.invoices.figures import Age
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.money import rounded
from omnicrm.invoices.pdf_files import is_too_large_to_mail
from omnicrm.invoices.queries import is_paused, state_of
from omnicrm.invoices.states import Kind, PauseReason, State

STATE_COLOURS: Final = {
    State.DRAFT: "",
    State.ISSUED: "info",
    State.PARTIALLY_PAID: "warning",
    State.PAID: "success",
    State.OVERDUE: "danger",
    State.CANCELLED: "",
}
"""unfold's names of label colours; grey where nobody waits for anything."""

_PAUSES: Final = {
    PauseReason.DISPUTE: gettext_lazy("disputed"),
    PauseReason.PROMISE: gettext_lazy("promised"),
    PauseReason.OTHER: gettext_lazy("no reminders"),
}


def state_badges(invoice: Invoice, *, now: datetime) -> SafeString:
    """Its state, and what else staff have to know about it at once."""
    state = state_of(invoice, now=now)
    badges = [badge(str(state.label), STATE_COLOURS[state])]
    if invoice.kind == Kind.CREDIT_NOTE:
        badges = [badge(str(Kind.CREDIT_NOTE.label), "")]
    if is_paused(invoice, now=now):
        badges.append(badge(str(_PAUSES[PauseReason(invoice.pause_reason)]), "warning"))
    if is_too_large_to_mail(invoice):
        badges.append(badge(_("mailed without its PDF"), "warning"))
    return format_html_join(" ", "{}", ([each] for each in badges))


def title(invoice: Invoice) -> str:
    """Such as "Invoice INV-2026-000123" or "Draft of an invoice"."""
    if invoice.number is None:
        return _("Draft of an invoice")
    kind = _("Credit note %(number)s") if invoice.kind == Kind.CREDIT_NOTE else _("Invoice %(number)s")
    return kind % {"number": invoice.number}


def day(value: date | None) -> str:
    """Such as "24 Nov 2026"; a dash for none."""
    return format_date(value, locale=current_locale()) if value else NOTHING


def period(start: date | None, end: date | None) -> str:
    """Nothing if neither end is known."""
    return f"{day(start)} → {day(end)}" if start or end else ""


def due(invoice: Invoice, *, now: datetime) -> str:
    """Of what is overdue: for how long."""
    if invoice.due_date is None or state_of(invoice, now=now) != State.OVERDUE:
        return ""
    late = (local_day(now) - invoice.due_date).days
    return ngettext("%(count)d day late", "%(count)d days late", late) % {"count": late}


def amount(value: Decimal, currency: str) -> str:
    return amount_text(value, currency)


def rate(percent: Decimal) -> str:
    return formatted(Percentage(percent=shortest(percent)), current_locale()[:2])


def number(value: Decimal) -> str:
    """As people of the reader's language write it, such as 1.5 or 1,5; it can be typed in again."""
    text = f"{shortest(value):f}"
    return text.replace(".", ",") if current_locale().startswith("fr") else text


def age_text(age: Age) -> str:
    if age.last is None:
        return _("more than %(days)d days") % {"days": age.first - 1}
    return _("%(first)d to %(last)d days") % {"first": age.first, "last": age.last}


def exact(value: Decimal, currency: str) -> str:
    """In the currency's own decimals and without its sign, such as 18.00; in more decimals where there are more."""
    in_currency = rounded(value, currency)
    if in_currency != value:
        return number(value)
    return f"{in_currency:f}".replace(".", ",") if current_locale().startswith("fr") else f"{in_currency:f}"


def typed_number(text: str) -> str:
    """What people type as a number, for Decimal: "1 234,50" is 1234.50. In English "1,234" could be meant either way;
    it stays as it is, and is refused."""
    compact = "".join(text.split())
    is_ambiguous = not current_locale().startswith("fr") and re.search(r",\d{3}$", compact)
    return compact if is_ambiguous else compact.replace(",", ".")
