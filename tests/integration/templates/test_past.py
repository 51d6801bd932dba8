"""Messages of the past, drawn anew by the design of today."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from omnicrm.config import load_config
from omnicrm.emails.invoices import CustomerInvoiceReminder
from omnicrm.emails.templates.past import past_rendition
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import enqueue

NOW = datetime.now(UTC)
A_LOOP = "<p>{% for x in var:invoices %}{{x.invoice_number}}: {{x.total_amount}};{% endfor %}</p>"


CONFIG = """\
mailjet:
  api_key: a
  api_secret: b
  api_crmCommunicationCustomerInvoiceReminder:
    from_email: billing@example.com
    from_name: Billing
    template_id: 6759852
    subject: Payment reminder
company: {language: en}
"""


@pytest.fixture
def reminder(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Message:
    """Of two invoices, by a template that is configured."""
    file = tmp_path / "crm_config.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    config = load_config(file, environ={})
    monkeypatch.setattr("omnicrm.emails.templates.past.current_config", lambda: config)
    email = CustomerInvoiceReminder.sample("en")
    to = Recipient(email="helen@example.com", name="Helen Smith", language="en")
    return Message.objects.get(pk=enqueue(email, to=to, key="a reminder", now=NOW).message_id)


@pytest.fixture
def old_reminder(reminder: Message) -> Message:
    """One from before there was a list."""
    for name in ("invoices", "invoice_count"):
        del reminder.variables[name]
    reminder.save()
    return reminder


def own_design(html: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / f"{CustomerInvoiceReminder.section}.en.html").write_text(html, encoding="utf-8")
    monkeypatch.setattr("omnicrm.emails.templates.past.own_designs", lambda: folder)


def test_a_reminder_shows_its_list_again(reminder: Message) -> None:
    shown = past_rendition(reminder, now=NOW)
    assert shown
    assert shown.problems == ()
    assert [f"invoices/{number}/pay/" in shown.html for number in (41, 42)] == [True, True]


def test_a_reminder_from_before_there_was_a_list_reads_as_it_did(old_reminder: Message) -> None:
    shown = past_rendition(old_reminder, now=NOW)
    assert shown
    assert shown.problems == ()
    assert "INV-2026-0041 and INV-2026-0042" in shown.text
    assert "€200.40" in shown.text


def test_a_loop_over_a_list_that_was_not_stored_shows_what_was(
    old_reminder: Message, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_design(A_LOOP, tmp_path, monkeypatch)
    shown = past_rendition(old_reminder, now=NOW)
    assert shown
    assert (shown.problems, shown.html) == ((), "<p>INV-2026-0041 and INV-2026-0042: €200.40;</p>")
