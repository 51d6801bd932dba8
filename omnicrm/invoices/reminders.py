"""Reminders of overdue invoices: at their steps, at most one mail per customer and day, and by hand.

A step is spent by a row that names the invoice and the step, which the database takes but once; it is written in the
transaction that queues the mail. Whoever comes twice, or after a crash, finds it spent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

import structlog
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import locked
from omnicrm.customers.rules import clean, text
from omnicrm.invoices.days import local_day
from omnicrm.invoices.errors import WrongState, not_for_credit_notes, not_issued
from omnicrm.invoices.mailing import contacts_for_invoices, no_address, queued
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pausing import pause_values
from omnicrm.invoices.recording import customer_target, target
from omnicrm.invoices.reminder_mailing import mails_for
from omnicrm.invoices.reminder_models import Reminder, ReminderMail, ReminderPause
from omnicrm.invoices.reminder_plan import (
    AT_ONCE,
    CustomerPlan,
    Decision,
    customers_to_remind,
    days_overdue,
    pause_of,
    plans_of,
    why_not_customer,
    why_not_invoice,
)
from omnicrm.invoices.reminder_withdrawing import withdraw_what_did_not_leave
from omnicrm.invoices.states import OPEN, Kind, PauseReason
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import enqueue_many
from omnicrm.outbox.states import Lane

PASSED_OVER: Final = gettext_noop("A later step had come by then.")
MAX_FORCE_REASON: Final = 500
VALID: Final = timedelta(days=1)
"""A reminder that could not leave within a day would say a wrong number of days; its step is due again then."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """What a day's round did: how many customers were sent a mail, about how many invoices, and who failed."""

    customers: int = 0
    invoices: int = 0
    failed: Sequence[int] = ()


def remind_all(*, limit: int | None = None, now: datetime) -> Round:
    """Sends every reminder that is due, or those to `limit` customers. May come again at any time: what is spent is
    spent. One failing customer is logged and holds nobody up."""
    withdraw_what_did_not_leave(now=now)
    customers = invoices = 0
    failed: list[int] = []
    for customer_id in islice(_due_customers(now), limit):
        try:
            reminded = remind_customer(customer_id=customer_id, now=now)
        except OperationalError:
            raise
        except Exception:
            log.exception("reminder_failed", customer=customer_id)
            failed.append(customer_id)
            continue
        customers += bool(reminded)
        invoices += reminded
    return Round(customers=customers, invoices=invoices, failed=failed)


def _due_customers(now: datetime) -> Iterator[int]:
    """Those who are paused, or without an address, are passed over here, many at once."""
    ids = customers_to_remind(now=now)
    for start in range(0, len(ids), AT_ONCE):
        yield from (plan.customer.pk for plan in plans_of(ids[start : start + AT_ONCE], now=now) if plan.due)


@transaction.atomic
def remind_customer(*, customer_id: int, now: datetime) -> int:
    """Sends one customer what is due today, in one mail; returns of how many invoices."""
    customer = Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).first()
    if customer is None:
        return 0
    (plan,) = plans_of([customer_id], now=now)
    if plan.due:
        _send(plan, now=now)
    return len(plan.due)


