"""How an invoice is written, and what can be done to it."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field

from omnicrm.api.shapes import Body, Paging, Patch, text_field
from omnicrm.config.invoicing import MAX_NUMBER_LENGTH
from omnicrm.customers.rules import text
from omnicrm.invoices.models import Invoice, InvoiceLine, Payment
from omnicrm.invoices.rules import MAX_LINES
from omnicrm.invoices.states import Kind, PauseReason, PaymentMethod, State

_DECIMAL: Final = "A number, or better a text that is one"
_EXAMPLE: Final[dict[str, Any]] = {
    "customer_id": 42,
    "start_date": "2026-11-01",
    "end_date": "2026-11-30",
    "due_date": "2026-12-24",
    "lines": [
        {"title": "Fibre 1 Gb/s", "quantity": "1", "unit": "month", "unit_price": "39.99", "tax_rate": "20"},
        {"title": "Loyalty discount", "quantity": "1", "unit_price": "-5", "tax_rate": "20"},
    ],
    "send": True,
}


class LineIn(Patch):
    title: str = text_field(InvoiceLine, "title", ...)
    quantity: Decimal = Field(description=_DECIMAL)
    unit: str | None = text_field(InvoiceLine, "unit", examples=["month", "GB"])
    unit_price: Decimal = Field(description="Without tax; negative for a discount")
    tax_rate: Decimal = Field(Decimal(0), description="In percent; if left out, that of the configuration")
    start_date: date | None = None
    end_date: date | None = None


class InvoicePatch(Patch):
    currency: str = Field("", description="ISO 4217; if left out, that of the configuration", examples=["EUR"])
    start_date: date | None = None
    end_date: date | None = None
    due_date: date | None = Field(None, description="If left out, the configured number of days from the issue")
    notes: str | None = text_field(Invoice, "notes")
    lines: list[LineIn] = Field([], max_length=MAX_LINES, description="A change replaces them all")


class InvoiceIn(InvoicePatch):
    """An invoice, issued at once unless it is to be a draft."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    customer_id: int
    lines: list[LineIn] = Field(max_length=MAX_LINES)
    send: bool = Field(True, description="Whether the customer gets it by email")
    draft: bool = Field(False, description="Whether it stays a draft, which can be changed and has no number yet")


class IssueIn(Body):
    send: bool = Field(True, description="Whether the customer gets it by email")


class PaymentIn(Body):
    amount: Decimal = Field(description=f"{_DECIMAL}; negative for a refund of what was overpaid")
    date: date
    method: PaymentMethod = PaymentMethod.TRANSFER
    reference: str = text_field(Payment, "reference", ..., examples=["SEPA-2026-11-24-0815"])
    allow_overpayment: bool = Field(False, description="Whether more may be booked than is due")


class CreditIn(Body):
    """Without lines, all that is left of the invoice is credited, which cancels it."""

    lines: list[LineIn] | None = Field(None, max_length=MAX_LINES, description="With positive amounts")
    notes: str | None = text_field(Invoice, "notes")


class PauseIn(Body):
    reason: PauseReason
    until: date | None = Field(None, description="The last day of the pause; without it, until it is resumed")
    note: str | None = text_field(Invoice, "pause_note")


class ImportIn(Body):
    """The fields beside the file `pdf` of an invoice issued elsewhere."""

    customer_id: int
    number: str = Field(json_schema_extra={"maxLength": MAX_NUMBER_LENGTH})
    issue_date: date
    due_date: date | None = Field(None, description="Needed, except for a credit note")
    total_amount: Decimal = Field(description="With tax")
    total_tax: Decimal = Decimal(0)
    currency: str = Field("", description="ISO 4217; if left out, that of the configuration", examples=["EUR"])
    start_date: date | None = None
    end_date: date | None = None
    credited_number: str | None = Field(
        None, description="For a credit note: the number of the imported invoice that it credits"
    )
    send: bool = Field(True, description="Whether the customer gets it by email; a credit note never")


class InvoiceQuery(Paging):
    customer_id: int | None = None
    kind: Kind | None = None
    state: State | None = None
    number: Annotated[str, AfterValidator(text(MAX_NUMBER_LENGTH))] = ""
    due_from: date | None = Field(None, description="The first due date wanted")
    due_to: date | None = Field(None, description="The last due date wanted")
    issued_from: date | None = None
    issued_to: date | None = None
    is_too_large_to_mail: Literal[True] | None = Field(
        None, description="Only those whose PDF is too large to be attached to an email"
    )
