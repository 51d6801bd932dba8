"""My invoices: a customer's own and nobody else's, with what is to pay, the PDF, and a copy by email."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from omnicrm.audit.operations import SYSTEM
from omnicrm.config import current_config
from omnicrm.config.invoicing import Bank, Invoicing
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.days import local_day
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.issuing import create_invoice
from omnicrm.invoices.mailing import COPIES_PER_DAY
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.payments import register_payment
from omnicrm.selfcare.invoices import PAGE_SIZE
from tests.integration.invoices.conftest import NOW, TODAY, files, issue, line, mails_about
from tests.integration.selfcare.conftest import signed_in

__all__ = ["files"]

LIST = reverse("my_invoices")
PAY_URL = "https://pay.example.com/?ref={number}&amount={amount}"
BANK = Bank(name="Banque Exemple", iban="FR76 3000 6000 0112 3456 7890 189", bic="AGRIFRPP")


def page(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def at(invoice: Invoice, name: str = "my_invoice") -> str:
    return reverse(name, args=[invoice.pk])


def of(user: User, **fields: Any) -> Invoice:
    assert user.customer
    return issue(user.customer, **fields)


def late(user: User) -> Invoice:
    then = NOW - timedelta(days=10)
    fields: Any = {"lines": [line()], "due_date": local_day(then)}
    return create_invoice(customer_id=user.customer_id or 0, send=False, by=SYSTEM, now=then, **fields).invoice


def pay(invoice: Invoice, amount: str) -> None:
    fields: Any = {"amount": Decimal(amount), "date": TODAY, "method": "transfer", "reference": f"R{amount}"}
    register_payment(invoice_id=invoice.pk, by=SYSTEM, now=NOW, **fields)


@pytest.fixture
def with_ways_to_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    config = current_config().model_copy(update={"invoice": Invoicing(bank=BANK, pay_url=PAY_URL)})
    for room in ("selfcare.invoice_link", "invoices.links"):
        monkeypatch.setattr(f"omnicrm.{room}.current_config", lambda: config)


def test_who_has_no_invoice_is_told_so(at_zoes: Client) -> None:
    assert "You have no invoice yet." in page(at_zoes, LIST)


def test_the_list_shows_what_is_issued_to_me_and_what_is_to_pay(at_zoes: Client, zoe: User, paul: User) -> None:
    mine, theirs, overdue = of(zoe), of(paul), late(zoe)
    create_draft(customer_id=zoe.customer_id or 0, now=NOW, lines=[line("77")])
    pay(mine, "20")
    shown = page(at_zoes, LIST)
    assert str(mine.number) in shown
    assert str(overdue.number) in shown
    assert f">{theirs.number}<" not in shown
    assert "€92.40" not in shown
    assert "<strong>€220.00</strong>, of which €120.00 is overdue" in shown
    assert "partially paid" in shown


def test_when_all_is_paid_the_list_says_so(at_zoes: Client, zoe: User) -> None:
    pay(of(zoe), "120")
    assert "Everything is paid. Thank you!" in page(at_zoes, LIST)


def test_older_invoices_are_on_the_next_page(at_zoes: Client, zoe: User) -> None:
    invoices = [of(zoe) for _each in range(PAGE_SIZE + 1)]
    first = at_zoes.get(LIST)
    assert len(first.context["invoices"]) == PAGE_SIZE
    (oldest,) = at_zoes.get(LIST, {"before": first.context["before"]}).context["invoices"]
    assert oldest.invoice == invoices[0]
    assert at_zoes.get(LIST, {"before": "x" * 30}).status_code == 200


NAMES = ("my_invoice", "my_invoice_pdf", "my_invoice_pay", "my_invoice_copy")


@pytest.mark.parametrize("name", NAMES)
def test_another_customer_s_invoice_is_not_there(at_zoes: Client, paul: User, name: str) -> None:
    theirs = of(paul)
    ask = at_zoes.post if name == "my_invoice_copy" else at_zoes.get
    assert ask(at(theirs, name)).status_code == 404
    assert len(mails_about(theirs)) == 1


def test_a_draft_is_not_there(at_zoes: Client, zoe: User) -> None:
    draft = create_draft(customer_id=zoe.customer_id or 0, now=NOW, lines=[line()])
    assert at_zoes.get(at(draft)).status_code == 404
    assert at_zoes.get(f"/self-care/invoices/{10**30}/").status_code == 404


def test_an_invoice_tells_its_amounts_and_offers_its_pdf(at_zoes: Client, zoe: User) -> None:
    invoice = of(zoe)
    pay(invoice, "20")
    shown = page(at_zoes, at(invoice))
    for expected in (str(invoice.number), "€120.00", "€20.00", "<strong>€100.00</strong>"):
        assert expected in shown
    response = at_zoes.get(at(invoice, "my_invoice_pdf"))
    with default_storage.open(invoice.pdf_path) as stored:
        assert response.content == stored.read()
    assert response["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'


def test_a_pdf_that_is_gone_is_said(at_zoes: Client, zoe: User) -> None:
    invoice = of(zoe)
    default_storage.delete(invoice.pdf_path)
    shown = at_zoes.get(at(invoice, "my_invoice_pdf"), follow=True).content.decode()
    assert "is gone. Please write to us" in shown


@pytest.mark.usefixtures("with_ways_to_pay")
class TestPaying:
    def test_leads_to_the_payment_page_with_what_is_due(self, at_zoes: Client, zoe: User) -> None:
        invoice = of(zoe)
        pay(invoice, "20")
        assert at(invoice, "my_invoice_pay") in page(at_zoes, at(invoice))
        response = at_zoes.get(at(invoice, "my_invoice_pay"))
        assert response["Location"] == f"https://pay.example.com/?ref={invoice.number}&amount=100.00"

    def test_the_bank_account_is_shown_while_something_is_due(self, at_zoes: Client, zoe: User) -> None:
        invoice = of(zoe)
        assert "FR76 3000 6000 0112 3456 7890 189" in page(at_zoes, at(invoice))
        pay(invoice, "120")
        assert "FR76" not in page(at_zoes, at(invoice))

    def test_of_a_paid_invoice_leads_back(self, at_zoes: Client, zoe: User) -> None:
        invoice = of(zoe)
        pay(invoice, "120")
        shown = at_zoes.get(at(invoice, "my_invoice_pay"), follow=True).content.decode()
        assert f"There is nothing to pay of {invoice.number}." in shown


class TestCopies:
    def test_one_is_queued_and_the_page_says_where_it_goes(self, at_zoes: Client, zoe: User) -> None:
        invoice = of(zoe)
        shown = at_zoes.post(at(invoice, "my_invoice_copy"), follow=True).content.decode()
        assert "A copy is on its way to zoe@example.com." in shown
        _issued, copy = mails_about(invoice)
        assert copy.attachments

    def test_they_are_not_without_end(self, at_zoes: Client, zoe: User) -> None:
        invoice = of(zoe)
        for _each in range(COPIES_PER_DAY):
            at_zoes.post(at(invoice, "my_invoice_copy"))
        shown = at_zoes.post(at(invoice, "my_invoice_copy"), follow=True).content.decode()
        assert "ask again tomorrow" in shown
        assert len(mails_about(invoice)) == 1 + COPIES_PER_DAY

    def test_there_is_none_of_a_cancelled_invoice_or_a_credit_note(self, at_zoes: Client, zoe: User) -> None:
        invoice = of(zoe)
        note = credit_invoice(invoice_id=invoice.pk, by=SYSTEM, now=NOW)
        for each in (invoice, note):
            assert at(each, "my_invoice_copy") not in page(at_zoes, at(each))
        assert (
            "is cancelled by a credit note"
            in at_zoes.post(at(invoice, "my_invoice_copy"), follow=True).content.decode()
        )

    def test_a_link_alone_sends_nothing(self, at_zoes: Client, zoe: User) -> None:
        invoice = of(zoe)
        assert at_zoes.get(at(invoice, "my_invoice_copy")).status_code == 405
        assert len(mails_about(invoice)) == 1

    def test_another_page_cannot_ask_for_one(self, zoe: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(zoe)
        assert browser.post(at(of(zoe), "my_invoice_copy")).status_code == 403


def test_staff_and_strangers_see_no_invoice(zoe: User) -> None:
    invoice = of(zoe)
    staff = create_user(email="a@yourcompany.com", full_name="Ada", role=Role.ADMIN, now=NOW)
    assert signed_in(staff).get(at(invoice)).status_code == 403
    assert Client().get(at(invoice))["Location"].startswith("/account/sign-in/")


def test_a_french_reader_reads_french_amounts(zoe: User) -> None:
    invoice = of(zoe)
    zoe.language = "fr"
    assert "120,00\N{NO-BREAK SPACE}€" in page(signed_in(zoe), at(invoice))
