"""The page about an invoice: what it tells, and what is done from it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils.timezone import now

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.audit.operations import SYSTEM
from omnicrm.backoffice.invoicing.page import timeline
from omnicrm.customers.models import Customer
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.history import messages_about
from omnicrm.invoices.importing import import_invoice
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.queries import invoices_in_full
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.invoice_pages import PAYMENT, draft_of, offered, page, paid, words
from tests.integration.invoices.conftest import (
    A_PDF,
    NOW,
    TODAY,
    files,
    fresh,
    issue,
    mails_about,
    martin,
)

__all__ = ["files", "martin"]


class TestOffers:
    def test_of_a_draft(self, admin: Client, martin: Customer) -> None:
        assert offered(admin, draft_of(martin)) == {"issue", "edit", "pdf", "discard"}

    def test_of_an_issued_invoice(self, admin: Client, martin: Customer) -> None:
        assert offered(admin, issue(martin)) == {"pdf", "payment", "send", "pause", "credit", "log"}

    def test_of_a_paused_one(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        admin.post(page(invoice, "pause_page"), {"reason": "dispute", "until": "", "note": ""})
        assert "resume" in offered(admin, invoice)
        assert "pause" not in offered(admin, invoice)

    def test_nothing_but_reading_to_who_may_only_read(self, sign_in: SignIn, martin: Customer) -> None:
        assert offered(sign_in(Role.READ_ONLY), issue(martin)) == {"pdf"}


class TestIssuing:
    def test_gives_the_number_and_queues_the_email(self, admin: Client, martin: Customer) -> None:
        draft = draft_of(martin)
        question = admin.get(page(draft, "issue_page")).content.decode()
        assert "€120.00" in question
        assert "helene@example.com" in question
        response = admin.post(page(draft, "issue_page"), {"send": "on"}, follow=True)
        number = fresh(draft).number
        assert words(response) == f"Invoice {number} is issued. Email queued for helene@example.com."
        assert len(mails_about(draft)) == 1
        assert Entry.objects.get(action=Action.INVOICE_ISSUED).actor_name

    def test_without_the_tick_no_email_leaves(self, admin: Client, martin: Customer) -> None:
        draft = draft_of(martin)
        response = admin.post(page(draft, "issue_page"), {}, follow=True)
        assert fresh(draft).number
        assert "No email was queued. No email was wanted." in words(response)
        assert not Message.objects.exists()

    def test_a_draft_that_cannot_be_issued_stays_one(self, admin: Client, martin: Customer) -> None:
        draft = create_draft(customer_id=martin.pk, now=NOW)
        shown = admin.post(page(draft, "issue_page"), {"send": "on"}).content.decode()
        assert "Add at least one line." in shown
        assert fresh(draft).number is None

    def test_asked_twice_it_is_issued_once(self, admin: Client, martin: Customer) -> None:
        draft = draft_of(martin)
        admin.post(page(draft, "issue_page"), {"send": "on"})
        number = fresh(draft).number
        assert "is issued and stays as it is" in admin.post(page(draft, "issue_page"), {"send": "on"}).content.decode()
        assert fresh(draft).number == number


def test_a_discarded_draft_is_gone_and_an_issued_invoice_stays(admin: Client, martin: Customer) -> None:
    draft, invoice = draft_of(martin), issue(martin)
    assert "The draft is discarded." in words(admin.post(page(draft, "discard_page"), follow=True))
    assert "stays as it is" in words(admin.post(page(invoice, "discard_page"), follow=True))
    assert list(Invoice.objects.all()) == [invoice]


class TestSendingAgain:
    def test_queues_one_more_email(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        assert "helene@example.com" in admin.get(page(invoice, "send_page")).content.decode()
        assert "Email queued for helene@example.com." in words(admin.post(page(invoice, "send_page"), follow=True))
        assert len(mails_about(invoice)) == 2

    def test_of_a_draft_says_why_not(self, admin: Client, martin: Customer) -> None:
        assert "still a draft" in words(admin.post(page(draft_of(martin), "send_page"), follow=True))


class TestPdf:
    def test_is_shown_as_it_was_issued(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        response = admin.get(page(invoice, "pdf_page"))
        assert response["Content-Disposition"] == f'inline; filename="{invoice.number}.pdf"'
        with default_storage.open(invoice.pdf_path) as stored:
            assert response.content == stored.read()

    def test_of_a_draft_shows_how_it_would_look(self, admin: Client, martin: Customer) -> None:
        assert admin.get(page(draft_of(martin), "pdf_page")).content.startswith(b"%PDF")

    def test_of_an_invoice_issued_elsewhere_is_only_saved(self, admin: Client, martin: Customer) -> None:
        fields: Any = {"number": "OLD-1", "issue_date": TODAY, "due_date": TODAY, "total_amount": Decimal(12)}
        imported = import_invoice(customer_id=martin.pk, pdf=A_PDF, send=False, by=SYSTEM, now=NOW, **fields).invoice
        assert admin.get(page(imported, "pdf_page"))["Content-Disposition"].startswith("attachment")
        assert "its lines are in the PDF" in admin.get(page(imported)).content.decode()

    def test_that_is_gone_is_said(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        default_storage.delete(invoice.pdf_path)
        assert "is gone" in words(admin.get(page(invoice, "pdf_page"), follow=True))


def test_the_timeline_tells_everything_in_its_order(admin: Client, martin: Customer) -> None:
    invoice = issue(martin)
    (mail,) = mails_about(invoice)
    mail.state, mail.accepted_at = State.ACCEPTED, now()
    mail.attempts = [{"at": (now() + timedelta(seconds=1)).isoformat(), "outcome": "accepted", "detail": ""}]
    mail.save(update_fields=["state", "accepted_at", "attempts"])
    paid(invoice, "20", reference="C1", at=now() + timedelta(seconds=2))
    paid(invoice, "100", reference="C2", at=now() + timedelta(seconds=3))
    told = timeline(invoices_in_full().get(pk=invoice.pk), messages_about(invoice.pk), [], {})
    assert [happening.what for happening in told] == [
        "created",
        "issued",
        "Invoice queued",
        "accepted by Mailjet",
        "part payment",
        "paid",
    ]
    assert "helene@example.com" in admin.get(page(invoice)).content.decode()


def test_an_invoice_of_an_erased_customer_is_shown(admin: Client, martin: Customer) -> None:
    invoice = issue(martin)
    Message.objects.all().delete()
    martin.delete()
    assert admin.get(page(invoice)).status_code == 200
    assert "No contact of the customer" in words(admin.post(page(invoice, "send_page"), follow=True))


ACTIONS = ("issue", "edit", "discard", "payment", "reverse", "credit", "send", "reminder", "pause", "resume")


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY, Role.MARKETING])
def test_a_role_that_may_not_write_invoices_changes_nothing(role: Role, sign_in: SignIn, martin: Customer) -> None:
    invoice, browser = issue(martin), sign_in(role)
    payment = paid(invoice, "20")
    for action in ACTIONS:
        address = f"{page(invoice, f'{action}_page')}?payment={payment.pk}"
        assert browser.post(address, {**PAYMENT, "extent": "all", "reason": "dispute"}).status_code == 403, action
    assert (fresh(invoice).paid_amount, fresh(invoice).credited_amount, fresh(invoice).pause_reason) == (20, 0, "")


@pytest.mark.parametrize(("role", "status"), [(Role.SUPPORT, 200), (Role.READ_ONLY, 200), (Role.MARKETING, 403)])
def test_who_may_read_invoices_reads_them(role: Role, status: int, sign_in: SignIn, martin: Customer) -> None:
    invoice, browser = issue(martin), sign_in(role)
    assert browser.get(page(invoice)).status_code == status
    assert browser.get(page(invoice, "pdf_page")).status_code == status
