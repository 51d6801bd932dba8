"""The email that reminds of overdue invoices: one for all of them together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from omnicrm.customers.models import Contact, Customer
from omnicrm.emails.formats import Money
from omnicrm.emails.invoices import CustomerInvoiceReminder, OverdueInvoice
from omnicrm.invoices.links import invoice_url, pay_url
from omnicrm.invoices.money import rounded
from omnicrm.invoices.reminder_models import ReminderMail
from omnicrm.invoices.reminder_plan import Decision
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.operations import Outgoing
from omnicrm.outbox.states import Lane

KEY_PREFIX: Final = "reminder:"
"""Keys are `reminder:<mail>:<contact>`. They cannot name an invoice as there may be several: Reminder does."""


def mails_for(
    mail: ReminderMail,
    customer: Customer,
    contacts: Sequence[Contact],
    decisions: Sequence[Decision],
    *,
    lane: Lane | None,
    expires_at: datetime,
    now: datetime,
) -> list[Outgoing]:
    """One per contact."""
    invoices = sorted((_item(decision, now=now) for decision in decisions), key=lambda invoice: invoice.due_date)
    email = CustomerInvoiceReminder.about(*invoices, customer_name=customer.customer_name)
    return [
        Outgoing(
            email=email,
            to=Recipient(
                email=contact.email,
                name=contact.full_name or customer.customer_name,
                language=customer.language,
                customer_id=customer.pk,
            ),
            key=f"{KEY_PREFIX}{mail.pk}:{contact.pk}",
            expires_at=expires_at,
            lane=lane,
        )
        for contact in contacts
    ]


def _item(decision: Decision, *, now: datetime) -> OverdueInvoice:
    invoice = decision.invoice
    if invoice.due_date is None:
        raise ValueError("an overdue invoice has a due date: the database sees to it")
    return OverdueInvoice(
        invoice_number=str(invoice.number),
        due_date=invoice.due_date,
        days_overdue=decision.days_overdue,
        total_amount=Money(amount=rounded(invoice.balance_due, invoice.currency), currency=invoice.currency),
        invoice_url=invoice_url(invoice.pk, now=now),
        pay_url=pay_url(invoice.pk, now=now),
    )
