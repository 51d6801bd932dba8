"""How invoices and payments are shown. Amounts are texts, in the decimals of their currency: JSON numbers are not
exact everywhere."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from omnicrm.api.shapes import Resource
from omnicrm.invoices.composing import shortest
from omnicrm.invoices.issuing import Issued
from omnicrm.invoices.mailing import queued
from omnicrm.invoices.models import Invoice, InvoiceLine, Payment
from omnicrm.invoices.money import rounded
from omnicrm.invoices.pdf_files import is_too_large_to_mail
from omnicrm.invoices.queries import is_paused, state_of
from omnicrm.outbox.models import Message

_AMOUNTS = (
    "net_amount",
    "total_tax",
    "total_amount",
    "paid_amount",
    "credited_amount",
    "balance_due",
    "overpaid_amount",
)
_AS_STORED = (
    "kind",
    "customer_id",
    "currency",
    "language",
    "start_date",
    "end_date",
    "due_date",
    "notes",
    "credited_invoice_id",
    "is_imported",
    "pause_reason",
    "paused_until",
    "pause_note",
    "pdf_size",
    "pdf_sha256",
    "created_at",
    "updated_at",
    "issued_at",
)


class InvoiceSummary(Resource):
    invoice_id: int
    kind: str
    invoice_number: str | None = Field(description="null while it is a draft")
    state: str
    customer_id: int | None = Field(description="null once the customer was erased")
    customer_name: str
    currency: str
    language: str
    start_date: date | None
    end_date: date | None
    invoice_date: date | None
    due_date: date | None
    notes: str
    net_amount: str = Field(examples=["100.00"])
    total_tax: str
    total_amount: str
    paid_amount: str
    credited_amount: str
    balance_due: str
    overpaid_amount: str
    credited_invoice_id: int | None = Field(description="Of a credit note: the invoice it credits")
    is_imported: bool
    is_paused: bool = Field(description="Whether reminders are held back today")
    pause_reason: str
    paused_until: date | None
    pause_note: str
    pdf_size: int
    pdf_sha256: str
    is_too_large_to_mail: bool = Field(description="Whether emails about it went without the PDF, with its link only")
    created_at: datetime
    updated_at: datetime
    issued_at: datetime | None

    @classmethod
    def of(cls, invoice: Invoice, *, now: datetime, **more: Any) -> Self:  # noqa: ANN401 - further fields of a subclass
        amounts = {name: f"{rounded(getattr(invoice, name), invoice.currency):f}" for name in _AMOUNTS}
        as_stored = {name: getattr(invoice, name) for name in _AS_STORED}
        return cls(
            invoice_id=invoice.pk,
            invoice_number=invoice.number,
            invoice_date=invoice.issue_date,
            state=state_of(invoice, now=now),
            customer_name=invoice.customer_name,
            is_paused=is_paused(invoice, now=now),
            is_too_large_to_mail=is_too_large_to_mail(invoice),
            **amounts,
            **as_stored,
            **more,
        )


class LineOut(Resource):
    title: str
    quantity: str
    unit: str
    unit_price: str
    tax_rate: str
    net_amount: str
    start_date: date | None
    end_date: date | None

    @classmethod
    def of(cls, line: InvoiceLine, currency: str) -> Self:
        return cls(
            title=line.title,
            quantity=f"{shortest(line.quantity):f}",
            unit=line.unit,
            unit_price=f"{shortest(line.unit_price):f}",
            tax_rate=f"{shortest(line.tax_rate):f}",
            net_amount=f"{rounded(line.net_amount, currency):f}",
            start_date=line.start_date,
            end_date=line.end_date,
        )


class TaxOut(Resource):
    tax_rate: str
    net_amount: str
    tax_amount: str


class PaymentOut(Resource):
    payment_id: int
    invoice_id: int
    amount: str
    date: date
    method: str
    reference: str
    reverses_payment_id: int | None = Field(description="The payment that this one takes back")
    created_at: datetime

    @classmethod
    def of(cls, payment: Payment, currency: str) -> Self:
        return cls(
            payment_id=payment.pk,
            invoice_id=payment.invoice_id,
            amount=f"{rounded(payment.amount, currency):f}",
            date=payment.date,
            method=payment.method,
            reference=payment.reference,
            reverses_payment_id=payment.reverses_id,
            created_at=payment.created_at,
        )


class InvoiceOut(InvoiceSummary):
    lines: list[LineOut]
    taxes: list[TaxOut]
    payments: list[PaymentOut]
    credit_note_ids: list[int]

    @classmethod
    def of(cls, invoice: Invoice, *, now: datetime, **more: Any) -> Self:  # noqa: ANN401 - as above
        currency = invoice.currency
        taxes = [
            TaxOut(
                tax_rate=f"{shortest(tax.tax_rate):f}",
                net_amount=f"{rounded(tax.net_amount, currency):f}",
                tax_amount=f"{rounded(tax.tax_amount, currency):f}",
            )
            for tax in invoice.taxes.all()
        ]
        return super().of(
            invoice,
            now=now,
            lines=[LineOut.of(line, currency) for line in invoice.lines.all()],
            taxes=taxes,
            payments=[PaymentOut.of(payment, currency) for payment in invoice.payments.all()],
            credit_note_ids=[note.pk for note in invoice.credit_notes.all()],
            **more,
        )


class QueuedEmail(Resource):
    message_id: UUID
    to_email: str

    @classmethod
    def all_of(cls, messages: Sequence[Message]) -> list[Self]:
        return [cls(message_id=message.id, to_email=message.to_email) for message in messages]


class InvoiceCreated(InvoiceOut):
    emails: list[QueuedEmail] = Field(description="The emails that were queued, one per billing contact")
    no_email: str = Field(description="Why there are none")

    @classmethod
    def of_issued(cls, issued: Issued, *, now: datetime) -> Self:
        emails = QueuedEmail.all_of(queued(issued.mails))
        return cls.of(issued.invoice, now=now, emails=emails, no_email=issued.no_email)


class EmailsQueued(Resource):
    invoice_id: int
    emails: list[QueuedEmail]
