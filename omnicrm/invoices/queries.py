"""Reads of invoices."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from omnicrm.customers.exporting import columns
from omnicrm.invoices.days import local_day
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.states import OPEN, Kind, State
from omnicrm.outbox.attachments import LARGEST_ATTACHED


def invoices_in_full() -> QuerySet[Invoice]:
    """Invoices with lines, taxes, payments and credit notes at hand: six queries however many they are."""
    return Invoice.objects.select_related("credited_invoice").prefetch_related(
        "lines", "taxes", "payments", "credit_notes"
    )


def find_invoices(
    *,
    customer_id: int | None = None,
    kind: str | None = None,
    state: str | None = None,
    number: str = "",
    due_from: date | None = None,
    due_to: date | None = None,
    issued_from: date | None = None,
    issued_to: date | None = None,
    now: datetime,
) -> QuerySet[Invoice]:
    """Invoices and credit notes that fulfil all that is given, newest first. All bounds are included."""
    given = {
        "customer_id": customer_id,
        "kind": kind,
        "number": number or None,
        "due_date__gte": due_from,
        "due_date__lte": due_to,
        "issue_date__gte": issued_from,
        "issue_date__lte": issued_to,
    }
    invoices = Invoice.objects.filter(**{name: value for name, value in given.items() if value is not None})
    return invoices.filter(in_state(state, now=now)) if state else invoices


def in_state(state: str, *, now: datetime) -> Q:
    """Invoices whose state, as people see it, is this one."""
    if state == State.OVERDUE:
        return overdue(now=now)
    if state in OPEN:
        return Q(state=state) & ~Q(kind=Kind.INVOICE, due_date__lt=local_day(now))
    return Q(state=state)


def overdue(*, now: datetime) -> Q:
    """Invoices of which something is to be paid whose due date has passed."""
    return Q(state__in=OPEN, kind=Kind.INVOICE, due_date__lt=local_day(now))


def state_of(invoice: Invoice, *, now: datetime) -> State:
    """The state as people see it."""
    stored = State(invoice.state)
    is_late = invoice.due_date is not None and invoice.due_date < local_day(now)
    return State.OVERDUE if stored in OPEN and is_late else stored


def paused(*, now: datetime) -> Q:
    """Invoices that are not reminded of at the moment."""
    return ~Q(pause_reason="") & (Q(paused_until=None) | Q(paused_until__gte=local_day(now)))


def is_paused(invoice: Invoice, *, now: datetime) -> bool:
    return bool(invoice.pause_reason) and (invoice.paused_until is None or invoice.paused_until >= local_day(now))


def too_large_to_mail() -> Q:
    """Invoices that were mailed by their link alone: staff may want to know."""
    return Q(pdf_size__gt=LARGEST_ATTACHED)


def export_invoices(customer_id: int) -> list[Mapping[str, Any]]:
    """Everything stored about a customer's invoices, column by column; amounts are texts."""
    return [
        {
            **columns(invoice),
            "lines": [columns(line) for line in invoice.lines.all()],
            "payments": [columns(payment) for payment in invoice.payments.all()],
        }
        for invoice in Invoice.objects.filter(customer=customer_id).prefetch_related("lines", "payments")
    ]
