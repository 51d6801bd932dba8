"""The pages about invoices, as tests of them need them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Customer
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.models import Invoice, Payment
from omnicrm.invoices.payments import register_payment
from tests.integration.invoices.conftest import NOW, TODAY, line

PAYMENT = {"amount": "20,00", "date": TODAY.isoformat(), "method": "transfer", "reference": "RIB 77"}


def page(invoice: Invoice, name: str = "change") -> str:
    return reverse(f"admin:invoices_invoice_{name}", args=[invoice.pk])


def words(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def offered(browser: Client, invoice: Invoice) -> set[str]:
    """The names of the pages that the invoice's page leads to as buttons."""
    shown = browser.get(page(invoice)).content.decode()
    others = ("payment", "send", "reminder", "pause", "resume", "credit", "reverse")
    names = ("issue", "edit", "discard", "pdf", "log", *others)
    return {name for name in names if f'href="{page(invoice, f"{name}_page")}"' in shown}


def draft_of(customer: Customer) -> Invoice:
    return create_draft(customer_id=customer.pk, now=NOW, lines=[line()])


def paid(invoice: Invoice, amount: str = "120", *, reference: str = "C1", at: datetime = NOW) -> Payment:
    fields: Any = {"amount": Decimal(amount), "date": TODAY, "method": "card", "reference": reference}
    return register_payment(invoice_id=invoice.pk, by=SYSTEM, now=at, **fields)
