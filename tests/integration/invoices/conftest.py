"""Invoices as their rules are told: a customer, some lines, and what becomes of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from omnicrm.audit.operations import SYSTEM
from omnicrm.config import current_config
from omnicrm.config.invoicing import Invoicing, Reminders
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import create_customer
from omnicrm.invoices.days import local_day
from omnicrm.invoices.fields import LineFields
from omnicrm.invoices.issuing import create_invoice
from omnicrm.invoices.models import Invoice
from omnicrm.outbox.models import Message

NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = local_day(NOW)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
A_PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Settings) -> Path:
    """Where the test's PDFs lie."""
    options = {"location": tmp_path}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options},
    }
    return tmp_path


@pytest.fixture
def martin(db: None) -> Customer:
    return a_customer()


def a_customer(**fields: Any) -> Customer:
    martin = {
        "customer_name": "Boulangerie Martin",
        "contacts": [{"first_name": "Hélène", "last_name": "Martin", "email": "helene@example.com"}],
        "sites": [{"name": "Fournil", "address": "1 rue du Four", "city": "Lille", "postcode": "59000"}],
    }
    return create_customer(now=NOW, **{**martin, **fields})


def line(price: str = "100", *, rate: str = "20", quantity: str = "1", title: str = "Fibre") -> LineFields:
    return {
        "title": title,
        "quantity": Decimal(quantity),
        "unit_price": Decimal(price),
        "tax_rate": Decimal(rate),
    }


def issue(customer: Customer, *lines: LineFields, **fields: Any) -> Invoice:
    """Issues an invoice of 120 EUR, or of the lines given."""
    return create_invoice(
        customer_id=customer.pk, by=SYSTEM, now=NOW, **{"lines": lines or (line(),), **fields}
    ).invoice


def mails_about(invoice: Invoice) -> list[Message]:
    """Oldest first."""
    return list(Message.objects.filter(key__startswith=f"invoice:{invoice.pk}:").order_by("id"))


def fresh(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets keys below `invoice` in the config of this test."""

    def configure(**invoice: Any) -> None:
        config = current_config()
        changed = config.model_copy(update={"invoice": Invoicing.model_validate(invoice)})
        for room in ("numbering", "links", "composing", "drafts", "issuing", "credit_notes", "importing"):
            monkeypatch.setattr(f"omnicrm.invoices.{room}.current_config", lambda: changed)
        monkeypatch.setattr("omnicrm.selfcare.invoice_link.current_config", lambda: changed)

    return configure


@pytest.fixture
def reminding(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets keys below `reminders` in the config of this test."""

    def configure(**keys: Any) -> None:
        changed = current_config().model_copy(update={"reminders": Reminders.model_validate(keys)})
        monkeypatch.setattr("omnicrm.invoices.reminder_steps.current_config", lambda: changed)

    return configure
