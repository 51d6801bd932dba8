"""The fields a caller may hand in, by name. Every one is checked by rules.py; one left out is not touched."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NotRequired, TypedDict


class LineFields(TypedDict):
    """`tax_rate` is in percent; without one, `invoice.tax_rate` of the configuration."""

    title: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: NotRequired[Decimal]
    unit: NotRequired[str | None]
    start_date: NotRequired[date | None]
    end_date: NotRequired[date | None]


class InvoiceFields(TypedDict, total=False):
    """`lines` replace all the draft had. Without a `due_date`, `invoice.payment_days` count from the day of issue."""

    currency: str
    start_date: date | None
    end_date: date | None
    due_date: date | None
    notes: str | None
    lines: Sequence[LineFields]


class PaymentFields(TypedDict):
    """A negative amount is a refund. `reference` is what the bank or the payment page calls this payment."""

    amount: Decimal
    date: date
    method: str
    reference: str


class ImportFields(TypedDict):
    """An invoice issued elsewhere. `credited_number` makes it a credit note for the invoice with that number."""

    number: str
    issue_date: date
    total_amount: Decimal
    total_tax: NotRequired[Decimal]
    currency: NotRequired[str]
    due_date: NotRequired[date | None]
    start_date: NotRequired[date | None]
    end_date: NotRequired[date | None]
    credited_number: NotRequired[str | None]
