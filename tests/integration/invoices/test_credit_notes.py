"""Credit notes correct invoices, never beyond what the invoice has of each rate."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.errors import WrongState
from omnicrm.invoices.fields import LineFields
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.states import Kind, State
from tests.integration.invoices.conftest import NOW, fresh, issue, line, mails_about


def credit(invoice: Invoice, *lines: LineFields) -> Invoice:
    return credit_invoice(invoice_id=invoice.pk, lines=lines or None, by=SYSTEM, now=NOW)


@pytest.fixture
def invoice(martin: Customer) -> Invoice:
    """100 EUR at 20 % and 10 EUR at 5.5 %: 130.55 EUR."""
    return issue(martin, line("100"), line("10", rate="5.5", title="Book"))


def test_one_for_all_cancels_the_invoice(invoice: Invoice) -> None:
    note = credit(invoice)
    assert (note.kind, note.total_amount, note.credited_invoice) == (Kind.CREDIT_NOTE, Decimal("130.55"), invoice)
    assert [each.title for each in note.lines.all()] == ["Fibre", "Book"]
    assert (fresh(invoice).state, fresh(invoice).balance_due) == (State.CANCELLED, 0)


def test_one_for_a_part_leaves_the_rest_due(invoice: Invoice) -> None:
    note = credit(invoice, line("25"))
    assert note.total_amount == 30
    assert (fresh(invoice).state, fresh(invoice).balance_due) == (State.ISSUED, Decimal("100.55"))


def test_the_rest_is_credited_to_the_cent(martin: Customer) -> None:
    invoice = issue(martin, *[line("0.03")] * 3)
    for _ in range(3):
        credit(invoice, line("0.01"))
    rest = credit(invoice)
    assert (fresh(invoice).state, fresh(invoice).credited_amount) == (State.CANCELLED, invoice.total_amount)
    assert [each.title for each in rest.lines.all()] == [f"Solde de la facture {invoice.number}"]


def test_parts_never_take_more_tax_than_there_is(martin: Customer) -> None:
    invoice = issue(martin, line("0.09"))
    for _ in range(3):
        credit(invoice, line("0.03"))
    assert fresh(invoice).credited_amount == invoice.total_amount


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (line("101"), "At most €100.00 without tax can still be credited at 20%."),
        (line("1", rate="10"), "The invoice has nothing taxed at 10%."),
        (line("-1"), "A credit note needs a total above 0."),
        (line("0"), "A credit note needs a total above 0."),
    ],
    ids=["too much", "another rate", "negative", "nothing"],
)
def test_what_does_not_fit_is_refused(invoice: Invoice, given: LineFields, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        credit(invoice, given)
    assert fresh(invoice).credited_amount == 0


def test_two_parts_together_cannot_exceed_it(invoice: Invoice) -> None:
    credit(invoice, line("60"))
    with pytest.raises(InvalidInput, match=r"At most €40\.00"):
        credit(invoice, line("60"))


def test_a_part_without_lines_is_a_mistake(invoice: Invoice) -> None:
    with pytest.raises(InvalidInput, match=r"lines: Add at least one line\."):
        credit_invoice(invoice_id=invoice.pk, lines=[], by=SYSTEM, now=NOW)


def test_nothing_is_left_to_credit_after_all_was(invoice: Invoice) -> None:
    credit(invoice)
    with pytest.raises(WrongState, match="There is nothing left to credit"):
        credit(invoice)


def test_drafts_and_credit_notes_are_not_credited(martin: Customer, invoice: Invoice) -> None:
    draft = create_draft(customer_id=martin.pk, lines=[line()], now=NOW)
    for other in (draft, credit(invoice)):
        with pytest.raises(WrongState):
            credit(other)


def test_a_credit_note_sends_no_invoice_email(invoice: Invoice) -> None:
    assert mails_about(credit(invoice)) == []


def test_the_database_lets_no_credit_exceed_the_invoice(invoice: Invoice) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(credited_amount=Decimal(131))
