"""Invoices from the run that issues them to the reminder that need not leave, and a run whose worker is killed."""

import subprocess
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from mailjet_sandbox.control import SandboxControl
from tests.stories.conftest import PATIENCE, Installation, kill, wait_until

TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()  # the company's
PERIOD = {"start_date": "2026-11-01", "end_date": "2026-11-30"}
MANY = 600


def with_charge(installation: Installation) -> int:
    """A customer with one service, and its monthly charge."""
    customer_id: int = installation.create_customer(1)["customer_id"]
    service = installation.call(
        "POST", f"/customer/{customer_id}/service", {"service_name": "Fibre", "state": "active"}
    )
    charge = {"amount": "30", "tax_rate": "20", "start_date": "2026-01-01"}
    installation.call("POST", f"/service/{service['service_id']}/charge", charge)
    with installation.database() as connection:
        connection.execute("UPDATE customers_service SET activated_at = '2026-01-01'")
    return customer_id


def days_pass(installation: Installation, days: int) -> None:
    """What is issued cannot be changed, and so cannot be made older but past the trigger."""
    with installation.database() as connection:
        connection.execute("ALTER TABLE invoices_invoice DISABLE TRIGGER keep_issued")
        connection.execute(
            "UPDATE invoices_invoice SET issue_date = issue_date - %(days)s, due_date = due_date - %(days)s",
            {"days": days},
        )
        connection.execute("ALTER TABLE invoices_invoice ENABLE TRIGGER keep_issued")


def messages(installation: Installation, customer_id: int, section: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = installation.call(
        "GET", f"/message?customer_id={customer_id}&section=api_crmCommunication{section}"
    )["items"]
    return found


def test_an_invoice_that_is_paid_after_its_reminder_was_queued_is_not_reminded_of(
    installation: Installation, sandbox: SandboxControl
) -> None:
    installation.serve()
    worker = installation.start("worker")
    customer_id = with_charge(installation)
    run = installation.call("POST", "/invoice_run", {**PERIOD, "due_date": (TODAY + timedelta(days=1)).isoformat()})
    path = f"/invoice_run/{run['invoice_run_id']}"
    wait_until(lambda: installation.call("GET", path)["state"] == "done")
    assert installation.call("GET", path)["total_amount"] == "36.00"

    def mailed() -> bool:
        return [each["state"] for each in messages(installation, customer_id, "CustomerInvoice")] == ["accepted"]

    wait_until(mailed)
    (invoice,) = installation.call("GET", f"/invoice?customer_id={customer_id}")["items"]
    (arrived,) = [message for message in sandbox.messages() if message.attachments]
    assert arrived.attachments[0].filename == f"{invoice['invoice_number']}.pdf"

    worker.terminate()
    worker.wait(PATIENCE)
    days_pass(installation, 5)
    assert orjson.loads(installation.run("reminders", "run", "--json")) == {"customers": 1, "invoices": 1, "failed": []}
    payment = {"amount": "36", "date": TODAY.isoformat(), "reference": "SEPA 1"}
    installation.call("POST", f"/invoice/{invoice['invoice_id']}/payment", payment)
    installation.start("worker")

    def reminder() -> dict[str, Any]:
        return messages(installation, customer_id, "CustomerInvoiceReminder")[0]

    wait_until(lambda: reminder()["state"] == "cancelled")
    assert reminder()["reason"] == "The invoice was paid."
    assert "Rappel" not in {message.subject for message in sandbox.messages()}


def test_a_run_whose_worker_is_killed_goes_on_and_invoices_everybody_once(installation: Installation) -> None:
    with installation.database() as connection:
        connection.execute(CUSTOMERS, {"count": MANY})
        connection.execute("TRUNCATE invoices_numbercounter, invoices_invoicerun CASCADE")
    worker = installation.start("worker")
    starter = start_run(installation)
    wait_until(lambda: invoiced(installation) > 0)
    kill(worker)
    kill(starter)
    assert invoiced(installation) > 0

    with installation.database() as connection:
        (run_id,) = connection.execute("SELECT id FROM invoices_invoicerun").fetchone() or ()
    done = orjson.loads(installation.run("invoices", "run", "--resume", str(run_id), "--json"))
    assert (done["state"], done["invoiced"], done["failed"]) == ("done", MANY, 0)
    with installation.database() as connection:
        assert connection.execute(FACTS).fetchone() == (MANY, MANY, 1, MANY, MANY)
    installation.run("invoices", "run", "--start", "2026-11-01", "--end", "2026-11-30")
    assert invoiced(installation) == MANY


def start_run(installation: Installation) -> subprocess.Popen[bytes]:
    return installation.start("invoices", "run", "--start", "2026-11-01", "--end", "2026-11-30")


def invoiced(installation: Installation) -> int:
    with installation.database() as connection:
        (count,) = connection.execute("SELECT count(*) FROM invoices_invoice").fetchone() or (0,)
    return int(count)


CUSTOMERS = """
WITH customer AS (
    INSERT INTO customers_customer (
        customer_name, customer_account_type, customer_payment_type, language, attributes, tags, created_at, updated_at
    )
    SELECT 'Customer ' || n, 'Individual', 'Postpaid', 'fr', '{}', '{}', now(), now()
    FROM generate_series(1, %(count)s) AS n
    RETURNING id
), contact AS (
    INSERT INTO customers_contact (
        customer_id, contact_type, first_name, last_name, email, phone, marketing_consent_source, created_at, updated_at
    )
    SELECT id, 'billing', '', '', 'c' || id || '@example.com', '', '', now(), now() FROM customer
), service AS (
    INSERT INTO customers_service (
        customer_id, service_uuid, service_name, service_type, state, activated_at, created_at
    )
    SELECT id, gen_random_uuid(), 'Fibre', '', 'active', '2026-01-01', now() FROM customer
    RETURNING id
)
INSERT INTO invoices_recurringcharge (service_id, title, amount, tax_rate, start_date, created_at)
SELECT id, 'Fibre', 30, 20, '2026-01-01', now() FROM service
"""
FACTS = """
SELECT count(*), count(DISTINCT customer_id), min(sequence), max(sequence),
    (SELECT count(*) FROM outbox_message WHERE section = 'api_crmCommunicationCustomerInvoice')
FROM invoices_invoice
"""
