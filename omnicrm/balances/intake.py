"""Events of the charging system on their way in: whatever their order and however often, applied once, and durable.

    name -> lock the balances -> quarantine | drop repeats -> follow -> fold -> write -> tell what was crossed

A chunk is one transaction of a few statements, however many events it holds. Balances are locked in one order, and new
ones made beforehand, so that chunks sent at the same time wait for each other instead of failing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from omnicrm.balances import history
from omnicrm.balances.crossings import NOTHING, Reading
from omnicrm.balances.events import IncomingEvent, named
from omnicrm.balances.heads import Head, Name, Order, ServiceSteps, lock_heads, make_balances, save_told
from omnicrm.balances.history import Crossing, Entry
from omnicrm.balances.lows import tell_low
from omnicrm.balances.models import QuarantineReason, Source
from omnicrm.balances.quarantine import Held, hold
from omnicrm.balances.thresholds import Step, steps_for
from omnicrm.config import current_config

CHUNK: Final = 1_000
"""Events applied in one transaction: enough to be quick, few enough to be answered soon."""
FUTURE: Final = timedelta(days=1)
"""An event further ahead would make all that come before it look old."""


class Status(models.TextChoices):
    """What became of an event. All of them are durable, and need not be sent again."""

    APPLIED = "applied", _("The balance is now as the event says.")
    LATE = "late", _("A newer event was known already; this one completes the balance's course.")
    REPEATED = "repeated", _("The event was known already.")
    TOO_OLD = "too_old", _("The event is older than what is kept of the balance.")
    QUARANTINED = "quarantined", _("The event waits in quarantine.")
    IGNORED = "ignored", _("There is nothing in it about balances in use.")


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one event; `reason` says why it waits in quarantine."""

    status: Status
    reason: QuarantineReason | None = None


@dataclass(slots=True)
class _Arrival:
    """A named event at its place in the chunk. `order` is its place in the balance's course."""

    place: int
    given: IncomingEvent
    event: IncomingEvent
    order: Order

    @property
    def name(self) -> Name:
        return (_service_uuid(self.event), self.event.balance_id)


def accept_events(events: Sequence[IncomingEvent], *, source: Source, now: datetime) -> list[Received]:
    """Applies up to some thousand events, or puts them into quarantine; returns what became of each, in order."""
    arrivals = [_arrival(place, given, now) for place, given in enumerate(events)]
    wanted = {each.name: each.event for each in arrivals if not _own_obstacle(each, now)}
    while True:
        with transaction.atomic():
            services, heads = lock_heads(wanted)
            missing = {name: wanted[name] for name in wanted if name[0] in services and name not in heads}
            if not missing:
                return _take_in(arrivals, services, heads, source=source, now=now)
            transaction.set_rollback(True)  # lets go of the balances that were locked
        make_balances(missing)


def _take_in(
    arrivals: Sequence[_Arrival],
    services: Mapping[UUID, ServiceSteps],
    heads: Mapping[Name, Head],
    *,
    source: Source,
    now: datetime,
) -> list[Received]:
    received: dict[int, Received] = {}
    held: list[Held] = []
    for arrival in arrivals:
        if reason := _own_obstacle(arrival, now) or _stranger(arrival, services):
            held.append(Held(arrival.given, arrival.event, reason))
            received[arrival.place] = Received(Status.QUARANTINED, reason)
    hold(held, source=source, now=now)
    received |= _apply([each for each in arrivals if each.place not in received], services, heads, now=now)
    return [received[arrival.place] for arrival in arrivals]


def _arrival(place: int, given: IncomingEvent, now: datetime) -> _Arrival:
    event = named(given, now=now + timedelta(microseconds=place), fallback_id=str(uuid7()))
    assert event.event_time is not None  # noqa: S101 - `named` has given it one
    return _Arrival(place, given, event, (event.event_time, event.event_id))


def _own_obstacle(arrival: _Arrival, now: datetime) -> QuarantineReason | None:
    if arrival.event.service_uuid is None:
        return QuarantineReason.NO_SERVICE
    return QuarantineReason.FROM_THE_FUTURE if arrival.order[0] > now + FUTURE else None


def _stranger(arrival: _Arrival, services: Mapping[UUID, ServiceSteps]) -> QuarantineReason | None:
    return None if arrival.event.service_uuid in services else QuarantineReason.UNKNOWN_SERVICE


