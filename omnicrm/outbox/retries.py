"""Trying again: what passes by itself is tried later, each time later, until it has clearly failed."""

import random
from datetime import datetime, timedelta

from omnicrm.outbox.claims import Claimed
from omnicrm.outbox.records import Outcome
from omnicrm.outbox.states import State

GIVE_UP_AFTER = timedelta(days=2)
"""Age at which a message that meets passing faults all the time has failed."""
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)


def try_later(message: Claimed, reason: str, *, now: datetime) -> Outcome:
    """What becomes of a message that met a fault which is not its own."""
    if now - message.created_at > GIVE_UP_AFTER:
        return Outcome(id=message.id, state=State.FAILED, reason=reason)
    again_at = now + _delay(message.tries)
    return Outcome(id=message.id, state=State.QUEUED, reason=reason, not_before=again_at)


def _delay(tries: int) -> timedelta:
    """Doubles with each try up to an hour, with jitter so that a crowd does not come back at once."""
    return min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(tries, 20)) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
