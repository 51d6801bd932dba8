"""Reads of balances for pages and the API: lists, the course of one, and what would be told or was."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Count, Q, QuerySet

from omnicrm.balances.models import TOLD_LOW, Alert, Balance, BalanceEvent, Quarantined
from omnicrm.balances.thresholds import Origin, Step, in_force
from omnicrm.config import current_config
from omnicrm.customers.models import Service

POINTS_SHOWN: Final = 500


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


def services_with_balances(customer_id: int) -> QuerySet[Service]:
    """The services of a customer, the latest 50, each with the number of its balances as `balance_count`."""
    reported = Count("balances", filter=Q(balances__event_time__isnull=False))
    return Service.objects.filter(customer_id=customer_id).annotate(balance_count=reported).order_by("-pk")[:50]


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


def value_before(*, balance_id: int, moment: datetime) -> Point | None:
    """The last point of a course before a moment, with which a plot begins."""
    earlier = BalanceEvent.objects.filter(balance=balance_id, event_time__lt=moment)
    newest = earlier.order_by("-event_time", "-event_id").values_list("event_time", "value").first()
    return Point(*newest) if newest else None


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
    return thresholds_of(balance)[1]


def thresholds_of(balance: Balance) -> tuple[Origin, Sequence[Step]]:
    """As steps_of, and where they are set."""
    return _in_force(balance, has_charging=balance.pk in _of_charging([balance]))


def highest_thresholds(balances: Collection[Balance]) -> dict[int, Decimal]:
    """Below what each balance is low, by its primary key; a balance without threshold is missing. One query for all,
    if their services' `alerts` with their plans are at hand."""
    of_charging = _of_charging(balances)
    highest: dict[int, Decimal] = {}
    for balance in balances:
        said = of_charging.get(balance.pk)
        _origin, steps = _in_force(balance, has_charging=said is not None)
        thresholds = (step.threshold(balance.initial_value or Decimal(0), said) for step in steps)
        if known := [threshold for threshold in thresholds if threshold is not None]:
            highest[balance.pk] = max(known)
    return highest


def _of_charging(balances: Iterable[Balance]) -> dict[int, Decimal]:
    """The charging system's own threshold of each balance whose newest event has one."""
    newest = [(balance.pk, balance.event_id) for balance in balances]
    events = BalanceEvent.objects.filter(pk__in=newest, threshold__isnull=False)
    return {event.balance_id: event.threshold for event in events}


def _in_force(balance: Balance, *, has_charging: bool) -> tuple[Origin, Sequence[Step]]:
    own = getattr(balance.service, "alerts", None)
    return in_force(
        balance.balance_type,
        service=own.steps if own else {},
        plan=own.plan.steps if own and own.plan else {},
        has_charging=has_charging,
        percentages=current_config().balances.low_threshold_percent,
    )


def low() -> Q:
    """Balances whose customers were told that they are low, and that have not risen since."""
    return Q(TOLD_LOW)


def expired(now: datetime) -> Q:
    return Q(expiry__lte=now)


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
