"""What each field of an invoice may hold. The kind of rules that customers.rules has."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from omnicrm.config.currencies import CURRENCIES
from omnicrm.config.invoicing import MAX_NUMBER_LENGTH
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.rules import Rule, Rules, clean, max_length, one_of, text
from omnicrm.invoices.models import MAX_NOTES_LENGTH, MAX_TITLE_LENGTH, Invoice, InvoiceLine, Payment
from omnicrm.invoices.sentences import Sentence
from omnicrm.invoices.states import PauseReason, PaymentMethod

MAX_LINES: Final = 5_000
MAX_AMOUNT: Final = Decimal(10**12)
"""Of a line and of an invoice, in whatever currency. Numbers up to here are exact wherever we calculate."""
MAX_FACTOR: Final = Decimal(10**9)
_DECIMALS: Final = 6
_TOO_MANY: Final = gettext_noop("An invoice has at most %(limit)d lines; there are %(count)d.")
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


def number(low: Decimal, high: Decimal, *, decimals: int = _DECIMALS) -> Rule:
    def rule(value: object) -> Decimal:
        given = _decimal(value)
        if not low <= given <= high:
            raise ValueError(_("Use a number from %(low)s to %(high)s.") % {"low": f"{low:f}", "high": f"{high:f}"})
        if given != round(given, decimals):
            raise ValueError(_("Use at most %(limit)d decimals.") % {"limit": decimals})
        return round(given, decimals)

    return rule


def _decimal(value: object) -> Decimal:
    try:
        given = Decimal(value) if isinstance(value, Decimal | int | str) else Decimal("NaN")
    except InvalidOperation:
        given = Decimal("NaN")
    if not given.is_finite():
        raise ValueError(_("Give a number."))
    return given


def day(value: object) -> date | None:
    if value is None:
        return None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(_("Give a date, such as 2026-05-31."))  # noqa: TRY004 - a rule speaks through ValueError
    if not _FIRST_DAY <= value <= _LAST_DAY:
        raise ValueError(_("Give a date from %(first)s to %(last)s.") % {"first": _FIRST_DAY, "last": _LAST_DAY})
    return value


def required_day(value: object) -> date:
    given = day(value)
    if given is None:
        raise ValueError(_("This field must not be empty."))
    return given


def currency(value: object) -> str:
    if not isinstance(value, str) or value not in CURRENCIES:
        raise ValueError(_("Give the ISO 4217 code of a currency in use, such as EUR."))
    return value


def paragraphs(limit: int) -> Rule:
    """Text of several lines."""
    one_line = text(limit)

    def rule(value: object) -> str:
        lines = value.strip().splitlines() if isinstance(value, str) else [value]
        together = "\n".join(one_line(line) for line in lines)
        one_line(together.replace("\n", " "))
        return together

    return rule


def lines(value: object) -> list[dict[str, Any]]:
    """Each line's fields, cleaned. Raises InvalidInput with all that is wrong in any of them."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(_("Give a list."))  # noqa: TRY004 - a rule speaks through ValueError
    if len(value) > MAX_LINES:
        message = Sentence(_TOO_MANY, limit=MAX_LINES, count=len(value))
        raise InvalidInput(FieldError(field="lines", message=message))
    errors: list[FieldError] = []
    cleaned = []
    for index, line in enumerate(value):
        try:
            cleaned.append(_line(line, at=f"lines[{index}]."))
        except InvalidInput as error:
            errors.extend(error.errors)
    if errors:
        raise InvalidInput(*errors)
    return cleaned


def _line(given: Mapping[str, Any], *, at: str) -> dict[str, Any]:
    values = clean(LINE, {**_EMPTY_LINE, **given}, at=at)
    if error := next(period_errors(values.get("start_date"), values.get("end_date"), at=at), None):
        raise InvalidInput(error)
    return values


def period_errors(start: date | None, end: date | None, *, at: str = "") -> Iterator[FieldError]:
    if start and end and end < start:
        yield FieldError(field=f"{at}end_date", message=_("The period ends before it starts."))


def fields_of(rules: Rules, values: Mapping[str, Any]) -> dict[str, Any]:
    """As customers.rules.clean, with the mistakes inside of `lines` at their own paths."""
    errors: list[FieldError] = []
    cleaned: dict[str, Any] = {}
    for part in ({name: value} for name, value in values.items()):
        try:
            cleaned |= clean(rules, part)
        except InvalidInput as error:
            errors.extend(error.errors)
    if "lines" in cleaned:
        try:
            cleaned["lines"] = lines(cleaned["lines"])
        except InvalidInput as error:
            errors.extend(error.errors)
        except ValueError as error:
            errors.append(FieldError(field="lines", message=str(error)))
    errors.extend(period_errors(cleaned.get("start_date"), cleaned.get("end_date")))
    if errors:
        raise InvalidInput(*errors)
    return cleaned


def _kept(value: object) -> object:
    return value


_factor = number(-MAX_FACTOR, MAX_FACTOR)
_EMPTY_LINE: Final = {"title": "", "quantity": None, "unit_price": None}
LINE: Final[Rules] = {
    "title": text(MAX_TITLE_LENGTH, required=True),
    "quantity": _factor,
    "unit": text(max_length(InvoiceLine, "unit")),
    "unit_price": _factor,
    "tax_rate": number(Decimal(0), Decimal(100), decimals=3),
    "start_date": day,
    "end_date": day,
}
INVOICE: Final[Rules] = {
    "currency": currency,
    "start_date": day,
    "end_date": day,
    "due_date": day,
    "notes": paragraphs(MAX_NOTES_LENGTH),
    "lines": _kept,  # checked line by line, see fields_of
}
PAYMENT: Final[Rules] = {
    "amount": number(-MAX_AMOUNT, MAX_AMOUNT, decimals=3),
    "date": required_day,
    "method": one_of(PaymentMethod),
    "reference": text(max_length(Payment, "reference"), required=True),
}
PAUSE: Final[Rules] = {
    "reason": one_of(PauseReason),
    "until": day,
    "note": text(max_length(Invoice, "pause_note")),
}
IMPORT: Final[Rules] = {
    "number": text(MAX_NUMBER_LENGTH, required=True),
    "issue_date": required_day,
    "total_amount": number(Decimal(0), MAX_AMOUNT, decimals=3),
    "total_tax": number(Decimal(0), MAX_AMOUNT, decimals=3),
    "currency": currency,
    "due_date": day,
    "start_date": day,
    "end_date": day,
    "credited_number": text(MAX_NUMBER_LENGTH),
}
