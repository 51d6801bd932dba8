"""Payments are booked once, and the invoice's state follows them in the database."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.errors import AlreadyTaken, InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.errors import WrongState
from omnicrm.invoices.models import Invoice, Payment
from omnicrm.invoices.payments import register_payment, reverse_payment
from omnicrm.invoices.states import State
from tests.integration.invoices.conftest import NOW, TODAY, TOMORROW, a_customer, fresh, issue, line


def pay(invoice: Invoice, amount: str = "120", reference: str = "BANK-1", **fields: Any) -> Payment:
    given = {"date": TODAY, "method": "transfer", **fields}
    return register_payment(
        invoice_id=invoice.pk, amount=Decimal(amount), reference=reference, by=SYSTEM, now=NOW, **given
    )


@pytest.fixture
def invoice(martin: Customer) -> Invoice:
    """Of 120 EUR."""
    return issue(martin)


def test_a_part_makes_it_partially_paid_and_the_rest_paid(invoice: Invoice) -> None:
    pay(invoice, "20")
    assert (fresh(invoice).state, fresh(invoice).balance_due) == (State.PARTIALLY_PAID, 100)
    pay(invoice, "100", "BANK-2")
    assert (fresh(invoice).state, fresh(invoice).balance_due) == (State.PAID, 0)


def test_the_same_payment_is_not_booked_twice(invoice: Invoice) -> None:
    pay(invoice, "20")
    with pytest.raises(AlreadyTaken, match=r"reference: A payment with this reference is booked"):
        pay(invoice, "20")
    assert fresh(invoice).paid_amount == 20


@pytest.mark.django_db(transaction=True)
def test_the_same_payment_sent_twice_at_once_is_booked_once() -> None:
    invoice, all_ready = issue(a_customer()), Barrier(2)

    def try_to_pay(_: int) -> bool:
        all_ready.wait()
        try:
            pay(invoice, "20")
        except AlreadyTaken:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(try_to_pay, range(2))) == [False, True]
    assert fresh(invoice).paid_amount == 20


def test_one_transfer_may_pay_several_invoices(martin: Customer, invoice: Invoice) -> None:
    pay(invoice, reference="BANK-1")
    pay(other := issue(martin), reference="BANK-1")
    assert fresh(other).state == State.PAID


def test_more_than_is_due_is_taken_for_a_mistake(invoice: Invoice) -> None:
    with pytest.raises(InvalidInput, match=r"amount: Only €120\.00 is still due"):
        pay(invoice, "1200")


def test_more_than_is_due_can_come_in_all_the_same_and_go_back(invoice: Invoice) -> None:
    pay(invoice, "150", allow_overpayment=True)
    assert (fresh(invoice).state, fresh(invoice).overpaid_amount) == (State.PAID, 30)
    pay(invoice, "-30", "REFUND-1")
    assert (fresh(invoice).state, fresh(invoice).overpaid_amount) == (State.PAID, 0)


def test_no_more_is_refunded_than_was_overpaid(invoice: Invoice) -> None:
    pay(invoice)
    with pytest.raises(InvalidInput, match=r"amount: At most €0\.00 was overpaid"):
        pay(invoice, "-1", "REFUND-1")


def test_what_was_paid_before_a_credit_note_is_overpaid(invoice: Invoice) -> None:
    pay(invoice)
    credit_invoice(invoice_id=invoice.pk, by=SYSTEM, now=NOW)
    assert (fresh(invoice).state, fresh(invoice).overpaid_amount) == (State.CANCELLED, 120)


def test_a_payment_the_bank_returns_is_due_again(invoice: Invoice) -> None:
    payment = pay(invoice)
    reversal = reverse_payment(payment_id=payment.pk, by=SYSTEM, now=NOW)
    assert (reversal.amount, reversal.reverses_id) == (-120, payment.pk)
    assert (fresh(invoice).state, fresh(invoice).balance_due) == (State.ISSUED, 120)


def test_a_payment_returns_once(invoice: Invoice) -> None:
    payment = pay(invoice)
    reversal = reverse_payment(payment_id=payment.pk, by=SYSTEM, now=NOW)
    for again in (payment, reversal):
        with pytest.raises(WrongState):
            reverse_payment(payment_id=again.pk, by=SYSTEM, now=NOW)


def test_a_reference_of_full_length_can_be_taken_back(invoice: Invoice) -> None:
    payment = pay(invoice, reference="x" * 100)
    assert len(reverse_payment(payment_id=payment.pk, by=SYSTEM, now=NOW).reference) == 100


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"reference": " "}, "reference"),
        ({"date": TOMORROW}, "date"),
        ({"date": None}, "date"),
        ({"method": "barter"}, "method"),
    ],
    ids=["nothing", "tenth of a cent", "no number", "no reference", "to come", "no day", "unknown method"],
)
def test_what_is_no_payment_is_refused(invoice: Invoice, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: "):
        pay(invoice, **fields)
    assert fresh(invoice).paid_amount == 0


def test_drafts_and_credit_notes_take_no_payments(martin: Customer, invoice: Invoice) -> None:
    draft = create_draft(customer_id=martin.pk, lines=[line()], now=NOW)
    note = credit_invoice(invoice_id=invoice.pk, by=SYSTEM, now=NOW)
    for other in (draft, note):
        with pytest.raises(WrongState):
            pay(other)
        with pytest.raises(DatabaseError), transaction.atomic():
            Payment.objects.create(invoice=other, amount=1, date=TODAY, method="card", reference="X", created_at=NOW)


def test_a_payment_written_past_the_operations_moves_the_state_too(invoice: Invoice) -> None:
    Payment.objects.create(invoice=invoice, amount=120, date=TODAY, method="card", reference="X", created_at=NOW)
    assert fresh(invoice).state == State.PAID


def test_no_more_goes_back_than_came_in(invoice: Invoice) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Payment.objects.create(invoice=invoice, amount=-1, date=TODAY, method="card", reference="X", created_at=NOW)
