"""Subjects: the configuration's in the recipient's language, else the email's own."""

from dataclasses import replace

import pytest

from omnicrm.emails.balances import BalanceLow
from omnicrm.emails.base import CatalogueEmail
from omnicrm.emails.catalogue import CATALOGUE
from omnicrm.emails.customer import CustomerWelcome
from omnicrm.emails.invoices import CustomerInvoice


def test_the_subject_is_the_configured_one() -> None:
    assert CustomerWelcome.sample("fr").subject("fr") == "Bienvenue chez Votre Entreprise"


def test_a_subject_configured_for_a_language_goes_with_that_language() -> None:
    assert CustomerWelcome.sample("en").subject("en") == "Welcome to Your Company"


def test_an_invoices_subject_is_the_configured_prefix_followed_by_its_number() -> None:
    invoice = replace(CustomerInvoice.sample("fr"), invoice_number="INV-2026-0042")
    assert invoice.subject("fr") == "Votre Facture - INV-2026-0042"


def test_an_email_whose_section_is_not_configured_has_a_subject_of_its_own() -> None:
    assert BalanceLow.sample("fr").subject("fr") == "Alerte de solde bas"
    assert BalanceLow.sample("en").subject("en") == "Low balance alert"


@pytest.mark.parametrize("email", CATALOGUE.values(), ids=lambda email: email.__name__)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_subject_fits_in_mailjets_255_characters(email: type[CatalogueEmail], language: str) -> None:
    assert 0 < len(email.sample(language).subject(language)) <= 255
