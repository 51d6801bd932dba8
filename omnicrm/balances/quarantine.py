"""Events that cannot be applied yet are held, each once, and replayed when what was missing is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from omnicrm.balances import events
from omnicrm.balances.events import IncomingEvent, fingerprint
from omnicrm.balances.models import MAX_ID_LENGTH, Quarantined, QuarantineReason, Source

HELD_FOR: Final = timedelta(days=30)
CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Held:
    """An event as it came, by which it is told from others, and as it will be applied."""

    given: IncomingEvent
    event: IncomingEvent
    reason: QuarantineReason


def hold(held: Sequence[Held], *, source: Source, now: datetime) -> None:
    """Keeps events with the reason they were not applied. One that is held already is not held twice."""
    Quarantined.objects.bulk_create(
        [
            Quarantined(
                fingerprint=fingerprint(each.given),
                source=source,
                reason=each.reason,
                account=each.event.account[:MAX_ID_LENGTH],
                service_uuid=each.event.service_uuid,
                payload=events.to_json(each.event),
                received_at=now,
            )
            for each in held
        ],
        ignore_conflicts=True,
    )


def release(*, limit: int = CHUNK, now: datetime, after: int = 0) -> list[tuple[int, Source, IncomingEvent]]:
    """Takes events out of quarantine for which the obstacle is gone, oldest first, in the caller's transaction.

    `after` is the id behind which to go on. An event of which the service is known now, or that lies in the future no
    more, can be applied.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELEASABLE, {"after": after, "limit": limit, "latest": now + timedelta(days=1)})
        ids = [pk for (pk,) in cursor.fetchall()]
    held = list(Quarantined.objects.filter(pk__in=ids).order_by("pk"))
    Quarantined.objects.filter(pk__in=ids).delete()
    return [(each.pk, Source(each.source), events.from_json(each.payload)) for each in held]


@transaction.atomic
def discard(*, quarantined_id: int) -> None:
    """Throws an event away. Raises DoesNotExist."""
    Quarantined.objects.get(pk=quarantined_id).delete()


def forget_old(*, now: datetime) -> int:
    """Deletes what nobody could use for a month; returns how many."""
    deleted, _by_model = Quarantined.objects.filter(received_at__lt=now - HELD_FOR).delete()
    return deleted


_RELEASABLE = """
SELECT held.id FROM balances_quarantined AS held
WHERE held.id > %(after)s
    AND EXISTS (SELECT FROM customers_service AS service WHERE service.service_uuid = held.service_uuid)
    AND (held.payload ->> 'event_time' IS NULL OR (held.payload ->> 'event_time')::timestamptz <= %(latest)s)
ORDER BY held.id
LIMIT %(limit)s
FOR UPDATE OF held SKIP LOCKED
"""
