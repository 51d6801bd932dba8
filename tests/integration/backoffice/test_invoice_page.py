"""The page about an invoice: what it tells, and what is done from it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.audit.operations import SYSTEM
from omnicrm.backoffice.invoice_page import timeline
from omnicrm.customers.models import Customer
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.history import messages_about
from omnicrm.invoices.importing import import_invoice
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.payments import register_payment
from omnicrm.invoices.queries import invoices_in_full
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.test_invoice_list import late
from tests.integration.invoices.conftest import (
    A_PDF,
    NOW,
    TODAY,
    TOMORROW,
    files,
    fresh,
    issue,
    line,
    mails_about,
    martin,
)

__all__ = ["files", "martin"]

PAYMENT = {"amount": "20,00", "date": TODAY.isoformat(), "method": "transfer", "reference": "RIB 77"}


def page(invoice: Invoice, name: str = "change") -> str:
    return reverse(f"admin:invoices_invoice_{name}", args=[invoice.pk])


def words(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def offered(browser: Client, invoice: Invoice) -> set[str]:
    shown = browser.get(page(invoice)).content.decode()
    others = ("payment", "send", "reminder", "pause", "resume", "credit", "reverse")
    names = ("issue", "edit", "discard", "pdf", "log", *others)
    return {name for name in names if f'href="{page(invoice, f"{name}_page")}"' in shown}


def draft_of(customer: Customer) -> Invoice:
    return create_draft(customer_id=customer.pk, now=NOW, lines=[line()])


def paid(invoice: Invoice, amount: str = "120") -> Any:
    fields: Any = {"amount": Decimal(amount), "date": TODAY, "method": "card", "reference": "C1"}
    return register_payment(invoice_id=invoice.pk, by=SYSTEM, now=NOW, **fields)


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


class TestPayments:
    def test_one_is_booked(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        response = admin.post(page(invoice, "payment_page"), PAYMENT, follow=True)
        assert words(response) == "The payment of €20.00 is booked."
        assert fresh(invoice).balance_due == Decimal(100)
        shown = admin.get(page(invoice)).content.decode()
        assert "RIB 77" in shown
        assert "€100.00" in shown

    def test_the_form_proposes_what_is_due_today(self, admin: Client, martin: Customer) -> None:
        form = admin.get(page(issue(martin), "payment_page")).context["form"]
        assert (form["amount"].value(), form["method"].value()) == ("120.00", None)

    def test_the_same_reference_is_booked_once(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        admin.post(page(invoice, "payment_page"), PAYMENT)
        assert (
            "is booked on this invoice already" in admin.post(page(invoice, "payment_page"), PAYMENT).content.decode()
        )
        assert fresh(invoice).paid_amount == 20

    def test_too_much_is_asked_about(self, admin: Client, martin: Customer) -> None:
        invoice, too_much = issue(martin), {**PAYMENT, "amount": "200"}
        assert "Only €120.00 is still due" in admin.post(page(invoice, "payment_page"), too_much).content.decode()
        admin.post(page(invoice, "payment_page"), {**too_much, "allow_overpayment": "on"})
        assert fresh(invoice).overpaid_amount == 80

    @pytest.mark.parametrize(("field", "value"), [("amount", "x"), ("date", TOMORROW.isoformat()), ("reference", "")])
    def test_wrong_input_books_nothing(self, admin: Client, martin: Customer, field: str, value: str) -> None:
        invoice = issue(martin)
        response = admin.post(page(invoice, "payment_page"), {**PAYMENT, field: value})
        assert response.context["form"].errors[field]
        assert fresh(invoice).paid_amount == 0

    def test_one_is_taken_back_once(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        payment = paid(invoice)
        undo = f"{page(invoice, 'reverse_page')}?payment={payment.pk}"
        assert undo in admin.get(page(invoice)).content.decode()
        assert "€120.00" in admin.get(undo).content.decode()
        assert words(admin.post(undo, follow=True)) == "The payment is taken back."
        assert "It has been taken back before." in words(admin.post(undo, follow=True))
        assert fresh(invoice).paid_amount == 0
        assert undo not in admin.get(page(invoice)).content.decode()

    def test_a_payment_of_another_invoice_is_not_taken_back_here(self, admin: Client, martin: Customer) -> None:
        mine, other = issue(martin), issue(martin)
        payment = paid(other)
        admin.post(f"{page(mine, 'reverse_page')}?payment={payment.pk}")
        assert fresh(other).paid_amount == 120


class TestCrediting:
    def test_all_of_it_cancels_the_invoice(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        response = admin.post(page(invoice, "credit_page"), {"extent": "all", "notes": ""}, follow=True)
        note = Invoice.objects.get(credited_invoice=invoice)
        assert str(note.number) in words(response)
        assert fresh(invoice).state == "cancelled"
        assert page(note) in admin.get(page(invoice)).content.decode()

    def test_a_part_is_credited_at_a_rate_of_the_invoice(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        part = {"extent": "part", "title": "Geste", "amount": "10,00", "tax_rate": "20", "notes": ""}
        admin.post(page(invoice, "credit_page"), part)
        assert fresh(invoice).credited_amount == 12

    def test_more_than_is_left_is_refused_beside_the_amount(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        part = {"extent": "part", "title": "Geste", "amount": "101", "tax_rate": "20", "notes": ""}
        response = admin.post(page(invoice, "credit_page"), part)
        assert "At most €100.00" in response.context["form"].errors["amount"][0]
        assert not Invoice.objects.filter(kind="credit_note").exists()

    def test_a_part_needs_its_words_and_amount(self, admin: Client, martin: Customer) -> None:
        response = admin.post(page(issue(martin), "credit_page"), {"extent": "part"})
        assert set(response.context["form"].errors) == {"title", "amount", "tax_rate"}


class TestSendingAgain:
    def test_queues_one_more_email(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        assert "helene@example.com" in admin.get(page(invoice, "send_page")).content.decode()
        assert "Email queued for helene@example.com." in words(admin.post(page(invoice, "send_page"), follow=True))
        assert len(mails_about(invoice)) == 2

    def test_of_a_draft_says_why_not(self, admin: Client, martin: Customer) -> None:
        assert "still a draft" in words(admin.post(page(draft_of(martin), "send_page"), follow=True))


class TestReminding:
    def test_is_offered_once_the_invoice_is_overdue(self, admin: Client, martin: Customer) -> None:
        assert "reminder" not in offered(admin, issue(martin))
        assert "reminder" in offered(admin, late(martin, 5))

    def test_queues_a_reminder_that_stands_in_the_timeline(self, admin: Client, martin: Customer) -> None:
        invoice = late(martin, 5)
        response = admin.post(page(invoice, "reminder_page"), {}, follow=True)
        assert "Email queued for helene@example.com." in words(response)
        shown = admin.get(page(invoice)).content.decode()
        assert "reminded" in shown
        assert "Invoice reminder queued" in shown

    def test_a_second_one_on_a_day_needs_a_reason(self, admin: Client, martin: Customer) -> None:
        invoice = late(martin, 5)
        admin.post(page(invoice, "reminder_page"), {})
        again = admin.post(page(invoice, "reminder_page"), {"force_reason": ""}).content.decode()
        assert "The customer was reminded today." in again
        admin.post(page(invoice, "reminder_page"), {"force_reason": "They asked for it"})
        assert "They asked for it" in admin.get(page(invoice)).content.decode()

    def test_of_what_is_not_overdue_says_so(self, admin: Client, martin: Customer) -> None:
        assert "It is not overdue." in admin.post(page(issue(martin), "reminder_page"), {}).content.decode()


class TestPausing:
    def test_a_dispute_stands_on_the_page_until_it_is_resumed(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        admin.post(page(invoice, "pause_page"), {"reason": "dispute", "until": "", "note": "Wrong plan"})
        shown = admin.get(page(invoice)).content.decode()
        assert "disputed by the customer · Wrong plan" in shown
        assert "reminders paused" in shown
        admin.post(page(invoice, "resume_page"))
        assert "Wrong plan" not in admin.get(page(invoice)).content.decode()

    def test_a_promise_needs_a_day_to_come(self, admin: Client, martin: Customer) -> None:
        invoice = issue(martin)
        for until in ("", (TODAY - timedelta(days=2)).isoformat()):
            response = admin.post(page(invoice, "pause_page"), {"reason": "promise", "until": until, "note": ""})
            assert response.context["form"].errors["until"], until
        assert fresh(invoice).pause_reason == ""


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
    fields: Any = {"amount": Decimal(120), "date": TODAY, "method": "card", "reference": "C1"}
    register_payment(invoice_id=invoice.pk, by=SYSTEM, now=now() + timedelta(seconds=2), **fields)
    told = timeline(invoices_in_full().get(pk=invoice.pk), messages_about(invoice.pk), [])
    assert [happening.what for happening in told] == [
        "created",
        "issued",
        "Invoice queued",
        "accepted by Mailjet",
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
