"""Numbers have no gaps, whoever issues at the same time and whatever is rolled back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Customer
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.importing import import_invoice
from omnicrm.invoices.issuing import issue_invoice
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.numbering import take_numbers
from omnicrm.invoices.states import Kind
from tests.integration.invoices.conftest import A_PDF, NOW, TODAY, a_customer, issue, line

AT_ONCE = 4


def a_number(sequence: int) -> str:
    return f"INV-{TODAY.year}-{sequence:06}"


def test_numbers_follow_each_other(martin: Customer) -> None:
    assert [issue(martin).number for _ in range(3)] == [a_number(1), a_number(2), a_number(3)]


def test_a_rollback_gives_its_number_back(martin: Customer) -> None:
    with transaction.atomic():
        issue(martin)
        transaction.set_rollback(True)
    assert issue(martin).number == a_number(1)


def test_credit_notes_have_a_series_of_their_own(martin: Customer) -> None:
    first = issue(martin)
    note = credit_invoice(invoice_id=first.pk, by=SYSTEM, now=NOW)
    assert (note.number, issue(martin).number) == (f"CN-{TODAY.year}-000001", a_number(2))


@pytest.mark.django_db
def test_a_series_with_a_year_begins_again_each_year() -> None:
    numbers = [take_numbers(2, kind=Kind.INVOICE, year=year)[-1].text for year in (2026, 2027)]
    assert numbers == ["INV-2026-000002", "INV-2027-000002"]


@pytest.mark.django_db
def test_a_series_without_a_year_goes_on(configured: Callable[..., None]) -> None:
    configured(numbering={"invoice": "F{sequence}"})
    numbers = [take_numbers(1, kind=Kind.INVOICE, year=year)[0].text for year in (2026, 2027)]
    assert numbers == ["F1", "F2"]


def test_a_number_that_was_imported_is_passed_over(martin: Customer) -> None:
    import_invoice(
        customer_id=martin.pk,
        pdf=A_PDF,
        number=a_number(2),
        issue_date=TODAY,
        due_date=TODAY + timedelta(days=30),
        total_amount=line()["unit_price"],
        by=SYSTEM,
        now=NOW,
    )
    assert [issue(martin).number for _ in range(3)] == [a_number(1), a_number(3), a_number(4)]


@pytest.mark.django_db(transaction=True)
def test_invoices_issued_at_the_same_time_get_numbers_without_gap_or_double() -> None:
    martin, all_ready = a_customer(), Barrier(AT_ONCE)
    drafts = [create_draft(customer_id=martin.pk, lines=[line()], now=NOW) for _ in range(AT_ONCE * 3)]

    def issue_some(start: int) -> None:
        all_ready.wait()
        for draft in drafts[start::AT_ONCE]:
            issue_invoice(invoice_id=draft.pk, by=SYSTEM, now=NOW)
        connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(issue_some, range(AT_ONCE)))
    numbers = sorted(Invoice.objects.values_list("number", flat=True))
    assert numbers == [a_number(sequence) for sequence in range(1, len(drafts) + 1)]


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_two_issue_at_the_same_time_is_issued_once() -> None:
    draft, all_ready = create_draft(customer_id=a_customer().pk, lines=[line()], now=NOW), Barrier(2)

    def try_to_issue(_: int) -> bool:
        all_ready.wait()
        try:
            issue_invoice(invoice_id=draft.pk, by=SYSTEM, now=NOW)
        except ValueError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(try_to_issue, range(2))) == [False, True]
    assert issue(a_customer()).number == a_number(2)
