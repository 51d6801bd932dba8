"""Which message an event is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection

from omnicrm.mailjet.events import Event

UUID_LENGTH: Final = 36
LONGEST_AFTER: Final = timedelta(days=40)
"""An event that names its message only by Mailjet's MessageID is believed to happen at most so long after it."""
CLOCKS_APART: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Addressed:
    """A message of ours; `to_email` is "" once its customer was erased. One with secrets has links that let in."""

    id: UUID
    to_email: str
    has_secrets: bool


def lock_messages(events: Sequence[Event]) -> list[Addressed | None]:
    """The message of each event, in their order; None where it is none of ours. All of them are locked.

    The CustomID names the message; where there is none, Mailjet's MessageID does. Rows are locked in the order of
    their ids, so that two who take in events, or record outcomes, wait for each other instead of failing.
    """
    named = [_named(event) or known for event, known in zip(events, _by_mailjet_id(events), strict=True)]
    messages = _locked({message_id for message_id in named if message_id})
    return [messages.get(message_id) if message_id else None for message_id in named]


def _named(event: Event) -> UUID | None:
    """The CustomID, if it is such as we give."""
    if len(event.custom_id) != UUID_LENGTH:
        return None
    try:
        message_id = UUID(event.custom_id)
    except ValueError:
        return None
    return message_id if message_id.version == 7 else None


def _by_mailjet_id(events: Sequence[Event]) -> list[UUID | None]:
    numbers = [None if event.custom_id else event.mailjet_message_id for event in events]
    wanted = {number for number in numbers if number is not None}
    if not wanted:
        return [None] * len(events)
    times = [event.happened_at for event, number in zip(events, numbers, strict=True) if number is not None]
    found: dict[int, UUID] = dict(
        _rows(
            _FIND,
            {
                "numbers": sorted(wanted),
                "lowest": min(wanted),
                "highest": max(wanted),
                "since": min(times) - LONGEST_AFTER,
                "until": max(times) + CLOCKS_APART,
            },
        )
    )
    return [found.get(number) if number is not None else None for number in numbers]


def _locked(ids: Iterable[UUID]) -> dict[UUID, Addressed]:
    ordered = sorted(ids)
    if not ordered:
        return {}
    rows = _rows(_LOCK, {"ids": ordered, "lowest": ordered[0], "highest": ordered[-1]})
    return {row[0]: Addressed(*row) for row in rows}


def _rows(query: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


# The ranges are for the BRIN index on both columns, which cannot look for one of many.
_FIND = """
SELECT mailjet_message_id, id FROM outbox_message
WHERE accepted_at BETWEEN %(since)s AND %(until)s
    AND mailjet_message_id BETWEEN %(lowest)s AND %(highest)s
    AND mailjet_message_id = ANY(%(numbers)s)
ORDER BY id
"""

_LOCK = """
SELECT id, to_email, secrets <> '{}' FROM outbox_message
WHERE id = ANY(%(ids)s) AND id BETWEEN %(lowest)s AND %(highest)s
ORDER BY id
FOR NO KEY UPDATE
"""
