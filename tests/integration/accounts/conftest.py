"""Staff, a customer's user, and one moment at which everything happens."""

from datetime import UTC, datetime
from typing import Any

import pytest

from omnicrm.accounts.actors import user_actor
from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Entry
from omnicrm.audit.operations import Actor
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import create_customer
from omnicrm.outbox.models import Message

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
NEW_PASSWORD = "staple with great care"
IP = "203.0.113.7"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def helene(db: None) -> User:
    return create_user(
        email="Helene@example.com",
        full_name="Hélène Martin",
        role=Role.SUPPORT,
        password=PASSWORD,
        language="en",
        now=NOW,
    )


@pytest.fixture
def admin(db: None) -> Actor:
    """An administrator who acts."""
    ada = create_user(email="ada@example.com", full_name="Ada Minot", role=Role.ADMIN, password=PASSWORD, now=NOW)
    return user_actor(ada, ip=IP)


@pytest.fixture
def benali(db: None) -> Customer:
    return create_customer(customer_name="Karim Benali", now=NOW)


@pytest.fixture
def karim(benali: Customer) -> User:
    """A user of a customer."""
    return create_user(
        email="karim@example.org",
        full_name="Karim Benali",
        role=Role.CUSTOMER,
        customer_id=benali.pk,
        password=PASSWORD,
        now=NOW,
    )


def sent(section: str, *, to: str = "") -> list[Message]:
    """Messages of an email, given without `api_crmCommunication`, oldest first."""
    messages = Message.objects.filter(section=f"api_crmCommunication{section}").order_by("id")
    return list(messages.filter(to_email=to) if to else messages)


def the_one(section: str) -> Message:
    (message,) = sent(section)
    return message


def token_of(message: Message) -> str:
    """From the link in a reset or a verification."""
    (link,) = (value for name, value in message.variables.items() if name in {"reset_url", "verification_url"})
    return str(link).rstrip("/").rpartition("/")[2]


def code_of(message: Message) -> str:
    return str(message.variables["verification_code"])


def wrong_code(message: Message) -> str:
    return f"{(int(code_of(message)) + 1) % 10**6:06}"


def entries(*actions: str) -> list[Entry]:
    """Entries of the audit log with one of these actions, oldest first."""
    return list(Entry.objects.filter(action__in=actions).order_by("id"))
