"""Event API: what Mailjet's webhook tells of the messages, read from the body of one POST."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

import orjson

EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)
"""Mailjet's first year: a time before it, such as 0, is none."""
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
"""A time after it is not in seconds."""
MAX_MESSAGE_ID = 2**63 - 1
MAX_EMAIL = 320
MAX_TEXT = 1_000
"""Characters kept of a text that only describes."""
MAX_SHOWN = 60
"""Characters of a value that a line about it shows."""
FLAGS = {"true": True, "1": True, "false": False, "0": False, "": False, "none": False}
FINGERPRINTS = UUID("8a6c2f1e-54b0-4b3f-9d0e-6f1f7b1f3c52")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class MalformedEvents(ValueError):
    """The body is no JSON object and no JSON array."""


class Kind(StrEnum):
    SENT = "sent"
    OPEN = "open"
    CLICK = "click"
    BOUNCE = "bounce"
    BLOCKED = "blocked"
    SPAM = "spam"
    UNSUB = "unsub"


KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One fact about one message. `happened_at` is in UTC, to the second; `mailjet_message_id` None where it is 0.

    `custom_id` and `email` are "" where Mailjet gives none, as in the test event of its web page. What an event of this
    kind does not have is "". A `comment` is the SMTP text (bounce, blocked), the server's reply (sent), or the feedback
    loop (spam). The IP address is deliberately not kept.
    """

    kind: Kind
    happened_at: datetime
    mailjet_message_id: int | None
    custom_id: str
    email: str
    is_hard: bool = False
    error: str = ""
    error_related_to: str = ""
    comment: str = ""
    url: str = ""
    agent: str = ""
    country: str = ""

    @property
    def fingerprint(self) -> UUID:
        """Equal for the same event told twice: Mailjet gives its events no identity, and tells at least once."""
        facts = (
            self.kind.value,
            self.mailjet_message_id,
            self.custom_id,
            int(self.happened_at.timestamp()),
            self.email,
            self.url,
            self.error,
            self.comment,
        )
        return uuid5(FINGERPRINTS, orjson.dumps(facts).decode())


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """`unread` has one line for each item that could not be read: which one, and why."""

    events: tuple[Event, ...]
    unread: tuple[str, ...]


class _Unreadable(ValueError):
    pass


def read_events(body: bytes) -> Reading:
    """Reads one event (callback of Version 1) or an array of them (Version 2), in their order.

    One bad item costs no other. Kinds of event that are none of Kind are left out. Raises MalformedEvents.
    """
    events, unread = list[Event](), list[str]()
    for number, item in enumerate(_items(body), start=1):
        try:
            event = _event(item)
        except _Unreadable as error:
            unread.append(f"event {number}: {error}")
        else:
            events += [event] if event else []
    return Reading(events=tuple(events), unread=tuple(unread))


def _items(body: bytes) -> list[object]:
    value = _json(body)
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list):
        return value
    raise MalformedEvents(f"events are a JSON object or an array of them, not {_shown(value)}")


def _json(body: bytes) -> object:
    try:
        value: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _tolerant_json(body)
    return value


def _tolerant_json(body: bytes) -> object:
    """A mail server's text may be no UTF-8, and then only that text is damaged."""
    try:
        value: object = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise MalformedEvents(f"the events are not JSON: {error}") from error
    return value


def _event(item: object) -> Event | None:
    if not isinstance(item, dict):
        raise _Unreadable(f"an object is needed, not {_shown(item)}")
    name = item.get("event")
    if not isinstance(name, str) or not name:
        raise _Unreadable(f"its kind is {_shown(name)}")
    if name not in KINDS:
        return None
    kind = Kind(name)
    return Event(
        kind=kind,
        happened_at=_time(item.get("time")),
        mailjet_message_id=_message_id(item.get("MessageID")),
        custom_id=_text(item, "CustomID"),
        email=_email(item),
        is_hard=kind is Kind.BOUNCE and _is_hard(item.get("hard_bounce")),
        **_particulars(kind, item),
    )


def _particulars(kind: Kind, item: Mapping[str, Any]) -> dict[str, str]:
    names = PARTICULARS[kind]
    return {field: _note(item.get(name)) for field, name in names.items()}


def _time(value: object) -> datetime:
    seconds = _whole_number(value)
    if seconds is None or not EARLIEST.timestamp() <= seconds < LATEST.timestamp():
        raise _Unreadable(f"its time is {_shown(value)}: seconds since 1970 are needed")
    return datetime.fromtimestamp(seconds, UTC)


def _message_id(value: object) -> int | None:
    if value is None or value == "":
        return None
    number = _whole_number(value)
    if number is None or not 0 <= number <= MAX_MESSAGE_ID:
        raise _Unreadable(f"its MessageID is {_shown(value)}: a whole number of 64 bits is needed")
    return number or None


def _whole_number(value: object) -> int | None:
    """Also of a number written as text: Mailjet's guides show both."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < MAX_SHOWN:
        return int(value)
    return None


def _email(item: Mapping[str, Any]) -> str:
    email = _text(item, "email")
    if len(email) > MAX_EMAIL:
        raise _Unreadable(f"its email has {len(email)} characters")
    return email


def _is_hard(value: object) -> bool:
    hard = FLAGS.get(str(value).lower()) if isinstance(value, bool | int | str | None) else None
    if hard is None:
        raise _Unreadable(f"its hard_bounce is {_shown(value)}: true or false is needed")
    return hard


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    if value is not None and not isinstance(value, str):
        raise _Unreadable(f"its {name} is {_shown(value)}: text is needed")
    return _storable(value or "")


def _note(value: object) -> str:
    """What only describes may come in any form, or not be kept: the event is worth more than it."""
    text = str(value) if isinstance(value, str | int | float) else ""
    return _storable(text[:MAX_TEXT])


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, list | dict):
        return "an array" if isinstance(value, list) else "an object"
    text = _storable(repr(value)) if not isinstance(value, int) or abs(value) <= MAX_MESSAGE_ID else "too large"
    return text[:MAX_SHOWN]


_ERROR = {"error": "error", "error_related_to": "error_related_to", "comment": "comment"}
_READER = {"agent": "agent", "country": "geo"}

PARTICULARS: Mapping[Kind, Mapping[str, str]] = {
    Kind.SENT: {"comment": "smtp_reply"},
    Kind.OPEN: _READER,
    Kind.CLICK: {"url": "url", **_READER},
    Kind.BOUNCE: _ERROR,
    Kind.BLOCKED: _ERROR,
    Kind.SPAM: {"comment": "source"},
    Kind.UNSUB: _READER,
}
"""Fields of Event, and Mailjet's names for them."""
