"""Reads of balances for pages and the API: lists, the course of one, and what would be told or was."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from omnicrm.balances.crossings import NOTHING, Reading, State, advance
from omnicrm.balances.models import Alert, Balance, BalanceEvent, Quarantined
from omnicrm.balances.thresholds import Step, Steps, checked_steps, steps_for
from omnicrm.config import current_config

POINTS_SHOWN: Final = 500
PREVIEWED: Final = timedelta(days=7)


def find_balances(
    *, customer_id: int | None = None, service_id: int | None = None, balance_type: str = ""
) -> QuerySet[Balance]:
    """Balances that have been reported, of a customer, a service or everybody, with their services at hand."""
    found = Balance.objects.filter(event_time__isnull=False).select_related("service").order_by("service_id", "pk")
    if customer_id is not None:
        found = found.filter(service__customer_id=customer_id)
    if service_id is not None:
        found = found.filter(service_id=service_id)
    return found.filter(balance_type=balance_type) if balance_type else found


def course(balance: Balance) -> QuerySet[BalanceEvent]:
    """The balance's events, newest first."""
    return BalanceEvent.objects.filter(balance=balance).order_by("-event_time", "-event_id")


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the plot of a balance's course. `value` None: without end."""

    at: datetime
    value: Decimal | None


def points(*, balance_id: int, since: datetime, until: datetime) -> list[Point]:
    """The balance's course in at most POINTS_SHOWN equal steps of time, each with the last value of its step."""
    width = max((until - since) / POINTS_SHOWN, timedelta(microseconds=1)).total_seconds()
    with connection.cursor() as cursor:
        cursor.execute(_POINTS, {"balance": balance_id, "since": since, "until": until, "width": width})
        return [Point(at, value) for at, value in cursor.fetchall()]


def find_alerts(
    *,
    customer_id: int | None = None,
    service_id: int | None = None,
    balance_id: int | None = None,
    kind: str = "",
    outcome: str = "",
) -> QuerySet[Alert]:
    """Alerts that fulfil all that is given, newest first, with their balances at hand."""
    given = {
        "customer_id": customer_id,
        "balance__service_id": service_id,
        "balance_id": balance_id,
        "kind": kind or None,
        "outcome": outcome or None,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    return Alert.objects.filter(**wanted).select_related("balance").order_by("-id")


def find_quarantined(*, source: str = "", reason: str = "") -> QuerySet[Quarantined]:
    wanted = {name: value for name, value in (("source", source), ("reason", reason)) if value}
    return Quarantined.objects.filter(**wanted)


def steps_of(balance: Balance) -> Sequence[Step]:
    """The thresholds in force for a balance; those of the charging system as its newest event says."""
    own = getattr(balance.service, "alerts", None)
    newest = BalanceEvent.objects.filter(balance=balance, event_id=balance.event_id).first()
    return steps_for(
        balance.balance_type,
        service=own.steps if own else {},
        plan=own.plan.steps if own and own.plan else {},
        has_charging=newest is not None and newest.threshold is not None,
        percentages=current_config().balances.low_threshold_percent,
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What thresholds would have done in the last week to the services of a plan."""

    services: int
    customers: int
    alerts: int


def preview_plan(*, plan_id: int, steps: Mapping[str, Sequence[object]], now: datetime) -> Preview:
    """How many customers thresholds would have alerted in the last week. Raises InvalidInput.

    Services with thresholds of their own are not asked. A balance that was low all the week is not counted.
    """
    checked = checked_steps(steps)
    margin = current_config().balances.hysteresis_percent
    services: set[int] = set()
    customers: set[int] = set()
    alerts = 0
    told: State = NOTHING
    last: int | None = None
    for row in _week_of_plan(plan_id, now):
        if row.balance_id != last:
            told, last = NOTHING, row.balance_id
        services.add(row.service_id)
        told, crossed = advance(told, row.reading, _steps(row, checked), margin_percent=margin)
        if crossed and row.is_this_week:
            alerts += 1
            customers.add(row.customer_id)
    return Preview(len(services), len(customers), alerts)


@dataclass(frozen=True, slots=True)
class _Row:
    balance_id: int
    service_id: int
    customer_id: int
    balance_type: str
    is_this_week: bool
    reading: Reading


def _week_of_plan(plan_id: int, now: datetime) -> Iterator[_Row]:
    """The events of a week, those of a balance together and in order, behind the last one before."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_WEEK, {"plan": plan_id, "since": now - PREVIEWED, "until": now})
        for *known, value, initial_value, threshold in cursor:
            balance_id, service_id, customer_id, balance_type, is_this_week = known
            reading = Reading(value, initial_value, threshold)
            yield _Row(balance_id, service_id, customer_id, balance_type, is_this_week, reading)


def _steps(row: _Row, plan: Steps) -> Sequence[Step]:
    return steps_for(
        row.balance_type,
        service={},
        plan=plan,
        has_charging=row.reading.threshold is not None,
        percentages=current_config().balances.low_threshold_percent,
    )


_POINTS = """
SELECT DISTINCT ON (step) event_time, value
FROM (
    SELECT event_time, event_id, value,
        floor(extract(epoch FROM event_time - %(since)s) / %(width)s) AS step
    FROM balances_balanceevent
    WHERE balance_id = %(balance)s AND event_time BETWEEN %(since)s AND %(until)s
) AS stepped
ORDER BY step, event_time DESC, event_id DESC
"""

_WEEK = """
SELECT balance.id, balance.service_id, service.customer_id, balance.balance_type, event.event_time >= %(since)s,
    event.value, event.initial_value, event.threshold
FROM balances_servicealerts AS own
JOIN customers_service AS service ON service.id = own.service_id
JOIN balances_balance AS balance ON balance.service_id = own.service_id
CROSS JOIN LATERAL (
    SELECT coalesce(max(event_time), %(since)s) AS at FROM balances_balanceevent AS before
    WHERE before.balance_id = balance.id AND before.event_time < %(since)s
) AS start
JOIN balances_balanceevent AS event
    ON event.balance_id = balance.id AND event.event_time BETWEEN start.at AND %(until)s
WHERE own.plan_id = %(plan)s AND own.steps = '{}'
ORDER BY balance.id, event.event_time, event.event_id
"""
