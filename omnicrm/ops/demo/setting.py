"""The demo's config: the seed's file with the local Mailjet in the place of the real one, English beside French, and an
email that its operator has added.
"""

import shutil
from pathlib import Path

from omnicrm.config.custom_loading import FOLDER

CONFIG = """\
mailjet:
  api_key: demo-key
  api_secret: demo-secret
  base_url: {sandbox_url}
  webhook: {{username: mailjet, password: demo-webhook}}

  api_crmCommunicationCustomerWelcome:
    from_email: "support@yourcompany.com"
    from_name: "Support de Votre Entreprise"
    template_id: 5977509
    subject: "Bienvenue chez Votre Entreprise"
    languages:
      en: {{template_id: 5977609, subject: "Welcome to Your Company"}}
  api_crmCommunicationCustomerInvoice:
    from_email: "billing@yourcompany.com"
    from_name: "Facturation de Votre Entreprise"
    template_id: 6759851
    subject: "Votre Facture - "
    languages:
      en: {{template_id: 6760851, subject: "Your Invoice - "}}
  api_crmCommunicationCustomerInvoiceReminder:
    from_email: "billing@yourcompany.com"
    from_name: "Facturation de Votre Entreprise"
    template_id: 6759852
    subject: "Rappel de paiement - Facture en retard"
    languages:
      en: {{template_id: 6760852, subject: "Payment Reminder - Overdue Invoice"}}
  api_crmCommunicationUserWelcome:
    from_email: "admin@yourcompany.com"
    from_name: "Admin de Votre Entreprise"
    template_id: 5977510
    subject: "Bienvenue dans l'Équipe"
    languages:
      en: {{template_id: 5978510, subject: "Welcome to the Team"}}
  api_crmCommunicationUserPasswordReset:
    from_email: "noreply@yourcompany.com"
    from_name: "Sécurité de Votre Entreprise"
    template_id: 5977511
    subject: "Demande de réinitialisation de mot de passe"
    languages:
      en: {{template_id: 5978511, subject: "Password Reset Request"}}
  api_crmCommunicationUserPasswordResetSuccess:
    from_email: "noreply@yourcompany.com"
    from_name: "Sécurité de Votre Entreprise"
    template_id: 5977512
    subject: "Mot de passe changé avec succès"
    languages:
      en: {{template_id: 5978512, subject: "Password Changed Successfully"}}
  api_crmCommunicationUserPasswordChange:
    from_email: "noreply@yourcompany.com"
    from_name: "Sécurité de Votre Entreprise"
    template_id: 5977513
    subject: "Notification de changement de mot de passe"
    languages:
      en: {{template_id: 5978513, subject: "Password Change Notification"}}
  api_crmCommunicationEmailVerification:
    from_email: "noreply@yourcompany.com"
    from_name: "Votre Entreprise"
    template_id: 5977514
    subject: "Vérifiez votre adresse e-mail"
    languages:
      en: {{template_id: 5978514, subject: "Verify Your Email Address"}}
  api_crmCommunicationsBalanceExpired:
    from_email: "support@yourcompany.com"
    from_name: "Support de Votre Entreprise"
    template_id: 5977515
    subject: "Votre solde de service a expiré"
    languages:
      en: {{template_id: 5978515, subject: "Your Service Balance Has Expired"}}
  api_crmCommunicationsBalanceLow:
    from_email: "support@yourcompany.com"
    from_name: "Support de Votre Entreprise"
    template_id: 5977516
    subject: "Alerte de solde bas"
    languages:
      en: {{template_id: 5978516, subject: "Low Balance Alert"}}

company:
  name: Votre Entreprise
  address: 123 Business St, City, Country

balances:
  gather: 1s
  expired_grace: 1s

server:
  port: {port}
  public_url: http://localhost:{port}
"""


def write_config(home: Path, *, sandbox_url: str, port: int) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    path = home / "crm_config.yaml"
    path.write_text(CONFIG.format(sandbox_url=sandbox_url, port=port), encoding="utf-8")
    shutil.copytree(Path(__file__).parent / FOLDER, home / FOLDER, dirs_exist_ok=True)
    return path
