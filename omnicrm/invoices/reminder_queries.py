"""What was decided about reminders of an invoice, and what is next: for its timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from omnicrm.customers.exporting import columns
from omnicrm.invoices.history import messages_about
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.queries import state_of
from omnicrm.invoices.reminder_mailing import KEY_PREFIX
from omnicrm.invoices.reminder_models import Reminder, ReminderMail, ReminderPause
from omnicrm.invoices.reminder_plan import plans_of
from omnicrm.invoices.states import Kind, State
from omnicrm.outbox.models import Message
from omnicrm.outbox.partitions import lowest_id


@dataclass(frozen=True, kw_only=True, slots=True)
class ReminderFact:
    """A step that was mailed or passed over. One sent by hand has no step. `messages` tell how it went."""

    reminder: Reminder
    messages: Sequence[Message]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """What today's round does: sends the `step`, or nothing, and why."""

    step: int | None
    why_not: str


def reminders_of(invoice_id: int) -> list[ReminderFact]:
    """Oldest first."""
    reminders = list(Reminder.objects.filter(invoice=invoice_id).select_related("mail").order_by("id"))
    return [ReminderFact(reminder=reminder, messages=_messages(reminder)) for reminder in reminders]


def every_email_about(invoice_id: int, reminders: Sequence[ReminderFact]) -> list[Message]:
    """The emails about an invoice and those of its reminders, each once, oldest first."""
    reminding = [message for fact in reminders for message in fact.messages]
    found = {message.id: message for message in [*messages_about(invoice_id), *reminding]}
    return sorted(found.values(), key=lambda message: message.id)


def export_reminders(customer_id: int) -> Mapping[str, Any]:
    """Everything stored about reminders of a customer's invoices, column by column; amounts are texts."""
    steps = Reminder.objects.filter(invoice__customer=customer_id).order_by("id")
    return {
        "reminder_pauses": [columns(pause) for pause in ReminderPause.objects.filter(customer=customer_id)],
        "reminder_mails": [columns(mail) for mail in ReminderMail.objects.filter(customer=customer_id).order_by("id")],
        "reminders": [columns(step) for step in steps],
    }


def outlook_of(invoice: Invoice, *, now: datetime) -> Outlook:
    if invoice.kind == Kind.CREDIT_NOTE or state_of(invoice, now=now) != State.OVERDUE or invoice.customer_id is None:
        return Outlook(step=None, why_not=_("It is not overdue."))
    for plan in plans_of([invoice.customer_id], now=now):
        for decision in plan.decisions:
            if decision.invoice.pk == invoice.pk:
                return Outlook(step=decision.step, why_not=decision.why_not)
    return Outlook(step=None, why_not=_("It is not overdue."))


def _messages(reminder: Reminder) -> list[Message]:
    if reminder.mail is None:
        return []
    since = lowest_id(reminder.mail.created_at)
    found = Message.objects.filter(
        id__gte=since, customer=reminder.mail.customer_id, key__startswith=f"{KEY_PREFIX}{reminder.mail.pk}:"
    )
    return list(found.order_by("id"))
