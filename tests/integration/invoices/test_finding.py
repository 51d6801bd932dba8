"""The states that people see, and how invoices are found by them."""

from datetime import timedelta
from decimal import Decimal

import pytest

from omnicrm.audit.models import Action, Entry
from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.errors import WrongState
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pausing import pause_reminders, resume_reminders
from omnicrm.invoices.payments import register_payment
from omnicrm.invoices.queries import find_invoices, is_paused, paused, state_of
from omnicrm.invoices.states import Kind, State
from tests.integration.invoices.conftest import NOW, TODAY, TOMORROW, YESTERDAY, a_customer, fresh, issue, line

LATER = NOW + timedelta(days=10)


@pytest.fixture
def one_of_each(martin: Customer) -> dict[State, Invoice]:
    """One invoice in each state, as of LATER."""
    invoices = {
        State.DRAFT: create_draft(customer_id=martin.pk, lines=[line()], now=NOW),
        State.ISSUED: issue(martin),
        State.PARTIALLY_PAID: issue(martin),
        State.PAID: issue(martin, due_date=TOMORROW),
        State.OVERDUE: issue(martin, due_date=TOMORROW),
        State.CANCELLED: issue(martin, due_date=TOMORROW),
    }
    for state, amount in ((State.PARTIALLY_PAID, 20), (State.PAID, 120), (State.OVERDUE, 20)):
        register_payment(
            invoice_id=invoices[state].pk,
            amount=Decimal(amount),
            date=TODAY,
            method="card",
            reference="A",
            by=SYSTEM,
            now=NOW,
        )
    credit_invoice(invoice_id=invoices[State.CANCELLED].pk, by=SYSTEM, now=NOW)
    return invoices


@pytest.mark.parametrize("state", list(State))
def test_each_state_is_found_and_shown_alike(one_of_each: dict[State, Invoice], state: State) -> None:
    found = find_invoices(state=state, kind=Kind.INVOICE, now=LATER)
    assert list(found) == [one_of_each[state]]
    assert state_of(found[0], now=LATER) == state


def test_an_invoice_is_overdue_from_the_day_after_it_is_due(martin: Customer) -> None:
    invoice = issue(martin, due_date=TOMORROW)
    assert state_of(fresh(invoice), now=NOW + timedelta(days=1)) == State.ISSUED
    assert state_of(fresh(invoice), now=NOW + timedelta(days=2)) == State.OVERDUE


def test_a_credit_note_is_never_overdue(martin: Customer) -> None:
    note = credit_invoice(invoice_id=issue(martin).pk, by=SYSTEM, now=NOW)
    assert list(find_invoices(state=State.ISSUED, kind=Kind.CREDIT_NOTE, now=LATER)) == [note]


def test_filters_hold_together(martin: Customer) -> None:
    early, late = issue(martin, due_date=TOMORROW), issue(martin, due_date=TOMORROW + timedelta(days=5))
    issue(a_customer(), due_date=TOMORROW)
    assert list(find_invoices(customer_id=martin.pk, now=NOW)) == [late, early]
    assert list(find_invoices(customer_id=martin.pk, due_to=TOMORROW, now=NOW)) == [early]
    assert list(find_invoices(due_from=TOMORROW + timedelta(days=1), now=NOW)) == [late]
    assert list(find_invoices(number=str(late.number), now=NOW)) == [late]
    assert not find_invoices(issued_to=YESTERDAY, now=NOW).exists()


def test_a_dispute_pauses_until_it_is_resumed(martin: Customer) -> None:
    invoice = issue(martin)
    pause_reminders(invoice_id=invoice.pk, reason="dispute", note="Wrong tariff", by=SYSTEM, now=NOW)
    assert is_paused(fresh(invoice), now=LATER)
    assert list(Invoice.objects.filter(paused(now=LATER))) == [invoice]
    resume_reminders(invoice_id=invoice.pk, by=SYSTEM, now=NOW)
    assert not is_paused(fresh(invoice), now=NOW)
    assert [entry.action for entry in Entry.objects.order_by("id")][-2:] == [
        Action.REMINDERS_PAUSED,
        Action.REMINDERS_RESUMED,
    ]


def test_a_promise_pauses_up_to_its_day(martin: Customer) -> None:
    invoice = issue(martin)
    pause_reminders(invoice_id=invoice.pk, reason="promise", until=TOMORROW, by=SYSTEM, now=NOW)
    assert is_paused(fresh(invoice), now=NOW + timedelta(days=1))
    assert not is_paused(fresh(invoice), now=NOW + timedelta(days=2))
    assert not Invoice.objects.filter(paused(now=NOW + timedelta(days=2))).exists()


def test_a_promise_needs_a_day_that_is_to_come(martin: Customer) -> None:
    invoice = issue(martin)
    for until in (None, YESTERDAY):
        with pytest.raises(InvalidInput, match=r"^until: "):
            pause_reminders(invoice_id=invoice.pk, reason="promise", until=until, by=SYSTEM, now=NOW)
    with pytest.raises(InvalidInput, match=r"^reason: "):
        pause_reminders(invoice_id=invoice.pk, reason="holiday", by=SYSTEM, now=NOW)


def test_nobody_is_reminded_of_a_credit_note(martin: Customer) -> None:
    note = credit_invoice(invoice_id=issue(martin).pk, by=SYSTEM, now=NOW)
    with pytest.raises(WrongState):
        pause_reminders(invoice_id=note.pk, reason="dispute", by=SYSTEM, now=NOW)
