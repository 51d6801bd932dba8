"""The configuration of the original description works unchanged."""

from collections.abc import Callable

import pytest

from omnicrm.config import SECTION_NAMES, Config

SECTIONS = """\
api_crmCommunicationCustomerWelcome:
  from_email: "support@yourcompany.com"
  from_name: "Support de Votre Entreprise"
  template_id: 5977509
  subject: "Bienvenue chez Votre Entreprise"
api_crmCommunicationCustomerInvoice:
  from_email: "billing@yourcompany.com"
  from_name: "Facturation de Votre Entreprise"
  template_id: 6759851
  subject: "Votre Facture - "
api_crmCommunicationCustomerInvoiceReminder:
  from_email: "billing@yourcompany.com"
  from_name: "Facturation de Votre Entreprise"
  template_id: 6759852
  subject: "Rappel de paiement - Facture en retard"
api_crmCommunicationUserWelcome:
  from_email: "admin@yourcompany.com"
  from_name: "Admin de Votre Entreprise"
  template_id: 5977510
  subject: "Bienvenue dans l'Équipe"
api_crmCommunicationUserPasswordReset:
  from_email: "noreply@yourcompany.com"
  from_name: "Sécurité de Votre Entreprise"
  template_id: 5977511
  subject: "Demande de réinitialisation de mot de passe"
api_crmCommunicationUserPasswordResetSuccess:
  from_email: "noreply@yourcompany.com"
  from_name: "Sécurité de Votre Entreprise"
  template_id: 5977512
  subject: "Mot de passe changé avec succès"
api_crmCommunicationUserPasswordChange:
  from_email: "noreply@yourcompany.com"
  from_name: "Sécurité de Votre Entreprise"
  template_id: 5977513
  subject: "Notification de changement de mot de passe"
api_crmCommunicationEmailVerification:
  from_email: "noreply@yourcompany.com"
  from_name: "Votre Entreprise"
  template_id: 5977514
  subject: "Vérifiez votre adresse e-mail"
api_crmCommunicationsBalanceExpired:
  from_email: "support@yourcompany.com"
  from_name: "Support de Votre Entreprise"
  template_id: 5977515
  subject: "Votre solde de service a expiré"
api_crmCommunicationsBalanceLow:
  from_email: "support@yourcompany.com"
  from_name: "Support de Votre Entreprise"
  template_id: 5977516
  subject: "Alerte de solde bas"
"""
TEMPLATE_IDS = {
    "api_crmCommunicationCustomerWelcome": 5977509,
    "api_crmCommunicationCustomerInvoice": 6759851,
    "api_crmCommunicationCustomerInvoiceReminder": 6759852,
    "api_crmCommunicationUserWelcome": 5977510,
    "api_crmCommunicationUserPasswordReset": 5977511,
    "api_crmCommunicationUserPasswordResetSuccess": 5977512,
    "api_crmCommunicationUserPasswordChange": 5977513,
    "api_crmCommunicationEmailVerification": 5977514,
    "api_crmCommunicationsBalanceExpired": 5977515,
    "api_crmCommunicationsBalanceLow": 5977516,
}
ACCOUNT = """\
mailjet:
  api_key: your_mailjet_api_key
  api_secret: your_mailjet_api_secret
"""


def indented(text: str) -> str:
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))


@pytest.mark.parametrize(
    "text", [ACCOUNT + indented(SECTIONS), ACCOUNT + SECTIONS], ids=["under mailjet", "at top level"]
)
def test_all_ten_sections_are_understood(load: Callable[[str], Config], text: str) -> None:
    config = load(text)
    sections = {name: config.section(name) for name in SECTION_NAMES}
    assert {name: section.template_id for name, section in sections.items() if section} == TEMPLATE_IDS
    invoice = sections["api_crmCommunicationCustomerInvoice"]
    assert invoice is not None
    assert invoice.from_email == "billing@yourcompany.com"
    assert invoice.from_name == "Facturation de Votre Entreprise"
    assert invoice.subject == "Votre Facture - "


def test_a_file_with_nothing_but_the_account_is_enough(load: Callable[[str], Config]) -> None:
    config = load(ACCOUNT)
    assert config.mailjet.api_key.get_secret_value() == "your_mailjet_api_key"
    assert config.mailjet.api_secret.get_secret_value() == "your_mailjet_api_secret"
    assert all(config.section(name) is None for name in SECTION_NAMES)
