"""Balances held for the length of a transaction: read and locked in one order, changed in memory, written at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from omnicrm.balances import crossings
from omnicrm.balances.crossings import Reading, State
from omnicrm.balances.events import IncomingEvent
from omnicrm.balances.thresholds import Steps

Name = tuple[UUID, str]
"""A service's UUID and the charging system's id of one of its balances."""
Order = tuple[datetime, str]
"""Of events: when they happened, and at the same moment their ids."""


@dataclass(frozen=True, slots=True)
class ServiceSteps:
    """A service, and the steps set for itself and for its plan; empty where nothing is set."""

    service_id: int
    own: Steps
    of_plan: Steps


@dataclass(slots=True)
class Head:
    """A locked balance, as its newest event leaves it (models.Balance)."""

    pk: int
    service_id: int
    balance_id: str
    balance_type: str
    unit: str
    value: Decimal | None
    initial_value: Decimal | None
    expiry: datetime | None
    expiry_time: datetime | None
    expiry_event_id: str
    expiry_due: datetime | None
    event_time: datetime | None
    event_id: str
    told: State

    @property
    def order(self) -> Order | None:
        return (self.event_time, self.event_id) if self.event_time else None

    def is_behind(self, order: Order) -> bool:
        """Whether an event of this order is newer than all that came before."""
        return self.event_time is None or order > (self.event_time, self.event_id)

    def initial_for(self, event: IncomingEvent, *, margin_percent: Decimal) -> Decimal:
        """The initial value the event is judged by: its own, or the value after the last top-up.

        It is settled once, as the event comes in, so that the event means the same in whatever order it is read later.
        """
        if event.initial_value is not None:
            return event.initial_value
        known, value = self.initial_value, event.value
        if value is None:
            return known or Decimal(0)
        if known is None or value > known:
            return max(value, Decimal(0))
        was_topped_up = self.value is not None and value > self.value + known * margin_percent / 100
        return value if was_topped_up and value > 0 else known

    def follow(self, event: IncomingEvent, order: Order, reading: Reading) -> None:
        """Takes over what an event says: its expiry if none newer is known, the rest if it is the newest."""
        known = (self.expiry_time, self.expiry_event_id) if self.expiry_time else None
        if event.tells_expiry and (known is None or order > known):
            self.expiry_time, self.expiry_event_id = order
            if event.expiry != self.expiry:
                self.expiry = self.expiry_due = event.expiry
        if self.is_behind(order):
            self.event_time, self.event_id = order
            self.balance_type, self.unit = event.balance_type.value, event.unit
            self.value, self.initial_value = reading.value, reading.initial_value


def lock_heads(names: Iterable[Name]) -> tuple[dict[UUID, ServiceSteps], dict[Name, Head]]:
    """The services that are known, and those of the named balances that are there, nobody else's until the
    transaction ends."""
    pairs = list(names)
    services: dict[UUID, ServiceSteps] = {}
    heads: dict[Name, Head] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [[service_uuid for service_uuid, _ in pairs], [balance_id for _, balance_id in pairs]])
        for service_uuid, service_id, own, of_plan, told, *columns in cursor.fetchall():
            services[service_uuid] = ServiceSteps(service_id, orjson.loads(own), orjson.loads(of_plan))
            if told is not None:
                values: tuple[Any, ...] = (*columns, crossings.from_json(orjson.loads(told)))
                head = Head(*values)
                heads[(service_uuid, head.balance_id)] = head
    return services, heads


def make_balances(events: Mapping[Name, IncomingEvent]) -> None:
    """Makes balances, of their events' types and units, that somebody else may have made meanwhile.

    The caller holds no balance: whoever waits for one here while holding another could wait for ever.
    """
    rows = [(*name, event.balance_type.value, event.unit) for name, event in events.items()]
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, [list(column) for column in zip(*rows, strict=True)])


def save_told(heads: Iterable[Head]) -> None:
    """Writes only what late events have changed."""
    rows = [(head.pk, _told(head)) for head in heads]
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_TOLD, [list(column) for column in zip(*rows, strict=True)])


def columns_of(head: Head) -> tuple[object, ...]:
    """What an event may have changed. Numbers as text, which is cheapest to send."""
    return (
        head.pk,
        head.balance_type,
        head.unit,
        None if head.value is None else str(head.value),
        None if head.initial_value is None else str(head.initial_value),
        head.expiry,
        head.expiry_time,
        head.expiry_event_id,
        head.expiry_due,
        head.event_time,
        head.event_id,
        _told(head),
    )


def _told(head: Head) -> str:
    return orjson.dumps(crossings.to_json(head.told)).decode()


_LOCK = """
WITH wanted AS (
    SELECT service.id AS service_id, service.service_uuid, given.balance_id
    FROM unnest(%s::uuid[], %s::text[]) AS given (service_uuid, balance_id)
    JOIN customers_service AS service USING (service_uuid)
), locked AS (
    SELECT balance.*
    FROM balances_balance AS balance JOIN wanted USING (service_id, balance_id)
    ORDER BY balance.service_id, balance.balance_id
    FOR NO KEY UPDATE OF balance
)
SELECT wanted.service_uuid, wanted.service_id, coalesce(own.steps, '{}')::text, coalesce(plan.steps, '{}')::text,
    told::text, locked.id, locked.service_id, locked.balance_id, balance_type, unit, value, initial_value,
    expiry, expiry_time, expiry_event_id, expiry_due, event_time, event_id
FROM wanted
LEFT JOIN balances_servicealerts AS own ON own.service_id = wanted.service_id
LEFT JOIN balances_plan AS plan ON plan.id = own.plan_id
LEFT JOIN locked ON locked.service_id = wanted.service_id AND locked.balance_id = wanted.balance_id
"""

_MAKE = """
INSERT INTO balances_balance (service_id, balance_id, balance_type, unit, expiry_event_id, event_id, told)
SELECT service.id, balance_id, kind, unit, '', '', '{}'
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) AS new (service_uuid, balance_id, kind, unit)
JOIN customers_service AS service USING (service_uuid)
ORDER BY service.id, balance_id
ON CONFLICT DO NOTHING
"""

_SAVE_TOLD = """
UPDATE balances_balance AS balance SET told = new.told
FROM unnest(%s::bigint[], %s::jsonb[]) AS new (id, told)
WHERE balance.id = new.id
"""
