"""Issuing gives an invoice its number, its PDF and its email: all of them, or nothing."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from pytest_django import DjangoAssertNumQueries

from omnicrm.audit.models import Action, Entry
from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.errors import PdfUnusable, WrongState
from omnicrm.invoices.issuing import create_invoice, issue_invoice, issue_many
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pdf_files import read_pdf
from omnicrm.invoices.previewing import preview_pdf
from omnicrm.invoices.states import State
from omnicrm.invoices.template_files import Template
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane
from tests.integration.invoices.conftest import NOW, TODAY, TOMORROW, a_customer, fresh, issue, line, mails_about


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def draft_of(customer: Customer, price: str = "100") -> Invoice:
    return create_draft(customer_id=customer.pk, lines=[line(price)], now=NOW)


def test_an_issued_invoice_is_dated_today_and_due_after_the_configured_days(martin: Customer) -> None:
    invoice = issue(martin)
    assert (invoice.issue_date, invoice.due_date) == (TODAY, TODAY + timedelta(days=30))
    assert invoice.state == State.ISSUED


def test_its_pdf_is_stored_with_its_digest(martin: Customer, files: Path) -> None:
    invoice = issue(martin)
    stored = (files / invoice.pdf_path).read_bytes()
    assert (invoice.pdf_size, invoice.pdf_sha256) == (len(stored), sha256(stored).hexdigest())
    assert str(invoice.number) in text_of(stored)
    assert "Boulangerie Martin" in text_of(stored)
    assert "1 rue du Four" in text_of(stored)


def test_a_pdf_that_was_changed_is_not_handed_out(martin: Customer, files: Path) -> None:
    invoice = issue(martin)
    (files / invoice.pdf_path).write_bytes(b"%PDF-1.7 something else")
    with pytest.raises(PdfUnusable, match="is not the one that was issued"):
        read_pdf(invoice)


def test_a_pdf_that_is_gone_is_said_to_be(martin: Customer, files: Path) -> None:
    invoice = issue(martin)
    (files / invoice.pdf_path).unlink()
    with pytest.raises(PdfUnusable, match="is gone"):
        read_pdf(invoice)


def test_a_customer_without_address_is_invoiced_and_the_reason_for_no_email_given(db: None) -> None:
    silent = a_customer(contacts=[{"first_name": "Paul", "phone": "+33 1 99 00 12 34"}])
    issued = create_invoice(customer_id=silent.pk, lines=[line()], by=SYSTEM, now=NOW)
    assert (issued.invoice.state, issued.no_email) == (
        State.ISSUED,
        "No contact of the customer has an email address.",
    )


def test_an_invoice_can_be_issued_without_its_email(martin: Customer) -> None:
    assert mails_about(issue(martin, send=False)) == []


def test_an_invoice_over_nothing_is_paid_from_the_start(martin: Customer) -> None:
    assert issue(martin, line("0")).state == State.PAID


def test_it_keeps_the_customer_as_of_that_day(martin: Customer) -> None:
    invoice = issue(martin)
    martin.customer_name = "Boulangerie Durand"
    martin.save()
    assert fresh(invoice).customer_name == "Boulangerie Martin"


def test_issuing_is_recorded(martin: Customer) -> None:
    invoice = issue(martin)
    entry = Entry.objects.get(action=Action.INVOICE_ISSUED)
    assert (entry.target_id, entry.target_name) == (invoice.pk, invoice.number)


@pytest.fixture
def broken_template(configured: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "invoice.html").write_text("<p>{{ client.name }}</p>\n{{ 1 / (total_amount - 12) }}", encoding="utf-8")
    monkeypatch.setattr("omnicrm.invoices.rendering.configured_template", lambda: Template((folder,), "invoice.html"))
    return folder


def test_a_template_at_fault_leaves_nothing_behind(martin: Customer, files: Path, broken_template: Path) -> None:
    with pytest.raises(InvalidInput, match=r"template: .*invoice\.html:2: "):
        issue(martin, line("10"))
    assert not Invoice.objects.exists()
    assert not Message.objects.exists()
    assert not list(files.glob("invoices/**/*.pdf"))


def test_of_many_one_that_cannot_be_drawn_stays_a_draft_and_leaves_no_gap(
    martin: Customer, files: Path, broken_template: Path
) -> None:
    drafts = [draft_of(martin, price) for price in ("1", "10", "2")]
    outcome = issue_many(invoice_ids=[draft.pk for draft in drafts], now=NOW)
    assert [fresh(draft).number for draft in drafts] == [
        f"INV-{TODAY.year}-000001",
        None,
        f"INV-{TODAY.year}-000002",
    ]
    assert "invoice.html:2" in outcome.refused[drafts[1].pk].message
    assert len(list(files.glob("invoices/**/*.pdf"))) == 2
    assert Message.objects.count() == 2


def test_of_many_each_is_issued_once_however_often_it_is_asked(martin: Customer) -> None:
    ids = [draft_of(martin).pk for _ in range(3)]
    assert len(issue_many(invoice_ids=ids, now=NOW).issued) == 3
    assert issue_many(invoice_ids=ids, now=NOW).issued == []
    assert Message.objects.count() == 3


def test_many_take_as_many_queries_as_few(
    martin: Customer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    few, many = ([draft_of(martin).pk for _ in range(count)] for count in (2, 12))
    issue_many(invoice_ids=few, now=NOW)
    with django_assert_max_num_queries(24):
        issue_many(invoice_ids=many, now=NOW)


def test_a_run_may_mail_in_the_lane_for_many(martin: Customer) -> None:
    issue_many(invoice_ids=[draft_of(martin).pk], lane=Lane.BULK, now=NOW)
    assert Message.objects.get().lane == Lane.BULK


def test_a_draft_without_lines_is_not_issued(martin: Customer) -> None:
    draft = create_draft(customer_id=martin.pk, lines=[], now=NOW)
    with pytest.raises(InvalidInput, match=r"lines: Add at least one line\."):
        issue_invoice(invoice_id=draft.pk, by=SYSTEM, now=NOW)


def test_a_draft_that_lay_past_its_due_date_is_not_issued(martin: Customer) -> None:
    draft = create_draft(customer_id=martin.pk, lines=[line()], due_date=TOMORROW, now=NOW)
    with pytest.raises(InvalidInput, match="due_date: The due date lies before the date of issue"):
        issue_invoice(invoice_id=draft.pk, by=SYSTEM, now=NOW + timedelta(days=3))
    assert fresh(draft).state == State.DRAFT


def test_an_issued_invoice_is_not_issued_again(martin: Customer) -> None:
    with pytest.raises(WrongState):
        issue_invoice(invoice_id=issue(martin).pk, by=SYSTEM, now=NOW)


def test_a_draft_can_be_looked_at_before(martin: Customer) -> None:
    pdf = preview_pdf(invoice_id=draft_of(martin).pk, now=NOW)
    assert "Boulangerie Martin" in text_of(pdf)


def test_5000_lines_make_many_pages_and_one_exact_sum(martin: Customer) -> None:
    invoice = issue(martin, *[line("0.01", title=f"Call {index}") for index in range(5_000)])
    assert (invoice.net_amount, invoice.total_tax) == (Decimal(50), Decimal(10))
    assert len(PdfReader(BytesIO(read_pdf(invoice))).pages) > 50


HOSTILE = (
    "<script>alert(1)</script><img src=file:///etc/passwd> \N{RIGHT-TO-LEFT OVERRIDE}abc \N{CROISSANT} عربى"
    " {{ 7 * 1234567 }}"
)


def test_hostile_text_is_printed_as_it_is(db: None) -> None:
    invoice = issue(a_customer(customer_name=HOSTILE), line(title=HOSTILE), notes=HOSTILE)
    text = text_of(read_pdf(invoice)).replace("\n", "")
    assert "<script>alert(1)</script>" in text
    assert "root:" not in text
    assert "8641969" not in text
