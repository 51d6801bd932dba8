"""What opens an account stands in its email and nowhere else: in no page of the message log, before and after."""

import asyncio
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from mailjet_sandbox.control import SandboxControl
from omnicrm.config import EmailSection
from omnicrm.emails.base import CatalogueEmail
from omnicrm.emails.users import (
    EmailVerification,
    UserAddressChange,
    UserPasswordChange,
    UserPasswordReset,
    UserPasswordResetSuccess,
    UserWelcome,
)
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import enqueue
from omnicrm.outbox.runtime import running_outbox
from omnicrm.outbox.states import State
from tests.integration.backoffice.scene import signed_in, staff
from tests.integration.outbox.conftest import config_for

NOW = datetime.now(UTC).replace(microsecond=0)
EMAILS: list[type[CatalogueEmail]] = [
    UserWelcome,
    UserPasswordReset,
    UserPasswordResetSuccess,
    UserPasswordChange,
    EmailVerification,
    UserAddressChange,
]
FIELDS = {
    "user_welcome": 201,
    "user_password_reset": 202,
    "user_password_reset_success": 203,
    "user_password_change": 204,
    "email_verification": 205,
    "user_address_change": 206,
}
"""The emails' sections in the config, and the templates they have in these tests."""


def queued(email: type[CatalogueEmail]) -> Message:
    to = Recipient(email="sam@example.com", name="Sam Port", language="en")
    enqueued = enqueue(email.sample("en"), to=to, key=f"sample:{email.section}", now=NOW)
    return Message.objects.get(id=enqueued.message_id)


def secrets_of(message: Message) -> list[str]:
    return [str(message.variables[name]) for name in message.secrets]


def pages(browser: Client, message: Message) -> str:
    """The message's own page and the list, as an administrator sees them."""
    own = reverse("admin:outbox_message_change", args=[message.id])
    return "".join(browser.get(page).content.decode() for page in (own, reverse("admin:outbox_message_changelist")))


@pytest.mark.parametrize("email", EMAILS, ids=lambda email: email.__name__)
def test_the_message_log_shows_none_while_they_wait(admin: Client, email: type[CatalogueEmail]) -> None:
    message = queued(email)
    shown = pages(admin, message)
    assert [secret for secret in secrets_of(message) if secret in shown] == []
    assert shown.count("•••") >= len(message.secrets)


def test_the_welcome_the_reset_and_the_verification_have_secrets() -> None:
    assert {email for email in EMAILS if email.secrets} == {UserWelcome, UserPasswordReset, EmailVerification}


@pytest.mark.django_db(transaction=True)
def test_none_is_stored_once_mailjet_has_accepted(sandbox: SandboxControl, sandbox_url: str) -> None:
    messages = [queued(email) for email in EMAILS]
    secrets = [secret for message in messages for secret in secrets_of(message)]
    drain(sandbox, sandbox_url)
    assert set(Message.objects.values_list("state", flat=True)) == {State.ACCEPTED}
    assert [secret for secret in secrets if secret not in str([each.variables for each in sandbox.messages()])] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT outbox_message::text FROM outbox_message")
        stored = str(cursor.fetchall())
    assert [secret for secret in secrets if secret in stored] == []
    browser = signed_in(staff())
    for message in messages:
        shown = pages(browser, message)
        assert [secret for secret in secrets if secret in shown] == []


def drain(sandbox: SandboxControl, sandbox_url: str) -> None:
    """Sends what is queued, each email with a template of its own."""
    sections = {
        field: EmailSection(from_email="it@yourcompany.com", from_name="IT", template_id=template_id, subject="Account")
        for field, template_id in FIELDS.items()
    }
    config = config_for(sandbox_url)
    config = config.model_copy(update={"mailjet": config.mailjet.model_copy(update=sections)})
    for template_id in FIELDS.values():
        sandbox.put_template(template_id, html="<p>{{var:user_name}}</p>", text="{{var:user_name}}")

    async def act() -> None:
        async with running_outbox(config, clock=lambda: NOW) as outbox:
            await outbox.dispatcher.drain()

    asyncio.run(act())
