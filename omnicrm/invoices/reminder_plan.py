"""Who is to be reminded of what today, and why others are not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext as _

from omnicrm.customers.models import Contact, Customer
from omnicrm.invoices.days import local_day
from omnicrm.invoices.mailing import contacts_for_invoices, no_address
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.queries import is_paused, overdue
from omnicrm.invoices.reminder_models import Reminder, ReminderMail, ReminderPause
from omnicrm.invoices.reminder_steps import all_steps, due_between, step_at, steps_for
from omnicrm.invoices.states import PauseReason

AT_ONCE: Final = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """About one overdue invoice: the `step` to be sent and those it passes over, or `why_not`."""

    invoice: Invoice
    days_overdue: int
    step: int | None = None
    passed_over: Sequence[int] = ()
    why_not: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerPlan:
    """All overdue invoices of a customer, oldest first. Those that are `due` leave in one mail."""

    customer: Customer
    contacts: Sequence[Contact]
    decisions: Sequence[Decision]

    @property
    def due(self) -> list[Decision]:
        return [decision for decision in self.decisions if decision.step is not None]


def customers_to_remind(*, now: datetime) -> list[int]:
    """The ids of all customers who may be due for a step today; a few are not, which their plans tell."""
    today = local_day(now)
    at_a_step = Q(pk__in=[])
    for steps in all_steps():
        for step, following in pairwise((*steps, None)):
            first, last = due_between(step or 0, following, today=today)
            spent = Reminder.objects.filter(invoice=OuterRef("pk"), step=step, withdrawn_at=None)
            bounds = Q(due_date__lte=last) & (Q(due_date__gte=first) if first else Q())
            at_a_step |= bounds & Q(~Exists(spent))
    found = Invoice.objects.filter(overdue(now=now), at_a_step, customer__isnull=False).order_by("customer_id")
    return list(found.values_list("customer_id", flat=True).distinct())


def plans(*, now: datetime) -> Iterator[CustomerPlan]:
    """Of all customers with an overdue invoice, in the order of their ids, some hundred in memory at a time."""
    late = Invoice.objects.filter(overdue(now=now), customer__isnull=False).order_by("customer_id")
    ids = list(late.values_list("customer_id", flat=True).distinct())
    for start in range(0, len(ids), AT_ONCE):
        yield from plans_of(ids[start : start + AT_ONCE], now=now)


def plans_of(customer_ids: Iterable[int], *, now: datetime) -> list[CustomerPlan]:
    """Six queries however many they are."""
    today = local_day(now)
    invoices = Invoice.objects.filter(overdue(now=now)).order_by("due_date", "pk")
    spent = Prefetch("reminders", Reminder.objects.filter(withdrawn_at=None), to_attr="spent")
    customers = (
        Customer.objects.filter(pk__in=list(customer_ids))
        .select_related("reminder_pause")
        .prefetch_related("contacts", Prefetch("invoices", invoices.prefetch_related(spent), to_attr="late"))
        .order_by("pk")
    )
    reminded = set(
        ReminderMail.objects.filter(customer__in=customers, day=today, withdrawn_at=None).values_list(
            "customer_id", flat=True
        )
    )
    return [_plan(customer, is_reminded=customer.pk in reminded, today=today, now=now) for customer in customers]


def _plan(customer: Customer, *, is_reminded: bool, today: date, now: datetime) -> CustomerPlan:
    contacts = contacts_for_invoices(customer.contacts.all())
    why_nobody = why_not_customer(customer, today=today)
    if not why_nobody and not contacts:
        why_nobody = no_address()
    if not why_nobody and is_reminded:
        why_nobody = _("The customer was reminded today.")
    late: list[Invoice] = getattr(customer, "late", [])
    decisions = [_decision(invoice, customer, why_nobody, today=today, now=now) for invoice in late]
    return CustomerPlan(customer=customer, contacts=contacts, decisions=decisions)


def _decision(invoice: Invoice, customer: Customer, why_nobody: str, *, today: date, now: datetime) -> Decision:
    days = days_overdue(invoice, today=today)
    steps = steps_for(customer)
    step = step_at(days, steps)
    spent = {reminder.step for reminder in getattr(invoice, "spent", ())}
    if step is None or step in spent or (why_not := why_nobody or why_not_invoice(invoice, now=now)):
        reason = why_not if step is not None and step not in spent else _why_no_step(step, days, steps)
        return Decision(invoice=invoice, days_overdue=days, why_not=reason)
    passed_over = [earlier for earlier in steps if earlier < step and earlier not in spent]
    return Decision(invoice=invoice, days_overdue=days, step=step, passed_over=passed_over)


def _why_no_step(step: int | None, days: int, steps: tuple[int, ...]) -> str:
    following = next((each for each in steps if each > days), None)
    if following is not None:
        return _("The next step is at %(days)d days.") % {"days": following}
    return _("All steps are done.") if step is not None else _("There are no steps for this customer.")


def days_overdue(invoice: Invoice, *, today: date) -> int:
    return (today - invoice.due_date).days if invoice.due_date else 0


def why_not_customer(customer: Customer, *, today: date) -> str:
    pause = pause_of(customer, today=today)
    return _("Reminders to the customer pause: %(reason)s.") % {"reason": _label(pause.reason)} if pause else ""


def why_not_invoice(invoice: Invoice, *, now: datetime) -> str:
    if not is_paused(invoice, now=now):
        return ""
    return _("Its reminders pause: %(reason)s.") % {"reason": _label(invoice.pause_reason)}


def pause_of(customer: Customer, *, today: date) -> ReminderPause | None:
    """The customer's pause, if it holds on this day."""
    pause: ReminderPause | None = getattr(customer, "reminder_pause", None)
    return pause if pause and (pause.until is None or pause.until >= today) else None


def _label(reason: str) -> str:
    return str(PauseReason(reason).label)
