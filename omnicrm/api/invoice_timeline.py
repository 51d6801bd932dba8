"""What happened to an invoice and to the emails about it, as integrators read it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from pydantic import Field

from omnicrm.api.message_schemas import timeline_of
from omnicrm.api.shapes import Resource
from omnicrm.delivery.queries import events_of
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.money import rounded
from omnicrm.invoices.reminder_queries import ReminderFact, every_email_about, reminders_of
from omnicrm.outbox.models import Message


class InvoiceEvent(Resource):
    at: datetime
    outcome: str = Field(
        description="“created”, “issued”, “paid” (each payment), “paid_back”, “credited”, “reminded”, or what became "
        "of an email: “queued”, “accepted”, “delivered”, “opened”, “clicked”, “bounced” and the other states"
    )
    detail: str = Field(description="A number, an amount, or why")
    message_id: UUID | None = Field(None, description="The email that it is about")
    to_email: str = ""


class InvoiceTimeline(Resource):
    invoice_id: int
    items: list[InvoiceEvent] = Field(description="Oldest first")

    @classmethod
    def of(cls, invoice: Invoice) -> Self:
        """Of an invoice in full."""
        reminders = reminders_of(invoice.pk)
        found = [*_own(invoice), *_reminded(reminders), *_mailed(every_email_about(invoice.pk, reminders))]
        return cls(invoice_id=invoice.pk, items=sorted(found, key=lambda event: event.at.replace(microsecond=0)))


def _own(invoice: Invoice) -> Iterator[InvoiceEvent]:
    yield InvoiceEvent(at=invoice.created_at, outcome="created", detail="")
    if invoice.issued_at:
        yield InvoiceEvent(at=invoice.issued_at, outcome="issued", detail=invoice.number or "")
    for payment in invoice.payments.all():
        outcome = "paid" if payment.amount > 0 else "paid_back"
        yield InvoiceEvent(at=payment.created_at, outcome=outcome, detail=_amount(abs(payment.amount), invoice))
    for note in invoice.credit_notes.all():
        if note.issued_at:
            detail = f"{note.number}: {_amount(note.total_amount, note)}"
            yield InvoiceEvent(at=note.issued_at, outcome="credited", detail=detail)


def _reminded(reminders: Sequence[ReminderFact]) -> Iterator[InvoiceEvent]:
    """Steps that were passed over are told by the list of reminders."""
    for fact in reminders:
        if fact.reminder.mail is not None:
            yield InvoiceEvent(at=fact.reminder.created_at, outcome="reminded", detail=fact.reminder.mail.note)


def _mailed(messages: Sequence[Message]) -> Iterator[InvoiceEvent]:
    events = events_of([message.id for message in messages])
    for message in messages:
        about = {"message_id": message.id, "to_email": message.to_email}
        for event in timeline_of(message, events.get(message.id, ())):
            yield InvoiceEvent(at=event.at, outcome=event.outcome, detail=event.detail, **about)


def _amount(amount: Decimal, invoice: Invoice) -> str:
    return f"{rounded(amount, invoice.currency):f} {invoice.currency}"
