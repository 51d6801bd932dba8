"""Delivery as its rules are told: messages that Mailjet has accepted, and events that come in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from omnicrm.delivery.operations import Taken, take_events
from omnicrm.mailjet.events import Event, Kind
from omnicrm.outbox.models import Message, Suppression
from omnicrm.outbox.states import Lane, State

NOW = datetime.now(UTC).replace(microsecond=0)
HELENE = "helene@example.com"
NUMBER = 2**60 + 1
"""Mailjet's MessageID of the first message."""


def accepted(number: int = 0, **fields: Any) -> Message:
    """A message as the dispatch leaves it once Mailjet has it."""
    defaults = {
        "key": f"test:{number}",
        "section": "api_crmCommunicationCustomerWelcome",
        "lane": Lane.TRANSACTIONAL,
        "language": "fr",
        "to_email": HELENE,
        "subject": "Bienvenue",
        "created_at": NOW,
        "not_before": NOW,
        "state": State.ACCEPTED,
        "accepted_at": NOW,
        "mailjet_message_id": NUMBER + number,
    }
    return Message.objects.create(**{**defaults, **fields})


def event(kind: Kind, message: Message | None = None, *, after: int = 60, **fields: Any) -> Event:
    """One event, `after` seconds from NOW, about the message if there is one."""
    about = {
        "mailjet_message_id": message.mailjet_message_id if message else None,
        "custom_id": str(message.id) if message else "",
        "email": message.to_email if message else HELENE,
    }
    return Event(kind=kind, happened_at=NOW + timedelta(seconds=after), **{**about, **fields})


def hard_bounce(message: Message | None = None, **fields: Any) -> Event:
    more = {"is_hard": True, "error": "user unknown", "error_related_to": "recipient", "comment": "550 5.1.1 no"}
    return event(Kind.BOUNCE, message, **{**more, **fields})


def soft_bounce(message: Message | None = None, **fields: Any) -> Event:
    more = {"error": "quota exceeded", "error_related_to": "recipient", "comment": "452 4.2.2 full"}
    return event(Kind.BOUNCE, message, **{**more, **fields})


def greylisting(message: Message | None = None, **fields: Any) -> Event:
    return event(Kind.BOUNCE, message, **{"error": "greylisted", "error_related_to": "domain", **fields})


def blocking(message: Message | None = None, error: str = "preblocked", **fields: Any) -> Event:
    return event(Kind.BLOCKED, message, **{"error": error, "error_related_to": "mailjet", **fields})


def take(*events: Event, after: int = 120) -> Taken:
    return take_events(events, now=NOW + timedelta(seconds=after))


def now_is(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def suppressed() -> dict[tuple[str, str], str]:
    """Reasons by address and scope."""
    return {(each.address, each.scope): each.reason for each in Suppression.objects.all()}


Make = Callable[[Message], Event]
