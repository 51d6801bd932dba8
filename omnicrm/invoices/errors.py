"""What can be wrong with an invoice at the moment, rather than with what a caller handed in."""

from datetime import date
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.models import Language
from omnicrm.emails.formats import Money, Percentage, formatted
from omnicrm.invoices.models import Invoice


class WrongState(InvalidInput):
    """The invoice is not in a state for this; nothing was changed."""

    def __init__(self, message: str) -> None:
        super().__init__(FieldError(field="state", message=message))


class TooManyCopies(InvalidInput):
    """The customer has asked for enough copies today."""


class PdfUnusable(Exception):
    """The stored PDF is gone, or is not the one that was issued. str() says which."""


def not_a_draft(invoice: Invoice) -> WrongState:
    return WrongState(_("%(number)s is issued and stays as it is; credit it instead.") % {"number": invoice.number})


def not_issued() -> WrongState:
    return WrongState(_("It is still a draft; issue it first."))


def not_for_credit_notes(invoice: Invoice) -> WrongState:
    return WrongState(_("%(number)s is a credit note.") % {"number": invoice.number})


def amount_text(amount: Decimal, currency: str) -> str:
    """An amount inside of a message, as its reader writes amounts."""
    return formatted(Money(amount=amount, currency=currency), readers_language())


def day_text(day: date) -> str:
    return formatted(day, readers_language())


def rate_text(percent: Decimal) -> str:
    return formatted(Percentage(percent=percent), readers_language())


def readers_language() -> str:
    """The language in use, which is that of whoever reads what is being made."""
    language = get_language()
    return language if language in Language.values else Language.ENGLISH.value