def _apply(
    arrivals: Sequence[_Arrival],
    services: Mapping[UUID, ServiceSteps],
    heads: Mapping[Name, Head],
    *,
    now: datetime,
) -> dict[int, Received]:
    received = dict.fromkeys((arrival.place for arrival in arrivals), Received(Status.REPEATED))
    oldest = now - current_config().balances.history
    fresh: list[_Arrival] = []
    for arrival in _without_repeats(arrivals, heads):
        if arrival.order[0] < oldest and not heads[arrival.name].is_behind(arrival.order):
            received[arrival.place] = Received(Status.TOO_OLD)
        else:
            fresh.append(arrival)
    course = _Course(now)
    for name, group in groupby(sorted(fresh, key=lambda each: (each.name, each.order)), key=lambda each: each.name):
        received |= course.take_in(heads[name], list(group), services[name[0]])
    tell_low(course.write(), now=now)
    return received


def _without_repeats(arrivals: Sequence[_Arrival], heads: Mapping[Name, Head]) -> list[_Arrival]:
    """Of events with the same id, the first."""
    first: dict[tuple[int, str], _Arrival] = {}
    for arrival in arrivals:
        first.setdefault((heads[arrival.name].pk, arrival.event.event_id), arrival)
    known = history.known_ids(first) if first else set()
    return [arrival for named_, arrival in first.items() if named_ not in known]


class _Course:
    """What a chunk adds to the courses of balances."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._margin = current_config().balances.hysteresis_percent
        self._percentages = current_config().balances.low_threshold_percent
        self._added: list[tuple[int, Entry]] = []
        self._crossings: list[tuple[Head, Crossing]] = []
        self._late: dict[int, Order] = {}
        self._steps_of: dict[int, Sequence[Step]] = {}
        self._heads: dict[int, Head] = {}

    def take_in(self, head: Head, arrivals: Sequence[_Arrival], service: ServiceSteps) -> dict[int, Received]:
        """Follows new events of one balance, in their order. What only goes on is folded at once."""
        is_late = not head.is_behind(arrivals[0].order)
        steps = self._steps(arrivals[-1].event, service)
        received: dict[int, Received] = {}
        entries: list[Entry] = []
        for arrival in arrivals:
            event = arrival.event
            reading = Reading(event.value, head.initial_for(event, margin_percent=self._margin), event.threshold)
            received[arrival.place] = Received(Status.APPLIED if head.is_behind(arrival.order) else Status.LATE)
            head.follow(event, arrival.order, reading)
            entries.append(Entry(arrival.order, reading, NOTHING))
        self._heads[head.pk] = head
        self._added += [(head.pk, entry) for entry in entries]
        if is_late:
            self._steps_of[head.pk], self._late[head.pk] = steps, arrivals[0].order
        else:
            head.told, crossed = history.go_on(head.told, entries, steps, margin_percent=self._margin)
            self._crossings += [(head, each) for each in crossed]
        return received

    def write(self) -> list[tuple[Head, Crossing]]:
        """Writes the events, folds the late ones' balances anew, and returns what was crossed for the first time."""
        history.append(self._added, self._heads.values(), now=self._now)
        if self._late:
            folded = history.fold_again(self._late, self._steps_of, margin_percent=self._margin)
            for pk, (told, crossed) in folded.items():
                head = self._heads[pk]
                self._crossings += [(head, each) for each in _not_told_before(head, crossed)]
                head.told = told
            save_told(self._heads[pk] for pk in folded)
        return self._crossings

    def _steps(self, event: IncomingEvent, service: ServiceSteps) -> Sequence[Step]:
        return steps_for(
            event.balance_type.value,
            service=service.own,
            plan=service.of_plan,
            has_charging=event.threshold is not None,
            percentages=self._percentages,
        )


def _not_told_before(head: Head, crossings: Iterable[Crossing]) -> list[Crossing]:
    times: dict[str, int] = defaultdict(int, {key: told.times for key, told in head.told.items()})
    return [each for each in crossings if each.crossed.ordinal > times[each.crossed.step.key]]


def _service_uuid(event: IncomingEvent) -> UUID:
    assert event.service_uuid is not None  # noqa: S101 - only such an event has a name
    return event.service_uuid
