"""Who and what the back office's tests are about: staff, customers, messages."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from omnicrm.customers.models import Customer
from omnicrm.delivery.operations import take_events
from omnicrm.emails.users import EmailVerification
from omnicrm.mailjet.events import Event, Kind
from omnicrm.onboarding.operations import register_customer
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import enqueue
from omnicrm.outbox.states import State


def staff(role: Role = Role.ADMIN, *, language: str = "en", email: str = "") -> User:
    """A member of staff without a password: most tests do not sign in by one."""
    return create_user(
        email=email or f"{role.value}-{language}@yourcompany.com".lower(),
        full_name=f"{role.value} Person",
        role=role,
        language=language,
        now=now(),
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = user.language
    return client


def customer(name: str = "Hélène Lefèvre", *, email: str = "helene@example.com", **fields: object) -> Customer:
    """A registered customer, whose welcome is queued."""
    contacts = [{"first_name": "Hélène", "last_name": "Lefèvre", "email": email, "phone": "+33 6 12 34 56 78"}]
    fields = {"customer_name": name, "language": "fr", "contacts": contacts, **fields}
    return register_customer(now=now(), **fields).customer  # type: ignore[arg-type]  # fields of NewCustomer


def message_of(owner: Customer, *, state: State = State.QUEUED, reason: str = "") -> Message:
    """The customer's welcome, put into a state."""
    message = Message.objects.get(customer=owner)
    message.state, message.reason = state, reason
    message.lease_until = now() if state == State.CLAIMED else None
    message.save(update_fields=["state", "reason", "lease_until"])
    return message


def secret_message() -> Message:
    """A verification that still waits, its code and link therefore still stored."""
    to = Recipient(email="helene@example.com", name="Hélène Lefèvre", language="fr")
    enqueued = enqueue(EmailVerification.sample("fr"), to=to, key="verification:1", now=now())
    return Message.objects.get(id=enqueued.message_id)


def accepted(message: Message, *, at: datetime) -> Message:
    """The message once Mailjet has taken it."""
    message.state, message.accepted_at = State.ACCEPTED, at
    message.attempts = [{"at": at.isoformat(), "outcome": "accepted", "detail": ""}]
    message.save(update_fields=["state", "accepted_at", "attempts"])
    return message


def told(message: Message, kind: Kind, *, at: datetime, received_at: datetime | None = None, **fields: Any) -> None:
    """Mailjet tells of the message; received at once unless it is said when."""
    event = Event(
        kind=kind,
        happened_at=at.replace(microsecond=0),
        mailjet_message_id=None,
        custom_id=str(message.id),
        email=message.to_email,
        **fields,
    )
    take_events([event], now=received_at or at)
