"""OmniCRM set up for a run: a config that names the run's database and its Mailjet, and a filled outbox."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import django
from django.core.management import call_command

from benchmarks import emails

CONFIG = """
mailjet:
  api_key: {key}
  api_secret: {secret}
  base_url: {mailjet_url}
  calls_per_minute: {calls_per_minute}
  api_crmCommunicationCustomerInvoice:
    from_email: {sender_email}
    from_name: {sender_name}
    template_id: {template_id}
    subject: "Votre facture - "
  api_crmCommunicationUserPasswordReset:
    from_email: {sender_email}
    from_name: {sender_name}
    template_id: {template_id}
    subject: "Réinitialisation"
database: {dsn}
"""


def set_up(*, dsn: str, mailjet_url: str, calls_per_minute: int | str = "unlimited") -> Path:
    """Writes the config, makes the tables and sets Django up in this process; returns the config's path."""
    path = Path(tempfile.mkdtemp(prefix="omnicrm-benchmark-")) / "crm_config.yaml"
    path.write_text(
        CONFIG.format(
            key=emails.API_KEY,
            secret=emails.API_SECRET,
            mailjet_url=mailjet_url,
            calls_per_minute=calls_per_minute,
            sender_email=emails.SENDER_EMAIL,
            sender_name=emails.SENDER_NAME,
            template_id=emails.TEMPLATE_ID,
            dsn=dsn,
        ),
        encoding="utf-8",
    )
    os.environ["OMNICRM_CONFIG"] = str(path)
    os.environ["DJANGO_SETTINGS_MODULE"] = "omnicrm.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    return path


def enqueue_invoices(count: int, *, first: int = 0) -> None:
    """Queues `count` invoice emails, as an invoice run would."""
    from omnicrm.outbox.operations import enqueue_many  # noqa: PLC0415 - needs `set_up`

    enqueue_many(invoices(count, first=first), now=datetime.now(UTC))


def invoices(count: int, *, first: int = 0) -> Iterator["Outgoing"]:  # noqa: F821 - as above
    from omnicrm.emails.formats import Money  # noqa: PLC0415 - needs `set_up`
    from omnicrm.emails.invoices import CustomerInvoice  # noqa: PLC0415 - as above
    from omnicrm.outbox.email import Recipient  # noqa: PLC0415 - as above
    from omnicrm.outbox.operations import Outgoing  # noqa: PLC0415 - as above

    for number in range(first, first + count):
        invoice = CustomerInvoice(
            customer_name=f"Client {number}",
            invoice_number=f"FR-2026-{number:07d}",
            invoice_date=date(2026, 2, 12),
            due_date=date(2026, 3, 12),
            total_amount=Money(amount=Decimal(990 + number % 5_000) / 100, currency="EUR"),
            invoice_url=f"https://selfcare.yourcompany.com/invoice/{number}",
            pay_url=f"https://selfcare.yourcompany.com/pay/{number}",
        )
        to = Recipient(email=emails.recipient(number), name=f"Client {number}", language="fr")
        yield Outgoing(email=invoice, to=to, key=f"benchmark:{number}")
