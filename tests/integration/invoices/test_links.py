"""The links of an invoice email open that one invoice, without signing in, until they expire."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import delete_customer
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.links import LinkState, invoice_url, pay_url, read_token, token_for
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.payments import register_payment
from omnicrm.invoices.pdf_files import read_pdf
from tests.integration.invoices.conftest import NOW, TODAY, a_customer, issue, line, mails_about

PAY_URL = "https://pay.example.com/?ref={number}&amount={amount}"
BANK = {"name": "Banque Exemple", "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP"}


@pytest.fixture
def page(client: Client) -> Callable[..., str]:
    """The text of the page of an invoice."""

    def read(invoice: Invoice, language: str = "fr") -> str:
        return client.get(f"/invoice/{token_for(invoice.pk, now=NOW)}/").content.decode()

    return read


def test_the_email_leads_to_the_page(martin: Customer, client: Client) -> None:
    (mail,) = mails_about(issue(martin))
    path = mail.variables["invoice_url"].removeprefix("http://localhost:8000")
    assert client.get(path).status_code == 200


def test_the_page_shows_number_state_and_what_is_due_in_the_language_of_the_customer(
    page: Callable[..., str], db: None
) -> None:
    invoice = issue(a_customer(language="en"))
    shown = page(invoice)
    assert '<html lang="en">' in shown
    assert str(invoice.number) in shown
    assert "€120.00" in shown


def test_the_pdf_comes_as_a_download(martin: Customer, client: Client) -> None:
    invoice = issue(martin)
    answer = client.get(f"/invoice/{token_for(invoice.pk, now=NOW)}/pdf/")
    assert answer.content == read_pdf(invoice)
    assert answer["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'


@pytest.mark.parametrize("path", ["", "pdf/", "pay/"])
def test_no_cache_no_frame_and_no_other_site_learns_of_it(martin: Customer, client: Client, path: str) -> None:
    answer = client.get(f"/invoice/{token_for(issue(martin).pk, now=NOW)}/{path}")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Robots-Tag"] == "noindex"


def test_an_expired_link_says_so(martin: Customer, client: Client) -> None:
    long_ago = timezone.now() - timedelta(days=91)
    answer = client.get(f"/invoice/{token_for(issue(martin).pk, now=long_ago)}/")
    assert answer.status_code == 410
    assert "self-care" in answer.content.decode()


@pytest.mark.parametrize("token", ["1", "1-99999999999", "1-99999999999.x", "x" * 500, "1-99999999999.\N{SNOWMAN}"])
@pytest.mark.django_db
def test_a_made_up_link_opens_nothing(client: Client, token: str) -> None:
    assert client.get(f"/invoice/{token}/").status_code == 404


def test_a_token_for_one_invoice_opens_no_other(martin: Customer) -> None:
    first, other = issue(martin), issue(martin)
    _, _, signature = token_for(first.pk, now=NOW).rpartition(".")
    start, _, _ = token_for(other.pk, now=NOW).rpartition(".")
    assert read_token(f"{start}.{signature}", now=NOW) is LinkState.WRONG


def test_a_link_to_a_draft_opens_nothing(martin: Customer, client: Client) -> None:
    draft = create_draft(customer_id=martin.pk, lines=[line()], now=NOW)
    assert client.get(f"/invoice/{token_for(draft.pk, now=NOW)}/").status_code == 404


def test_the_link_of_an_erased_customer_opens_nothing(martin: Customer, client: Client) -> None:
    invoice = issue(martin)
    delete_customer(customer_id=martin.pk)
    assert client.get(f"/invoice/{token_for(invoice.pk, now=NOW)}/pdf/").status_code == 404


def test_a_link_expires_after_the_configured_time(configured: Callable[..., None]) -> None:
    configured(link_expiry="10d")
    token = token_for(7, now=NOW)
    assert read_token(token, now=NOW + timedelta(days=10) - timedelta(seconds=1)) == 7
    assert read_token(token, now=NOW + timedelta(days=10)) is LinkState.EXPIRED


def test_paying_leads_to_the_configured_page_with_what_is_due_at_the_click(
    martin: Customer, client: Client, configured: Callable[..., None]
) -> None:
    configured(pay_url=PAY_URL)
    invoice = issue(martin)
    register_payment(
        invoice_id=invoice.pk,
        amount=Decimal(20),
        date=TODAY,
        method="card",
        reference="A",
        by=SYSTEM,
        now=NOW,
    )
    path = str(pay_url(invoice.pk, now=NOW)).removeprefix("http://localhost:8000")
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"https://pay.example.com/?ref={invoice.number}&amount=100.00",
    )


def test_nothing_is_paid_twice_by_the_link(martin: Customer, client: Client, configured: Callable[..., None]) -> None:
    configured(pay_url=PAY_URL)
    token = token_for(issue(martin, line("0")).pk, now=NOW)
    assert client.get(f"/invoice/{token}/pay/")["Location"] == f"/invoice/{token}/"


def test_what_stands_in_the_address_of_the_payment_page_cannot_leave_its_place(
    martin: Customer, client: Client, configured: Callable[..., None]
) -> None:
    configured(pay_url=PAY_URL, numbering={"invoice": "A /{sequence}"})
    token = token_for(issue(martin).pk, now=NOW)
    assert client.get(f"/invoice/{token}/pay/")["Location"] == "https://pay.example.com/?ref=A%20%2F1&amount=120.00"


def test_without_a_payment_page_the_bank_account_is_shown(
    martin: Customer, page: Callable[..., str], configured: Callable[..., None]
) -> None:
    configured(bank=BANK)
    invoice = issue(martin)
    assert pay_url(invoice.pk, now=NOW) == f"{invoice_url(invoice.pk, now=NOW)}#pay"
    assert "FR76 3000 6000 0112 3456 7890 189" in page(invoice)


def test_with_neither_there_is_no_link_to_pay(martin: Customer) -> None:
    (mail,) = mails_about(issue(martin))
    assert mail.variables["pay_url"] == ""
