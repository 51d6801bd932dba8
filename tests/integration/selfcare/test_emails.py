"""My emails: what became of each, in words that customers use, and never whether they opened it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.models import User
from omnicrm.mailjet.events import Kind
from omnicrm.outbox.models import Message
from tests.integration.backoffice.scene import accepted, told
from tests.integration.invoices.conftest import files, issue, mails_about

__all__ = ["files"]

AT = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
HARD: dict[str, Any] = {"is_hard": True, "error": "user unknown", "comment": "550 5.1.1 no such user"}


def page(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def welcome(zoe: User) -> Message:
    return accepted(Message.objects.get(customer=zoe.customer), at=AT)


def about(message: Message) -> str:
    return reverse("my_email", args=[message.id])


def test_a_delivered_email_says_when_it_was_delivered(at_zoes: Client, welcome: Message) -> None:
    told(welcome, Kind.SENT, at=AT + timedelta(seconds=5), comment="250 OK queued as 4711")
    shown = page(at_zoes, about(welcome))
    assert "May 3, 2026" in shown
    assert "<dt>Delivered</dt>" in shown
    assert "4711" not in shown


def test_an_open_is_not_told(at_zoes: Client, welcome: Message) -> None:
    told(welcome, Kind.OPEN, at=AT + timedelta(seconds=9), agent="Thunderbird", country="FR")
    shown = page(at_zoes, about(welcome))
    assert "delivered" in shown
    assert "open" not in shown.lower().split("<dl", 1)[1].split("</dl>")[0]
    assert "Thunderbird" not in shown


def test_a_bounce_is_told_without_what_the_server_said_and_asks_for_the_right_address(
    at_zoes: Client, welcome: Message
) -> None:
    told(welcome, Kind.BOUNCE, at=AT + timedelta(seconds=5), **HARD)
    shown = page(at_zoes, about(welcome))
    assert "could not be delivered" in shown
    assert "Is this address still right?" in shown
    assert "550" not in shown


def test_a_deferred_email_is_still_on_its_way(at_zoes: Client, welcome: Message) -> None:
    told(welcome, Kind.BOUNCE, at=AT + timedelta(seconds=5), error="greylisted")
    shown = page(at_zoes, about(welcome))
    assert "on its way" in shown
    assert "Is this address still right?" not in shown


def test_an_invoice_tells_what_became_of_its_emails(at_zoes: Client, zoe: User) -> None:
    assert zoe.customer
    invoice = issue(zoe.customer)
    (mail,) = mails_about(invoice)
    told(accepted(mail, at=AT), Kind.SENT, at=AT + timedelta(seconds=5))
    shown = page(at_zoes, reverse("my_invoice", args=[invoice.pk]))
    assert about(mail) in shown
    assert "Emails about it" in shown
    assert ">delivered<" in shown


def test_an_invoice_without_an_email_tells_of_none(at_zoes: Client, zoe: User) -> None:
    assert zoe.customer
    invoice = issue(zoe.customer, send=False)
    assert "Emails about it" not in page(at_zoes, reverse("my_invoice", args=[invoice.pk]))
