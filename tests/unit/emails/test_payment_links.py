"""Invoices of an operator who takes no payments online."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailjet_sandbox.language import render
from omnicrm.config import Company
from omnicrm.emails.designs import compile_design
from omnicrm.emails.invoices import CustomerInvoice, CustomerInvoiceReminder

COMPANY = Company(name="Télécom & Fils", website_url="https://telecom.example.com")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
BOTH = pytest.mark.parametrize("kind", [CustomerInvoice, CustomerInvoiceReminder])
LANGUAGES = pytest.mark.parametrize(
    ("language", "button", "instead"),
    [
        ("fr", "Régler ma facture", "figurent sur la facture"),
        ("en", "Pay my invoice", "The invoice says how to pay it"),
    ],
)


def example(
    kind: type[CustomerInvoice | CustomerInvoiceReminder], language: str
) -> CustomerInvoice | CustomerInvoiceReminder:
    """About one invoice."""
    email = kind.sample(language)
    if isinstance(email, CustomerInvoiceReminder):
        return CustomerInvoiceReminder.about(email.invoices[0], customer_name=email.customer_name)
    return email


def parts(email: CustomerInvoice | CustomerInvoiceReminder, language: str) -> list[str]:
    design = compile_design(email.section, language, company=COMPANY)
    rendered = [render(part, variables=email.variables(language), now=NOW) for part in (design.html, design.text)]
    assert [part.errors for part in rendered] == [(), ()]
    return [part.output for part in rendered]


@BOTH
@LANGUAGES
def test_without_a_link_to_pay_there_is_no_button(
    kind: type[CustomerInvoice | CustomerInvoiceReminder], language: str, button: str, instead: str
) -> None:
    for part in parts(replace(example(kind, language), pay_url=None), language):
        assert button not in part
        assert instead in part


@BOTH
@LANGUAGES
def test_with_one_there_is(
    kind: type[CustomerInvoice | CustomerInvoiceReminder], language: str, button: str, instead: str
) -> None:
    for part in parts(example(kind, language), language):
        assert button in part
        assert instead not in part
