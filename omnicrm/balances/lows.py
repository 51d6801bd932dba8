"""Balances that fell below a step: which of these facts still need telling."""

from collections.abc import Sequence
from datetime import datetime

from omnicrm.balances.crossings import Crossed
from omnicrm.balances.facts import Fact
from omnicrm.balances.heads import Head
from omnicrm.balances.history import Crossing
from omnicrm.balances.models import AlertKind, Outcome
from omnicrm.balances.telling import tell
from omnicrm.config import current_config


def tell_low(crossings: Sequence[tuple[Head, Crossing]], *, now: datetime) -> None:
    """Decides about steps crossed for the first time, and queues what follows, in the caller's transaction.

    The balances are as their newest events left them.
    """
    tell([_fact(head, each, now) for head, each in crossings], now=now)


def _fact(head: Head, crossing: Crossing, now: datetime) -> Fact:
    crossed, entry = crossing.crossed, crossing.entry
    return Fact(
        balance_id=head.pk,
        service_id=head.service_id,
        kind=AlertKind.LOW,
        step=crossed.step.key,
        ordinal=crossed.ordinal,
        value=entry.reading.value,
        threshold=crossed.threshold,
        happened_at=entry.order[0],
        refusal=_refusal(head, crossed, happened_at=entry.order[0], now=now),
    )


def _refusal(head: Head, crossed: Crossed, *, happened_at: datetime, now: datetime) -> Outcome | None:
    told = head.told[crossed.step.key]
    if told.times != crossed.ordinal or told.low is None or head.value is None:
        return Outcome.TOPPED_UP
    if head.expiry is not None and head.expiry <= now:
        return Outcome.EXPIRED
    return Outcome.TOO_LATE if happened_at < now - current_config().balances.tell_within else None
