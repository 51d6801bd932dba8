"""The email that reminds of overdue invoices: one for all of them together."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from omnicrm.customers.models import Contact, Customer
from omnicrm.emails.formats import Money
from omnicrm.emails.invoices import CustomerInvoiceReminder
from omnicrm.invoices.links import pay_url
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
    email = _email(customer, decisions, now=now)
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


def _email(customer: Customer, decisions: Sequence[Decision], *, now: datetime) -> CustomerInvoiceReminder:
    """Of several invoices: all numbers, the oldest due date and its link, and what they come to together."""
    oldest = max(decisions, key=lambda decision: decision.days_overdue)
    if oldest.invoice.due_date is None:
        raise ValueError("an overdue invoice has a due date: the database sees to it")
    return CustomerInvoiceReminder(
        customer_name=customer.customer_name,
        invoice_number=tuple(str(decision.invoice.number) for decision in decisions),
        due_date=oldest.invoice.due_date,
        days_overdue=oldest.days_overdue,
        total_amount=_totals(decisions),
        pay_url=pay_url(oldest.invoice.pk, now=now),
    )


def _totals(decisions: Sequence[Decision]) -> tuple[Money, ...]:
    """One per currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for decision in decisions:
        sums[decision.invoice.currency] += decision.invoice.balance_due
    return tuple(Money(amount=rounded(total, currency), currency=currency) for currency, total in sums.items())
