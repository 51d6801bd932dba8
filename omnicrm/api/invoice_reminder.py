"""Routes of reminders of overdue invoices, and of their pauses for a whole customer."""

# ruff: noqa: ARG001 - ninja hands every route its request
from datetime import date, datetime
from typing import Self
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Router
from pydantic import Field

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs
from omnicrm.api.invoice_resources import EmailsQueued, QueuedEmail
from omnicrm.api.invoice_schemas import PauseIn
from omnicrm.api.shapes import Body, Resource
from omnicrm.customers.models import Customer
from omnicrm.delivery.wording import shown
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.money import rounded
from omnicrm.invoices.reminder_models import ReminderPause
from omnicrm.invoices.reminder_queries import ReminderFact, outlook_of, reminders_of
from omnicrm.invoices.reminders import MAX_FORCE_REASON, pause_customer, resume_customer, send_reminder

router = Router(tags=["Invoices"])
READ = Needs(Permission.READ_INVOICES)
WRITE = Needs(Permission.WRITE_INVOICES)


class ReminderIn(Body):
    force_reason: str = Field(
        "",
        description="Why it is sent although it was promised to be paid, or although the customer was reminded today",
        json_schema_extra={"maxLength": MAX_FORCE_REASON},
    )


class ReminderMessage(Resource):
    message_id: UUID
    to_email: str
    state: str
    reason: str


class ReminderOut(Resource):
    step: int | None = Field(description="In days overdue; null for one by hand")
    day: date | None = Field(description="When it was mailed; null for a step that was passed over")
    reason: str = Field(description="Why the step was passed over, or why it was sent by hand all the same")
    amount: str = Field(description="What the mail said is due")
    is_withdrawn: bool = Field(description="Whether no message left, and the step is open again")
    messages: list[ReminderMessage]

    @classmethod
    def of(cls, fact: ReminderFact, currency: str) -> Self:
        reminder, mail = fact.reminder, fact.reminder.mail
        return cls(
            step=reminder.step,
            day=mail.day if mail else None,
            reason=mail.note if mail else gettext(reminder.reason),
            amount=f"{rounded(reminder.amount, currency):f}",
            is_withdrawn=reminder.withdrawn_at is not None,
            messages=[
                ReminderMessage(
                    message_id=message.id,
                    to_email=message.to_email,
                    state=message.state,
                    reason=shown(message.reason),
                )
                for message in fact.messages
            ],
        )


class RemindersOut(Resource):
    invoice_id: int
    reminders: list[ReminderOut]
    step_today: int | None = Field(description="The step that is due and has not been sent yet")
    why_not: str = Field(description="Why none is due today")


class PauseOut(Resource):
    customer_id: int
    reason: str = Field(description="Empty where reminders do not pause")
    until: date | None
    note: str
    paused_at: datetime | None

    @classmethod
    def of(cls, pause: ReminderPause) -> Self:
        return cls(
            customer_id=pause.customer_id,
            reason=pause.reason,
            until=pause.until,
            note=pause.note,
            paused_at=pause.created_at,
        )


@router.get("/invoice/{int:invoice_id}/reminder", auth=READ, response=RemindersOut)
def list_reminders(request: HttpRequest, invoice_id: int) -> RemindersOut:
    """The reminders of an invoice, those that were passed over or withdrawn too, and what is next."""
    invoice = Invoice.objects.get(pk=invoice_id)
    outlook = outlook_of(invoice, now=timezone.now())
    facts = [ReminderOut.of(fact, invoice.currency) for fact in reminders_of(invoice_id)]
    return RemindersOut(invoice_id=invoice_id, reminders=facts, step_today=outlook.step, why_not=outlook.why_not)


@router.post("/invoice/{int:invoice_id}/reminder", auth=WRITE, response={201: EmailsQueued})
def remind(request: HttpRequest, invoice_id: int, body: ReminderIn | None = None) -> EmailsQueued:
    """Queues a reminder by hand. 409 if nothing is overdue, if it is disputed, or if something else holds it back and
    there is no `force_reason`."""
    force_reason = body.force_reason if body else ""
    messages = send_reminder(invoice_id=invoice_id, force_reason=force_reason, by=actor_of(request), now=timezone.now())
    return EmailsQueued(invoice_id=invoice_id, emails=QueuedEmail.all_of(messages))


@router.get("/customer/{int:customer_id}/reminder_pause", auth=READ, response=PauseOut)
def get_reminder_pause(request: HttpRequest, customer_id: int) -> PauseOut:
    """Whether reminders to a customer pause, and why."""
    customer = Customer.objects.get(pk=customer_id)
    pause = ReminderPause.objects.filter(customer=customer).first()
    return (
        PauseOut.of(pause)
        if pause
        else PauseOut(customer_id=customer_id, reason="", until=None, note="", paused_at=None)
    )


@router.post("/customer/{int:customer_id}/reminder_pause", auth=WRITE, response={201: PauseOut})
def pause_reminders_of_customer(request: HttpRequest, customer_id: int, body: PauseIn) -> PauseOut:
    """Holds all reminders to a customer back. One that pauses already is given the new reason and day."""
    pause = pause_customer(
        customer_id=customer_id,
        reason=body.reason,
        until=body.until,
        note=body.note or "",
        by=actor_of(request),
        now=timezone.now(),
    )
    return PauseOut.of(pause)


@router.delete("/customer/{int:customer_id}/reminder_pause", auth=WRITE, response={204: None})
def resume_reminders_of_customer(request: HttpRequest, customer_id: int) -> None:
    """Ends a pause."""
    resume_customer(customer_id=customer_id, by=actor_of(request), now=timezone.now())
