"""Invoices issued elsewhere: OmniCRM mails them, takes their payments and credits, and keeps their PDF as it came."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.errors import AlreadyTaken, InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.errors import WrongState
from omnicrm.invoices.importing import MAX_PDF_BYTES, import_invoice
from omnicrm.invoices.issuing import Issued
from omnicrm.invoices.mailing import send_again
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.payments import register_payment
from omnicrm.invoices.pdf_files import read_pdf
from omnicrm.invoices.states import State
from tests.integration.invoices.conftest import A_PDF, NOW, TODAY, TOMORROW, a_customer, fresh, issue, mails_about


def take_in(customer: Customer, *, pdf: bytes = A_PDF, **fields: Any) -> Issued:
    given = {
        "number": "F-2026/0042",
        "issue_date": TODAY,
        "due_date": TODAY + timedelta(days=30),
        "total_amount": Decimal("120.50"),
        "total_tax": Decimal("20.08"),
    }
    return import_invoice(customer_id=customer.pk, pdf=pdf, by=SYSTEM, now=NOW, **{**given, **fields})


def credited(customer: Customer, **fields: Any) -> Issued:
    return take_in(customer, **{"number": "A-1", "credited_number": "F-2026/0042", "due_date": None, **fields})


def test_it_is_mailed_with_its_own_number_and_pdf(martin: Customer) -> None:
    invoice = take_in(martin).invoice
    (mail,) = mails_about(invoice)
    assert mail.subject == "Votre Facture - F-2026/0042"
    assert mail.attachments[0]["filename"] == "F-2026-0042.pdf"
    assert read_pdf(invoice) == A_PDF


def test_it_is_paid_and_sent_again_like_any_other(martin: Customer) -> None:
    invoice = take_in(martin).invoice
    send_again(invoice_id=invoice.pk, by=SYSTEM, now=NOW)
    register_payment(
        invoice_id=invoice.pk,
        amount=Decimal("120.50"),
        date=TODAY,
        method="card",
        reference="A",
        by=SYSTEM,
        now=NOW,
    )
    assert (len(mails_about(invoice)), fresh(invoice).state) == (2, State.PAID)


def test_a_number_is_imported_once(martin: Customer, files: Path) -> None:
    take_in(martin)
    with pytest.raises(AlreadyTaken, match=r"number: There is an invoice with this number already\."):
        take_in(a_customer())
    assert len(list(files.glob("invoices/**/*.pdf"))) == 1


@pytest.mark.parametrize(
    ("pdf", "said"),
    [
        (b"", "This is not a PDF."),
        (b"<html>%PDF</html>", "This is not a PDF."),
        (b"PK\x03\x04" + A_PDF[5:], "This is not a PDF."),
        (A_PDF[:20], "The PDF is cut off: its end is missing."),
        (A_PDF + b" " * MAX_PDF_BYTES, "send at most 25000000"),
    ],
    ids=["empty", "html", "zip", "cut off", "huge"],
)
def test_what_is_no_whole_pdf_is_refused(martin: Customer, pdf: bytes, said: str) -> None:
    with pytest.raises(InvalidInput, match=f"pdf: .*{said}"):
        take_in(martin, pdf=pdf)
    assert not Invoice.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "x" * 41}, "number"),
        ({"due_date": None}, "due_date"),
        ({"due_date": TODAY - timedelta(days=1)}, "due_date"),
        ({"issue_date": TOMORROW, "due_date": TOMORROW}, "issue_date"),
        ({"total_amount": Decimal(-1)}, "total_amount"),
        ({"total_amount": Decimal("1.001"), "total_tax": Decimal()}, "total_amount"),
        ({"total_tax": Decimal(121)}, "total_tax"),
        ({"currency": "XXX"}, "currency"),
        ({"start_date": TODAY, "end_date": TODAY - timedelta(days=1)}, "end_date"),
        ({"credited_number": "F-1"}, "due_date"),
        ({"credited_number": "F-1", "due_date": None}, "credited_number"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_named(martin: Customer, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{field}: "):
        take_in(martin, **fields)
    assert not Invoice.objects.exists()


def test_it_is_credited_by_an_imported_credit_note(martin: Customer) -> None:
    invoice = take_in(martin).invoice
    note = credited(martin).invoice
    assert (note.credited_invoice, mails_about(note)) == (invoice, [])
    assert fresh(invoice).state == State.CANCELLED


def test_a_credit_note_takes_no_more_than_is_left(martin: Customer) -> None:
    take_in(martin)
    with pytest.raises(InvalidInput, match=r"credited_number: The credit note is for more than is left"):
        credited(martin, total_amount=Decimal(121))


def test_what_was_issued_here_is_credited_here(martin: Customer) -> None:
    with pytest.raises(InvalidInput, match=r"credited_number: It was issued here: credit it here\."):
        credited(martin, credited_number=issue(martin).number)


def test_what_was_issued_elsewhere_is_credited_elsewhere(martin: Customer) -> None:
    with pytest.raises(WrongState, match="It was issued elsewhere"):
        credit_invoice(invoice_id=take_in(martin).invoice.pk, by=SYSTEM, now=NOW)
