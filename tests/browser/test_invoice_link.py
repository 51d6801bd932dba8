"""The page behind the link of an invoice email, in a browser, on a desk and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from omnicrm.audit.operations import SYSTEM
from omnicrm.config import current_config
from omnicrm.config.invoicing import Bank, Invoicing
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import create_customer
from omnicrm.invoices.issuing import create_invoice
from omnicrm.invoices.links import token_for
from omnicrm.invoices.models import Invoice
from tests.browser.conftest import OpenPage
from tests.integration.invoices.conftest import NOW, line

BANK = Bank(name="Banque Exemple", iban="FR76 3000 6000 0112 3456 7890 189", bic="AGRIFRPP")


@pytest.fixture
def invoice(transactional_db: None, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Invoice:
    """Of a customer who reads French, at a company that takes transfers."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    config = current_config().model_copy(update={"invoice": Invoicing(bank=BANK)})
    monkeypatch.setattr("omnicrm.selfcare.invoice_link.current_config", lambda: config)
    martin: Customer = create_customer(
        customer_name="Boulangerie Martin", contacts=[{"email": "helene@example.com"}], now=NOW
    )
    return create_invoice(customer_id=martin.pk, lines=[line()], by=SYSTEM, now=NOW).invoice


@pytest.mark.parametrize("width", [1280, 390])
def test_the_invoice_is_read_downloaded_and_told_in_english_too(
    invoice: Invoice, live_server: LiveServer, open_page: OpenPage, width: int
) -> None:
    page = open_page(f"{live_server.url}/invoice/{token_for(invoice.pk, now=NOW)}/", width=width, scripts=False)
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(invoice.number))
    expect(page.get_by_text("FR76 3000 6000 0112 3456 7890 189")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with page.expect_download() as download:
        page.locator('a[href$="/pdf/"]').click()
    assert download.value.suggested_filename == f"{invoice.number}.pdf"
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name=f"Invoice {invoice.number}")).to_be_visible()
    expect(page.get_by_text("€120.00").first).to_be_visible()
