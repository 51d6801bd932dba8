"""Events that cannot be applied yet are held, each once, and replayed when what was missing is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from omnicrm.balances import events
from omnicrm.balances.events import IncomingEvent, fingerprint
from omnicrm.balances.models import MAX_ID_LENGTH, Quarantined, QuarantineReason, Source
from omnicrm.customers.models import Service

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


def releasable(*, now: datetime) -> QuerySet[Quarantined]:
    """Those for which the obstacle is gone: the service is known now, and the event lies in the future no more."""
    happens = Cast(KeyTextTransform("event_time", "payload"), DateTimeField())
    known = Service.objects.filter(service_uuid=OuterRef("service_uuid"))
    return Quarantined.objects.alias(happens=happens).filter(
        Q(happens=None) | Q(happens__lte=now + timedelta(days=1)), Exists(known)
    )


def release(
    *, only: Q | None = None, limit: int = CHUNK, now: datetime, after: int = 0
) -> list[tuple[int, Source, IncomingEvent]]:
    """Takes releasable events out of quarantine, `only` some or all, oldest first, in the caller's transaction.

    `after` is the id behind which to go on.
    """
    wanted = releasable(now=now).filter(only or Q(), pk__gt=after).order_by("pk")
    held = list(wanted.select_for_update(of=("self",), skip_locked=True)[:limit])
    Quarantined.objects.filter(pk__in=[each.pk for each in held]).delete()
    return [(each.pk, Source(each.source), events.from_json(each.payload)) for each in held]


def discard_of_customer(*, customer_id: int) -> None:
    """Throws away what is held about any service of a customer."""
    services = Service.objects.filter(customer=customer_id).values("service_uuid")
    Quarantined.objects.filter(service_uuid__in=services).delete()


def forget_old(*, now: datetime) -> int:
    """Deletes what nobody could use for a month; returns how many."""
    deleted, _by_model = Quarantined.objects.filter(received_at__lt=now - HELD_FOR).delete()
    return deleted
