"""What is issued stays as it is: the database refuses, whoever asks."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import QuerySet

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import delete_customer
from omnicrm.invoices.drafts import create_draft, discard_draft, update_draft
from omnicrm.invoices.errors import WrongState
from omnicrm.invoices.models import Invoice, InvoiceLine, InvoiceTax, Payment
from omnicrm.invoices.payments import register_payment
from tests.integration.invoices.conftest import NOW, TODAY, TOMORROW, a_customer, fresh, issue, line

LIVING = {
    "id",
    "customer_id",
    "paid_amount",
    "credited_amount",
    "state",
    "pause_reason",
    "paused_until",
    "pause_note",
    "updated_at",
}
CONTENT = sorted({field.attname for field in Invoice._meta.concrete_fields} - LIVING)


def refused(records: QuerySet[Invoice] | QuerySet[InvoiceLine] | QuerySet[Payment], **changes: object) -> bool:
    try:
        with transaction.atomic():
            records.update(**changes)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("column", CONTENT)
def test_no_content_of_an_issued_invoice_changes(martin: Customer, column: str) -> None:
    invoice = issue(martin)
    before = getattr(fresh(invoice), column)
    others = {"kind": "credit_note", "client": {}, "net_amount": 1, "total_tax": 1, "total_amount": 1, "pdf_size": 1}
    days = {"start_date": TODAY, "end_date": TODAY, "issue_date": TOMORROW, "due_date": TOMORROW}
    moments = dict.fromkeys(["created_at", "issued_at"], NOW.replace(year=NOW.year + 1))
    whole = {"year": 1999, "sequence": 99, "credited_invoice_id": invoice.pk}
    changed = {**others, **days, **moments, **whole}.get(column, "xx")
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(**{column: changed})
    assert getattr(fresh(invoice), column) == before


def test_an_issued_invoice_cannot_be_deleted(martin: Customer) -> None:
    invoice = issue(martin)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM invoices_invoice WHERE id = %s", [invoice.pk])
    assert fresh(invoice).number == invoice.number


@pytest.mark.parametrize("model", [InvoiceLine, InvoiceTax])
def test_its_lines_and_taxes_neither_change_nor_go(martin: Customer, model: type[InvoiceLine | InvoiceTax]) -> None:
    parts = model.objects.filter(invoice=issue(martin))
    with pytest.raises(IntegrityError), transaction.atomic():
        parts.update(net_amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        parts.delete()
    assert parts.count() == 1


def test_no_line_is_added_to_it(martin: Customer) -> None:
    invoice = issue(martin)
    with pytest.raises(IntegrityError), transaction.atomic():
        InvoiceLine.objects.create(invoice=invoice, position=2, net_amount=0, **line())


def test_a_line_does_not_move_from_a_draft_to_it(martin: Customer) -> None:
    draft = create_draft(customer_id=martin.pk, lines=[line()], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.lines.update(invoice=issue(martin), position=2)


def test_payments_are_only_added(martin: Customer) -> None:
    invoice = issue(martin)
    amount = invoice.total_amount
    register_payment(
        invoice_id=invoice.pk, amount=amount, date=TODAY, method="card", reference="A1", by=SYSTEM, now=NOW
    )
    payments = Payment.objects.filter(invoice=invoice)
    with pytest.raises(IntegrityError), transaction.atomic():
        payments.update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        payments.delete()


def test_it_outlives_its_customer_who_stays_named_in_it(martin: Customer) -> None:
    invoice = issue(martin)
    delete_customer(customer_id=martin.pk)
    assert fresh(invoice).customer_id is None
    assert fresh(invoice).customer_name == "Boulangerie Martin"


def test_it_does_not_go_over_to_another_customer(martin: Customer) -> None:
    invoice = issue(martin)
    assert refused(Invoice.objects.filter(pk=invoice.pk), customer=a_customer())


def test_drafts_go_with_their_customer(martin: Customer) -> None:
    draft = create_draft(customer_id=martin.pk, lines=[line()], now=NOW)
    delete_customer(customer_id=martin.pk)
    assert not Invoice.objects.filter(pk=draft.pk).exists()
    assert not InvoiceLine.objects.filter(invoice=draft.pk).exists()


def test_a_draft_changes_and_is_discarded(martin: Customer) -> None:
    draft = create_draft(customer_id=martin.pk, lines=[line()], now=NOW)
    changed = update_draft(invoice_id=draft.pk, lines=[line("10"), line("20")], notes="Merci\nbeaucoup", now=NOW)
    assert (changed.total_amount, changed.lines.count(), changed.notes) == (36, 2, "Merci\nbeaucoup")
    discard_draft(invoice_id=draft.pk)
    assert not Invoice.objects.exists()


def test_another_currency_rounds_the_lines_anew(martin: Customer) -> None:
    draft = create_draft(customer_id=martin.pk, lines=[line("10.40")], now=NOW)
    assert update_draft(invoice_id=draft.pk, currency="JPY", now=NOW).net_amount == 10


def test_operations_say_why_an_issued_invoice_stays(martin: Customer) -> None:
    invoice = issue(martin)
    with pytest.raises(WrongState, match=r"INV-.* is issued and stays as it is; credit it instead\."):
        update_draft(invoice_id=invoice.pk, notes="x", now=NOW)
    with pytest.raises(WrongState):
        discard_draft(invoice_id=invoice.pk)
