"""The course of balances: their events in order, each with the state of the thresholds after it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from omnicrm.balances import crossings
from omnicrm.balances.crossings import Crossed, Reading, State, advance
from omnicrm.balances.heads import Head, Order, columns_of
from omnicrm.balances.thresholds import Step


@dataclass(slots=True)
class Entry:
    """One event of a balance's course, and `told`, the state of the thresholds after it."""

    order: Order
    reading: Reading
    told: State


@dataclass(frozen=True, slots=True)
class Crossing:
    """A step crossed, with the event that did it."""

    crossed: Crossed
    entry: Entry


def known_ids(named: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Which of these (balance, event id) are in the course already."""
    pairs = list(named)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [[pk for pk, _ in pairs], [event_id for _, event_id in pairs]])
        return set(cursor.fetchall())


def append(entries: Iterable[tuple[int, Entry]], heads: Iterable[Head], *, now: datetime) -> None:
    """Writes events to the courses of balances (by id) that do not have them yet, and what the balances are now."""
    rows = [_row(balance, entry) for balance, entry in entries]
    if rows:
        added, saved = (zip(*columns, strict=True) for columns in (rows, map(columns_of, heads)))
        with connection.cursor() as cursor:
            cursor.execute(_APPEND, [now, *map(list, added), *map(list, saved)])


def go_on(
    told: State, entries: Iterable[Entry], steps: Sequence[Step], *, margin_percent: Decimal
) -> tuple[State, list[Crossing]]:
    """Folds entries that are newer than all before, in order, and notes the state in each."""
    crossings_: list[Crossing] = []
    for entry in entries:
        told, crossed = advance(told, entry.reading, steps, margin_percent=margin_percent)
        entry.told = told
        crossings_ += [Crossing(each, entry) for each in crossed]
    return told, crossings_


def fold_again(
    since: Mapping[int, Order], steps: Mapping[int, Sequence[Step]], *, margin_percent: Decimal
) -> dict[int, tuple[State, list[Crossing]]]:
    """Folds anew what lies at and behind a late event, for each balance. Returns the state at the end and what was
    crossed on the way."""
    folded: dict[int, tuple[State, list[Crossing]]] = {}
    changed: list[tuple[int, Entry]] = []
    for balance, (before, entries) in _suffixes(since).items():
        were = [entry.told for entry in entries]
        folded[balance] = go_on(before, entries, steps[balance], margin_percent=margin_percent)
        changed += [(balance, entry) for entry, was in zip(entries, were, strict=True) if entry.told != was]
    _note(changed)
    return folded


def _suffixes(since: Mapping[int, Order]) -> dict[int, tuple[State, list[Entry]]]:
    """For each balance, the state before an event, and that event with all behind it."""
    wanted: list[Any] = [[*since], [time for time, _ in since.values()], [event_id for _, event_id in since.values()]]
    suffixes: dict[int, tuple[State, list[Entry]]] = {balance: (crossings.NOTHING, []) for balance in since}
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, wanted)
        for balance, told in cursor.fetchall():
            suffixes[balance] = (crossings.from_json(orjson.loads(told)), [])
        cursor.execute(_FROM_THERE, wanted)
        for balance, event_time, event_id, value, initial_value, threshold, told in cursor.fetchall():
            reading = Reading(value, initial_value, threshold)
            state = crossings.from_json(orjson.loads(told))
            suffixes[balance][1].append(Entry((event_time, event_id), reading, state))
    return suffixes


def _note(changed: Sequence[tuple[int, Entry]]) -> None:
    if changed:
        rows = [(balance, entry.order[1], _told(entry)) for balance, entry in changed]
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [list(column) for column in zip(*rows, strict=True)])


def _row(balance: int, entry: Entry) -> tuple[Any, ...]:
    reading = entry.reading
    numbers = (reading.value, reading.initial_value, reading.threshold)
    return (balance, *entry.order, *(None if number is None else str(number) for number in numbers), _told(entry))


def _told(entry: Entry) -> str:
    return orjson.dumps(crossings.to_json(entry.told)).decode()


_KNOWN = """
SELECT event.balance_id, event.event_id
FROM balances_balanceevent AS event
JOIN unnest(%s::bigint[], %s::text[]) AS named (balance_id, event_id) USING (balance_id, event_id)
"""

_APPEND = """
WITH appended AS (
    INSERT INTO balances_balanceevent (
        received_at, balance_id, event_time, event_id, value, initial_value, threshold, told
    )
    SELECT %s, * FROM unnest(
        %s::bigint[], %s::timestamptz[], %s::text[], %s::numeric[], %s::numeric[], %s::numeric[], %s::jsonb[]
    )
)
UPDATE balances_balance AS balance
SET balance_type = new.balance_type, unit = new.unit, value = new.value, initial_value = new.initial_value,
    expiry = new.expiry, expiry_time = new.expiry_time, expiry_event_id = new.expiry_event_id,
    expiry_due = new.expiry_due, event_time = new.event_time, event_id = new.event_id, told = new.told
FROM unnest(
    %s::bigint[], %s::text[], %s::text[], %s::numeric[], %s::numeric[], %s::timestamptz[], %s::timestamptz[],
    %s::text[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::jsonb[]
) AS new (
    id, balance_type, unit, value, initial_value, expiry, expiry_time, expiry_event_id, expiry_due, event_time,
    event_id, told
)
WHERE balance.id = new.id
"""

_BEFORE = """
SELECT late.balance_id, event.told::text
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS late (balance_id, event_time, event_id)
CROSS JOIN LATERAL (
    SELECT told FROM balances_balanceevent AS earlier
    WHERE earlier.balance_id = late.balance_id
        AND (earlier.event_time, earlier.event_id) < (late.event_time, late.event_id)
    ORDER BY earlier.event_time DESC, earlier.event_id DESC LIMIT 1
) AS event
"""

_FROM_THERE = """
SELECT event.balance_id, event.event_time, event.event_id, value, initial_value, threshold, told::text
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS late (balance_id, event_time, event_id)
JOIN balances_balanceevent AS event ON event.balance_id = late.balance_id
    AND (event.event_time, event.event_id) >= (late.event_time, late.event_id)
ORDER BY event.balance_id, event.event_time, event.event_id
"""

_NOTE = """
UPDATE balances_balanceevent AS event
SET told = noted.told
FROM unnest(%s::bigint[], %s::text[], %s::jsonb[]) AS noted (balance_id, event_id, told)
WHERE event.balance_id = noted.balance_id AND event.event_id = noted.event_id
"""
