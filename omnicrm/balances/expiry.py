"""Balances whose expiry has passed: told by the charging system or noticed by the clock, once for each expiry."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from omnicrm.balances.facts import Fact
from omnicrm.balances.models import Alert, AlertKind, Balance, Outcome
from omnicrm.balances.telling import tell
from omnicrm.config import current_config

CHUNK: Final = 1_000


def look_for_expired(*, now: datetime) -> int:
    """Judges every balance whose expiry and grace period have passed; returns how many.

    Each chunk is durable by itself, and a balance that somebody else is just changing is left for the next look.
    """
    judged = 0
    while judged_now := judge_expired(now=now):
        judged += judged_now
    return judged


@transaction.atomic
def judge_expired(*, now: datetime, limit: int = CHUNK) -> int:
    """Judges up to `limit` balances, those due longest first; returns how many."""
    due = list(
        Balance.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(expiry_due__lte=now - current_config().balances.expired_grace)
        .order_by("expiry_due")[:limit]
    )
    if not due:
        return 0
    known = _told_before(due)
    empty_since = _empty_since([balance.pk for balance in due])
    facts = [_fact(each, empty_since.get(each.pk), now) for each in due if (each.pk, each.expiry) not in known]
    tell(facts, now=now)
    Balance.objects.filter(pk__in=[balance.pk for balance in due]).update(expiry_due=None)
    return len(due)


def _fact(balance: Balance, empty_since: datetime | None, now: datetime) -> Fact:
    assert balance.expiry is not None  # noqa: S101 - only such balances are due
    return Fact(
        balance_id=balance.pk,
        service_id=balance.service_id,
        kind=AlertKind.EXPIRED,
        value=balance.value,
        expiry=balance.expiry,
        happened_at=balance.expiry,
        refusal=_refusal(balance.expiry, empty_since, now),
    )


def _refusal(expiry: datetime, empty_since: datetime | None, now: datetime) -> Outcome | None:
    settings = current_config().balances
    if expiry < now - settings.tell_within - settings.expired_grace:
        return Outcome.TOO_LATE
    if empty_since is not None and expiry - empty_since >= settings.expired_ignores_empty_for:
        return Outcome.EMPTY
    return None


def _told_before(due: Sequence[Balance]) -> set[tuple[int, datetime | None]]:
    """An expiry may have been moved away and back."""
    alerts = Alert.objects.filter(kind=AlertKind.EXPIRED, balance__in=due)
    return set(alerts.values_list("balance_id", "expiry"))


def _empty_since(balances: Collection[int]) -> dict[int, datetime]:
    """Since when each balance that is empty has been so, as far as its course is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY_SINCE, [list(balances)])
        return dict(cursor.fetchall())


_EMPTY_SINCE = """
SELECT balance.id, first.event_time
FROM balances_balance AS balance
CROSS JOIN LATERAL (
    SELECT min(event_time) AS event_time
    FROM balances_balanceevent AS event
    WHERE event.balance_id = balance.id AND event.event_time > coalesce((
        SELECT max(filled.event_time) FROM balances_balanceevent AS filled
        WHERE filled.balance_id = balance.id AND (filled.value > 0 OR filled.value IS NULL)
    ), '-infinity')
) AS first
WHERE balance.id = ANY(%s) AND balance.value <= 0 AND first.event_time IS NOT NULL
"""
