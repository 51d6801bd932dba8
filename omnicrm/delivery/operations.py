"""Taking in what Mailjet tells: each event once, whatever their order and however often they are told.

    lock the messages -> keep what is new -> move the messages on -> suppress addresses

All of it is one transaction of a few statements, however many events there are.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from omnicrm.delivery.consequences import suppress_addresses
from omnicrm.delivery.matching import Addressed, lock_messages
from omnicrm.delivery.transitions import STATES, step
from omnicrm.delivery.wording import reason
from omnicrm.mailjet.events import Event

CHUNK = 1_000
"""Events taken in by one statement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """How many of the events were new, and how many had been told before."""

    new: int
    known: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event on its way in, with the message it is about."""

    event: Event
    fingerprint: UUID
    message: Addressed | None


@dataclass(frozen=True, slots=True)
class _Sort:
    """The newest of a message's events that differ in nothing that decides, and what all its events tell together."""

    message_id: UUID
    kind: str
    is_hard: bool
    error: str
    error_related_to: str
    comment: str
    happened_at: datetime
    mailjet_message_id: int | None
    first_at: datetime

    @property
    def precedence(self) -> tuple[int, datetime, str, str]:
        return step(self), self.happened_at, self.error, self.comment


@transaction.atomic
def take_events(events: Sequence[Event], *, now: datetime) -> Taken:
    """Keeps events, and does what they mean: states of messages, suppressions, withdrawn consent.

    Events of messages that are none of ours count for their addresses all the same: the Mailjet account is one, and so
    are its recipients.
    """
    messages = lock_messages(events)
    arrivals = {
        event.fingerprint: Arrival(event, event.fingerprint, message)
        for event, message in zip(events, messages, strict=True)
    }
    fresh = _keep(arrivals.values(), now=now)
    _move_on({arrival.message.id for arrival in fresh if arrival.message}, now=now)
    suppress_addresses([(arrival.event, arrival.message) for arrival in fresh], now=now)
    return Taken(new=len(fresh), known=len(events) - len(fresh))


@transaction.atomic
def forget_events(*, customer_id: int) -> int:
    """Takes what is personal out of the events of a customer's messages and addresses; returns how many had any.

    To be called before the customer and its contacts are deleted, and after its messages have lost their address:
    events that come later are then kept without it from the start.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT delivery_forget(%s)", [customer_id])
        (forgotten,) = cursor.fetchone()
        return int(forgotten)


def _keep(arrivals: Iterable[Arrival], *, now: datetime) -> list[Arrival]:
    """Writes those that were not known yet, in one order for all who do, and returns them."""
    ordered = sorted(arrivals, key=lambda arrival: (arrival.event.happened_at, arrival.fingerprint))
    fresh: set[UUID] = set()
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), CHUNK):
            columns = [_columns(arrival) for arrival in ordered[start : start + CHUNK]]
            cursor.execute(_KEEP, {"events": orjson.dumps(columns).decode(), "now": now})
            fresh.update(fingerprint for (fingerprint,) in cursor.fetchall())
    return [arrival for arrival in ordered if arrival.fingerprint in fresh]


def _columns(arrival: Arrival) -> dict[str, Any]:
    event, message = arrival.event, arrival.message
    columns = {
        "happened_at": event.happened_at,
        "fingerprint": arrival.fingerprint,
        "kind": event.kind.value,
        "message_id": message and message.id,
        "mailjet_message_id": event.mailjet_message_id,
        "is_hard": event.is_hard,
        "error": event.error,
        "error_related_to": event.error_related_to,
    }
    kept = {name for name in PERSONAL if message is None or message.to_email}
    if message is None or message.has_secrets:
        kept.discard("url")
    return columns | {name: getattr(event, name) if name in kept else "" for name in PERSONAL}


def _move_on(message_ids: Collection[UUID], *, now: datetime) -> None:
    """Puts each message into the state of its highest step, judged by all its events."""
    if not message_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SORTS, {"ids": list(message_ids)})
        sorts = [_Sort(*row) for row in cursor.fetchall()]
    highest = {sort.message_id: sort for sort in sorted(sorts, key=lambda sort: sort.precedence)}
    changes = [
        {
            "id": message_id,
            "state": STATES[step(sort)].value,
            "reason": reason(sort),
            "mailjet_message_id": sort.mailjet_message_id,
            "first_at": sort.first_at,
        }
        for message_id, sort in highest.items()
    ]
    bounds = {"lowest": min(message_ids), "highest": max(message_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_ON, {"changes": orjson.dumps(changes).decode(), "now": now, **bounds})


PERSONAL = ("email", "comment", "url", "agent", "country")
"""What an event of an erased customer does not keep; a mail server's comment may quote the address. A link is kept only
where it is known to let nobody in."""

_COLUMNS = """
happened_at, fingerprint, kind, message_id, mailjet_message_id, is_hard, error, error_related_to,
email, comment, url, agent, country
"""

_KEEP = f"""
INSERT INTO delivery_event ({_COLUMNS}, received_at)
SELECT {_COLUMNS}, %(now)s::timestamptz
FROM json_to_recordset(%(events)s) AS told (
    happened_at timestamptz, fingerprint uuid, kind text, message_id uuid, mailjet_message_id bigint, is_hard boolean,
    error text, error_related_to text, email text, comment text, url text, agent text, country text
)
ON CONFLICT DO NOTHING
RETURNING fingerprint
"""  # noqa: S608 - nothing in it comes from outside

# However many events a message has: the newest of each sort, with what is known from all of them.
_SORTS = """
SELECT DISTINCT ON (message_id, kind, is_hard, error)
    message_id, kind, is_hard, error, error_related_to, comment, happened_at,
    max(mailjet_message_id) OVER of_message, min(happened_at) OVER of_message
FROM delivery_event
WHERE message_id = ANY(%(ids)s)
WINDOW of_message AS (PARTITION BY message_id)
ORDER BY message_id, kind, is_hard, error, happened_at DESC, comment COLLATE "C" DESC
"""

# An erased message keeps saying only that. The message counts as accepted when the first event proves it, unless its
# acceptance was recorded.
_MOVE_ON = """
UPDATE outbox_message AS message
SET state = change.state, lease_until = NULL,
    reason = CASE WHEN message.to_email = '' THEN message.reason ELSE change.reason END,
    accepted_at = coalesce(
        message.accepted_at, greatest(message.created_at, least(change.first_at, %(now)s::timestamptz))),
    mailjet_message_id = coalesce(message.mailjet_message_id, change.mailjet_message_id)
FROM json_to_recordset(%(changes)s) AS change (
    id uuid, state text, reason text, mailjet_message_id bigint, first_at timestamptz)
WHERE message.id = change.id AND message.id BETWEEN %(lowest)s AND %(highest)s
    AND (
        message.state <> change.state OR message.accepted_at IS NULL
        OR (message.mailjet_message_id IS NULL AND change.mailjet_message_id IS NOT NULL)
        OR (message.reason <> change.reason AND message.to_email <> '')
    )
"""
