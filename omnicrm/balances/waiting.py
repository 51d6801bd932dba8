"""Emails about low balances that wait in the outbox, for the end of the quiet hours or for others to join."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from omnicrm.balances.models import Alert, Outcome

_LONGEST_WAIT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting email, and the alerts it tells that are still true."""

    message_id: UUID
    not_before: datetime
    alerts: list[Alert]


def lock_waiting(services: Collection[int], *, now: datetime) -> dict[int, Waiting]:
    """The waiting email of each service, kept from leaving until the transaction ends. One that is just being handed
    over is not waiting. Its alerts that are true no more are settled as topped up."""
    if not services:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(services), now - _LONGEST_WAIT])
        rows = cursor.fetchall()
    alerts = Alert.objects.in_bulk([alert_id for _, _, _, alert_id, _ in rows])
    waiting: dict[int, Waiting] = {}
    ended: list[UUID] = []
    for service_id, message_id, not_before, alert_id, is_true in rows:
        email = waiting.setdefault(service_id, Waiting(message_id, not_before, []))
        if is_true:
            email.alerts.append(alerts[alert_id])
        else:
            ended.append(alert_id)
    Alert.objects.filter(pk__in=ended).update(outcome=Outcome.TOPPED_UP, message_id=None)
    return waiting


_LOCK = """
SELECT balance.service_id, message.id, message.not_before, alert.id,
    balances_alert_is_true(alert, balance, service)
FROM balances_balance AS balance
JOIN customers_service AS service ON service.id = balance.service_id
JOIN balances_alert AS alert ON alert.balance_id = balance.id AND alert.kind = 'low'
JOIN outbox_message AS message ON message.id = alert.message_id AND message.state = 'queued'
WHERE balance.service_id = ANY(%s) AND alert.decided_at > %s
ORDER BY message.id, alert.id
FOR UPDATE OF message SKIP LOCKED
"""