@transaction.atomic
def send_reminder(*, invoice_id: int, force_reason: str = "", by: Actor, now: datetime) -> list[Message]:
    """Sends a reminder by hand, which spends no step.

    Raises WrongState if there is nothing to remind of, or the invoice is disputed; a promise to pay, another pause or a
    reminder on the same day hold it back as well, unless there is a `force_reason`.
    """
    note = clean({"force_reason": text(MAX_FORCE_REASON)}, {"force_reason": force_reason})["force_reason"]
    customer_id = Invoice.objects.values_list("customer_id", flat=True).get(pk=invoice_id)
    customer = locked(Customer.objects, customer_id) if customer_id else None
    invoice = locked(Invoice.objects, invoice_id)
    contacts = contacts_for_invoices(customer.contacts.all()) if customer else []
    _require_remindable(invoice, customer, now=now)
    if customer is None or not contacts:
        raise WrongState(no_address())
    if not note and (obstacle := next(_obstacles(invoice, customer, now=now), "")):
        raise WrongState(_("%(obstacle)s Give a force_reason to send it all the same.") % {"obstacle": obstacle})
    today = local_day(now)
    mail = ReminderMail.objects.create(customer=customer, day=today, is_manual=True, note=note, created_at=now)
    decision = Decision(invoice=invoice, days_overdue=days_overdue(invoice, today=today))
    Reminder.objects.create(invoice=invoice, mail=mail, amount=invoice.balance_due, created_at=now)
    mails = mails_for(mail, customer, contacts, [decision], lane=None, expires_at=now + VALID, now=now)
    enqueue_many(mails, now=now)
    record(action=Action.REMINDER_SENT, by=by, target=target(invoice), detail={"reason": note}, now=now)
    return queued(mails)


@transaction.atomic
def pause_customer(
    *, customer_id: int, reason: str, until: date | None = None, note: str = "", by: Actor, now: datetime
) -> ReminderPause:
    """No reminders to a customer up to and including `until`, or until they are resumed. A promise needs its day."""
    customer = locked(Customer.objects, customer_id)
    values = pause_values(reason=reason, until=until, note=note, now=now)
    pause, _created = ReminderPause.objects.update_or_create(customer=customer, defaults={**values, "created_at": now})
    detail = {"reason": pause.reason, "until": pause.until and pause.until.isoformat()}
    record(action=Action.REMINDERS_PAUSED, by=by, target=customer_target(customer), detail=detail, now=now)
    return pause


@transaction.atomic
def resume_customer(*, customer_id: int, by: Actor, now: datetime) -> None:
    """Ends a pause. Does nothing where there is none."""
    customer = locked(Customer.objects, customer_id)
    deleted, _by_model = ReminderPause.objects.filter(customer=customer).delete()
    if deleted:
        record(action=Action.REMINDERS_RESUMED, by=by, target=customer_target(customer), now=now)


def _send(plan: CustomerPlan, *, now: datetime) -> None:
    mail = ReminderMail.objects.create(customer=plan.customer, day=local_day(now), created_at=now)
    Reminder.objects.bulk_create(_rows(mail, plan.due, now=now))
    enqueue_many(
        mails_for(mail, plan.customer, plan.contacts, plan.due, lane=Lane.BULK, expires_at=now + VALID, now=now),
        now=now,
    )


def _rows(mail: ReminderMail, due: Sequence[Decision], *, now: datetime) -> Iterator[Reminder]:
    for decision in due:
        invoice = decision.invoice
        for step in decision.passed_over:
            yield Reminder(invoice=invoice, step=step, reason=PASSED_OVER, created_at=now)
        yield Reminder(invoice=invoice, step=decision.step, mail=mail, amount=invoice.balance_due, created_at=now)


def _require_remindable(invoice: Invoice, customer: Customer | None, *, now: datetime) -> None:
    if invoice.number is None:
        raise not_issued()
    if invoice.kind == Kind.CREDIT_NOTE:
        raise not_for_credit_notes(invoice)
    if invoice.state not in OPEN:
        raise WrongState(_("Nothing of it is to be paid."))
    if days_overdue(invoice, today=local_day(now)) <= 0:
        raise WrongState(_("It is not overdue."))
    pause = pause_of(customer, today=local_day(now)) if customer else None
    if PauseReason.DISPUTE in {why_not_invoice(invoice, now=now) and invoice.pause_reason, pause and pause.reason}:
        raise WrongState(_("It is disputed; resume its reminders first."))


def _obstacles(invoice: Invoice, customer: Customer, *, now: datetime) -> Iterator[str]:
    today = local_day(now)
    yield from filter(None, (why_not_customer(customer, today=today), why_not_invoice(invoice, now=now)))
    if ReminderMail.objects.filter(customer=customer, day=today, withdrawn_at=None).exists():
        yield _("The customer was reminded today.")
