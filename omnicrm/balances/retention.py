"""How long the room remembers: courses as long as crm_config.yaml says, alerts for a year, the rest for a month."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Q

from omnicrm.balances import quarantine
from omnicrm.balances.models import Alert, WebhookPost
from omnicrm.config import current_config

ALERTS_KEPT: Final = timedelta(days=365)
POSTS_KEPT: Final = timedelta(days=30)
CHUNK: Final = 20_000


def forget_old(*, now: datetime) -> None:
    """Deletes what is older, chunk by chunk. What has become of each balance so far stays known: the newest event
    before the horizon is kept, as the ground on which late events are judged."""
    horizon = now - current_config().balances.history
    while _forget_events(horizon) == CHUNK:
        pass
    WebhookPost.objects.filter(Q(delivered_at__lt=now - POSTS_KEPT) | Q(due_at=None), _posted_before(now)).delete()
    Alert.objects.filter(decided_at__lt=now - ALERTS_KEPT).delete()
    quarantine.forget_old(now=now)


def _posted_before(now: datetime) -> Q:
    return Q(alert__decided_at__lt=now - POSTS_KEPT)


def _forget_events(horizon: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"horizon": horizon, "limit": CHUNK})
        forgotten: int = cursor.rowcount
        return forgotten


_FORGET = """
DELETE FROM balances_balanceevent WHERE (balance_id, event_id) IN (
    SELECT old.balance_id, old.event_id
    FROM balances_balanceevent AS old
    WHERE old.received_at < %(horizon)s AND old.event_time < %(horizon)s AND EXISTS (
        SELECT FROM balances_balanceevent AS newer
        WHERE newer.balance_id = old.balance_id AND newer.event_time < %(horizon)s
            AND (newer.event_time, newer.event_id) > (old.event_time, old.event_id)
    )
    LIMIT %(limit)s
)
"""
