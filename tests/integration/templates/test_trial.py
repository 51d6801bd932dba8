"""test: an email with sample data, in a real mailbox."""

import asyncio
from datetime import UTC, datetime

import pytest

from mailjet_sandbox.control import SandboxControl
from omnicrm.config import current_config
from omnicrm.outbox.models import Message
from omnicrm.outbox.runtime import running_outbox
from tests.integration.templates.conftest import RESET, WELCOME, Operator

NOBODY = "somebody@elsewhere.example.com"


def drain() -> None:
    async def act() -> None:
        async with running_outbox(current_config(), clock=lambda: datetime.now(UTC)) as outbox:
            await outbox.dispatcher.drain()

    asyncio.run(act())


@pytest.mark.parametrize("section", [WELCOME, RESET])
def test_a_test_reaches_an_address_that_is_no_customers(
    section: str, pushed: Operator, empty_mailjet: SandboxControl
) -> None:
    ended = pushed.run("test", "--section", section, "--to", NOBODY)
    assert ended.status == 0
    drain()
    (received,) = empty_mailjet.messages()
    assert (received.recipient, received.status, received.errors) == (NOBODY, "sent", ())
    assert received.subject.startswith("[TEST] ")
    assert received.custom_id in ended.out


def test_a_test_goes_in_the_language_asked_for(pushed: Operator, empty_mailjet: SandboxControl) -> None:
    pushed.run("test", "--section", WELCOME, "--language", "en", "--to", NOBODY)
    drain()
    (received,) = empty_mailjet.messages()
    assert received.subject == "[TEST] Welcome to Your Company"
    assert "Helen Smith" in received.text


def test_each_test_is_a_message_of_its_own(pushed: Operator) -> None:
    for _ in range(2):
        pushed.run("test", "--section", WELCOME, "--to", NOBODY)
    keys = Message.objects.values_list("key", flat=True)
    assert len(set(keys)) == 2
    assert all(key.startswith("test:") for key in keys)


def test_a_test_belongs_to_no_customer(pushed: Operator) -> None:
    pushed.run("test", "--section", WELCOME, "--to", NOBODY)
    assert Message.objects.get().customer_id is None


@pytest.mark.parametrize(
    ("section", "to", "what"),
    [
        (WELCOME, "nobody", "is not an email address"),
        (WELCOME, "a@example.com\r\nBcc: b@example.com", "is not an email address"),
        ("api_crmCommunicationUserWelcome", NOBODY, "is not configured"),
        ("nothing", NOBODY, 'there is no email "nothing"'),
    ],
)
def test_a_test_that_cannot_be_sent_is_one_line(section: str, to: str, what: str, operator: Operator) -> None:
    ended = operator.run("test", "--section", section, "--to", to)
    assert (ended.status, what in ended.error) == (1, True)
    assert not Message.objects.exists()
