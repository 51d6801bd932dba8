"""Single events that come in at the same time are applied together: one transaction for all of a process's threads.

Whoever finds nobody at work applies its event. What comes meanwhile waits, and then one of those applies all of it.
Nobody is answered before its own event is durable, and an event that fails takes no other with it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock

from omnicrm.balances.events import IncomingEvent
from omnicrm.balances.intake import CHUNK, Received, accept_events
from omnicrm.balances.models import Source


@dataclass(slots=True)
class _Waiting:
    """An event until it is settled. `turn` comes when it is, or, without an outcome, when its thread shall lead."""

    event: IncomingEvent
    outcome: Received | BaseException | None = None
    turn: Event = field(default_factory=Event)


class Gathering:
    """The events that wait in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[_Waiting] = deque()
        self._is_led = False

    def accept(self, event: IncomingEvent, *, now: datetime) -> Received:
        """Applies one event of our own form, or puts it into quarantine, outside of any transaction of the caller's."""
        mine = _Waiting(event)
        with self._lock:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.turn.wait()
        if mine.outcome is None:
            self._lead(now)
        if isinstance(mine.outcome, BaseException):
            raise mine.outcome
        assert mine.outcome is not None  # noqa: S101 - a leader settles all it takes, its own event first of all
        return mine.outcome

    def _lead(self, now: datetime) -> None:
        """Settles all that waits, then lets the next lead, if anything came meanwhile."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), CHUNK))]
        _settle(batch, now=now)
        with self._lock:
            following = self._waiting[0] if self._waiting else None
            self._is_led = following is not None
        for each in batch:
            each.turn.set()
        if following:
            following.turn.set()


def _settle(batch: Sequence[_Waiting], *, now: datetime) -> None:
    try:
        received = accept_events([each.event for each in batch], source=Source.OWN, now=now)
    except BaseException as error:  # whatever ends this thread must not leave others waiting
        if len(batch) == 1 or not isinstance(error, Exception):
            for each in batch:
                each.outcome = error
            return
        for each in batch:
            _settle([each], now=now)
    else:
        for each, outcome in zip(batch, received, strict=True):
            each.outcome = outcome


_gathering = Gathering()
accept_event = _gathering.accept
