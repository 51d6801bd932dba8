"""Events that happened, and those that are still to be told. One event loop uses it, so only the waiting has locks."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from mailjet_sandbox.records import EventKind
from mailjet_sandbox.store import Store

KEPT: Final = 10_000
MOST_IN_A_POST: Final = 1_000
PACE: Final = timedelta(seconds=1)
"""Between two POSTs of Version 2."""
RETRY: Final = timedelta(seconds=30)
GIVE_UP: Final = timedelta(hours=24)
"""After the first of a row of failures: the callback is dead then."""


@dataclass(kw_only=True, slots=True, eq=False)
class Event:
    """`told` counts the POSTs of it that were answered with 200. `is_lost`: there is nobody left to tell it to."""

    api_key: str
    kind: EventKind
    payload: Mapping[str, Any]
    told: int = 0
    is_lost: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    api_key: str
    url: str
    version: int


@dataclass(kw_only=True, slots=True, eq=False)
class Queue:
    """The events to be told in one place, in order. Whoever posts from it holds the lock.

    `not_before` and `failed_since` are in the sandbox's time.
    """

    to: Destination
    events: deque[Event] = field(default_factory=deque)
    not_before: datetime | None = None
    failed_since: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def take(self) -> list[Event]:
        """What goes into the next POST, taken out."""
        most = 1 if self.to.version == 1 else MOST_IN_A_POST
        return [self.events.popleft() for _ in range(min(most, len(self.events)))]

    def is_due(self, now: datetime) -> bool:
        return bool(self.events) and (self.not_before is None or self.not_before <= now)


@dataclass(frozen=True, kw_only=True, slots=True)
class Flushed:
    """How many events were told, how many are still pending, and what went wrong."""

    told: int
    pending: int
    problems: tuple[str, ...]


class Teller(Protocol):
    """Who tells events (see courier.py)."""

    async def flush(self, *, reverse: bool = False, times: int = 1) -> Flushed: ...


class EventLog:
    """`kept` are the latest events, earliest first. `woken` is set when there may be something to tell.

    `revision` grows with every change.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.woken = asyncio.Event()
        self.revision = 0
        self.clear()

    def clear(self) -> None:
        """Forgets all; a POST that is under way gives nothing back."""
        self.kept: deque[Event] = deque(maxlen=KEPT)
        self._queues: dict[Destination, Queue] = {}
        self.revision += 1

    @property
    def queues(self) -> list[Queue]:
        return list(self._queues.values())

    @property
    def pending_count(self) -> int:
        return sum(len(queue.events) for queue in self._queues.values())

    def add(self, api_key: str, kind: EventKind, payload: Mapping[str, Any]) -> Event:
        event = Event(api_key=api_key, kind=kind, payload=payload)
        self.kept.append(event)
        self._enqueue(event)
        self.revision += 1
        self.woken.set()
        return event

    def reroute(self) -> None:
        """After a change of the callbacks: what is pending goes where it is to go now."""
        waiting = list(self._pending())
        for queue in self._queues.values():
            queue.events.clear()
        for event in waiting:
            self._enqueue(event)
        self.revision += 1
        self.woken.set()

    def settle(self, queue: Queue, told: Iterable[Event], *, now: datetime) -> None:
        """These were told."""
        for event in told:
            event.told += 1
        queue.failed_since = None
        queue.not_before = now + PACE if queue.to.version == 2 else None
        self.revision += 1

    def give_back(self, queue: Queue, untold: list[Event], *, now: datetime) -> None:
        """These could not be told: later again, or no more if that has gone on for a day."""
        if self._queues.get(queue.to) is not queue:
            return
        queue.events.extendleft(reversed(untold))
        queue.not_before = now + RETRY
        queue.failed_since = queue.failed_since or now
        if now - queue.failed_since >= GIVE_UP:
            self._bury(queue)
        self.reroute()

    def _bury(self, queue: Queue) -> None:
        queue.failed_since = queue.not_before = None
        for callback in list(self._store.callbacks_of(queue.to.api_key)):
            if callback.url == queue.to.url:
                self._store.put_callback(replace(callback, status="dead"))

    def _pending(self) -> Iterator[Event]:
        for queue in self._queues.values():
            yield from queue.events

    def _enqueue(self, event: Event) -> None:
        callback = self._store.callback_for(event.api_key, event.kind)
        if callback is None:
            event.is_lost = True
            return
        to = Destination(api_key=event.api_key, url=callback.url, version=callback.version)
        if to not in self._queues:
            self._queues[to] = Queue(to=to)
        self._queues[to].events.append(event)
