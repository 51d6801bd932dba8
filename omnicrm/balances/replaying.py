"""Applying events out of quarantine, and throwing one away."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from omnicrm.audit.models import Action, TargetKind
from omnicrm.audit.operations import SYSTEM, Actor, Target, record
from omnicrm.balances import quarantine
from omnicrm.balances.events import IncomingEvent
from omnicrm.balances.intake import Status, accept_events
from omnicrm.balances.models import Quarantined, Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """What became of the events that left quarantine. `last` is the id behind which to go on; None: nothing is left."""

    by_status: Mapping[Status, int] = field(default_factory=dict)
    last: int | None = None

    @property
    def count(self) -> int:
        return sum(self.by_status.values())


def replay_quarantine(
    *, only: Q | None = None, after: int = 0, chunks: int | None = None, by: Actor = SYSTEM, now: datetime
) -> Replayed:
    """Applies the events in quarantine whose obstacle is gone, `only` some or all, behind the id `after`.

    Each chunk is durable by itself and noted in the audit log. Stops after so many `chunks`, where that is given.
    """
    by_status: Counter[Status] = Counter()
    last: int | None = after
    while last is not None and chunks != 0:
        done = _replay_chunk(only, after=last, by=by, now=now)
        by_status += Counter(done.by_status)
        last, chunks = done.last, None if chunks is None else chunks - 1
    return Replayed(by_status=by_status, last=last)


@transaction.atomic
def _replay_chunk(only: Q | None, *, after: int, by: Actor, now: datetime) -> Replayed:
    released = quarantine.release(only=only, now=now, after=after)
    if not released:
        return Replayed()
    by_source: dict[Source, list[IncomingEvent]] = defaultdict(list)
    for _pk, source, event in released:
        by_source[source].append(event)
    received = [each for source, events in by_source.items() for each in accept_events(events, source=source, now=now)]
    by_status = Counter(each.status for each in received)
    detail = {"count": len(released), **{status.value: count for status, count in by_status.items()}}
    record(action=Action.QUARANTINE_REPLAYED, by=by, target=_target_of(released), detail=detail, now=now)
    return Replayed(by_status=by_status, last=released[-1][0])


@transaction.atomic
def discard(*, quarantined_id: int, by: Actor = SYSTEM, now: datetime) -> None:
    """Throws an event away. Raises DoesNotExist."""
    held = Quarantined.objects.select_for_update().get(pk=quarantined_id)
    target = Target(kind=TargetKind.BALANCE_EVENT, id=held.pk, name=held.account)
    detail = {"obstacle": held.reason, "source": held.source, "balance": held.payload["balance_id"]}
    record(action=Action.QUARANTINE_DISCARDED, by=by, target=target, detail=detail, now=now)
    held.delete()


def _target_of(released: Sequence[tuple[int, Source, IncomingEvent]]) -> Target | None:
    """The event, if it was one alone."""
    if len(released) > 1:
        return None
    ((pk, _source, event),) = released
    return Target(kind=TargetKind.BALANCE_EVENT, id=pk, name=event.account)
