"""What thresholds would have done in the last week, before anybody saves them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from omnicrm.balances.crossings import NOTHING, Reading, State, advance
from omnicrm.balances.models import ServiceAlerts
from omnicrm.balances.thresholds import Step, Steps, checked_steps, steps_for
from omnicrm.config import current_config

PREVIEWED: Final = timedelta(days=7)
MOST_SERVICES: Final = 1_000
MOST_EVENTS: Final = 100_000
"""Somebody waits for the answer: of a large plan a part is looked at."""
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Preview:
    """What thresholds would have done in the last week. `services` had events; at `left_out` more nobody looked."""

    services: int
    customers: int
    alerts: int
    left_out: int = 0


def preview_plan(*, plan_id: int, steps: Mapping[str, Iterable[object]], now: datetime) -> Preview:
    """How many customers of a plan its thresholds would have alerted in the last week. Raises InvalidInput.

    Services with thresholds of their own are not asked. A balance that was low all the week is not counted.
    """
    tally = _Tally(service={}, plan=checked_steps(steps))
    services, others = _some_of(plan_id)
    looked_at = tally.look_at(services, now=now)
    return tally.preview(left_out=len(services) + others - looked_at)


def preview_service(
    *, service_id: int, of_plan: Steps, steps: Mapping[str, Iterable[object]], now: datetime
) -> Preview:
    """The same of one service, with thresholds of its own before those of a plan. Raises InvalidInput."""
    tally = _Tally(service=checked_steps(steps), plan=of_plan)
    tally.look_at([service_id], now=now)
    return tally.preview(left_out=0)


@dataclass(frozen=True, slots=True)
class _Row:
    balance_id: int
    service_id: int
    customer_id: int
    balance_type: str
    is_this_week: bool
    reading: Reading


class _Tally:
    """Counts what these thresholds do to the services it looks at."""

    def __init__(self, *, service: Steps, plan: Steps) -> None:
        self._service, self._plan = service, plan
        self._percentages = current_config().balances.low_threshold_percent
        self._margin = current_config().balances.hysteresis_percent
        self._services: set[int] = set()
        self._customers: set[int] = set()
        self._alerts = self._events = 0

    def preview(self, *, left_out: int) -> Preview:
        return Preview(len(self._services), len(self._customers), self._alerts, left_out)

    def look_at(self, services: Sequence[int], *, now: datetime) -> int:
        """Stops once there were enough events; returns how many services it looked at."""
        looked_at = 0
        while looked_at < len(services) and self._events < MOST_EVENTS:
            some = services[looked_at : looked_at + _AT_ONCE]
            self._follow(_week_of(some, now))
            looked_at += len(some)
        return looked_at

    def _follow(self, rows: Iterator[_Row]) -> None:
        told: State = NOTHING
        last: int | None = None
        for row in rows:
            if row.balance_id != last:
                told, last = NOTHING, row.balance_id
            self._events += 1
            self._services.add(row.service_id)
            told, crossed = advance(told, row.reading, self._steps(row), margin_percent=self._margin)
            if crossed and row.is_this_week:
                self._alerts += 1
                self._customers.add(row.customer_id)

    def _steps(self, row: _Row) -> Sequence[Step]:
        return steps_for(
            row.balance_type,
            service=self._service,
            plan=self._plan,
            has_charging=row.reading.threshold is not None,
            percentages=self._percentages,
        )


def _some_of(plan_id: int) -> tuple[list[int], int]:
    """Services of a plan without thresholds of their own, the same ones each time so that previews can be compared,
    and the number of the others."""
    count = ServiceAlerts.objects.filter(plan_id=plan_id, steps={}).count()
    with connection.cursor() as cursor:
        cursor.execute(_SCATTERED, {"plan": plan_id, "limit": MOST_SERVICES})
        services = [service_id for (service_id,) in cursor.fetchall()]
    return services, count - len(services)


def _week_of(services: Sequence[int], now: datetime) -> Iterator[_Row]:
    """The events of a week, those of a balance together and in order, behind the last one before."""
    with connection.cursor() as cursor:
        cursor.execute(_WEEK, {"services": list(services), "since": now - PREVIEWED, "until": now})
        for *known, value, initial_value, threshold in cursor:
            balance_id, service_id, customer_id, balance_type, is_this_week = known
            reading = Reading(value, initial_value, threshold)
            yield _Row(balance_id, service_id, customer_id, balance_type, is_this_week, reading)


_SCATTERED = """
SELECT service_id FROM balances_servicealerts
WHERE plan_id = %(plan)s AND steps = '{}'
ORDER BY hashint8(service_id), service_id
LIMIT %(limit)s
"""

_WEEK = """
SELECT balance.id, balance.service_id, service.customer_id, balance.balance_type, event.event_time >= %(since)s,
    event.value, event.initial_value, event.threshold
FROM balances_balance AS balance
JOIN customers_service AS service ON service.id = balance.service_id
CROSS JOIN LATERAL (
    SELECT coalesce(max(event_time), %(since)s) AS at FROM balances_balanceevent AS before
    WHERE before.balance_id = balance.id AND before.event_time < %(since)s
) AS start
JOIN balances_balanceevent AS event
    ON event.balance_id = balance.id AND event.event_time BETWEEN start.at AND %(until)s
WHERE balance.service_id = ANY(%(services)s)
ORDER BY balance.id, event.event_time, event.event_id
"""
