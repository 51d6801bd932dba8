"""Random balance walks, replayed shuffled and duplicated through the real intake, against the model of the ordered run.

    python -m benchmarks.ours.balances walks [COUNT]

Every walk is one balance's values in order. All events of a round come in any order, half of them twice, some from
two threads at the same time; then each balance must have exactly the alerts, and the value, of its walk in order.
Memory is bounded by a round, however many walks there are.
"""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from omnicrm.balances.events import IncomingEvent

ROUND: Final = 2_000
LONGEST: Final = 12
SENDERS: Final = 2
BATCH: Final = 700
STEPS: Final = ("50%", "20%", "5%")
FULL: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Walk:
    """One balance's values in order; None is without end."""

    service_uuid: UUID
    balance_id: str
    values: Sequence[int | None]


def replay(services: Sequence[UUID], *, count: int) -> None:
    """Replays `count` walks. Raises AssertionError with a balance whose alerts or value are not those of its walk."""
    source = random.Random(6)  # noqa: S311 - the same walks at every run
    started, events, alerts = time.monotonic(), 0, 0
    for first in range(0, count, ROUND):
        walks = list(_walks(services, source, range(first, min(first + ROUND, count))))
        events += _send(walks, source)
        alerts += _compare(walks)
        if (first // ROUND) % 10 == 9:
            print(f"  {first + len(walks):,} walks, {time.monotonic() - started:,.0f} s", flush=True)
    print(f"balance walks: {count:,}, as {events:,} events shuffled and duplicated, ", end="")
    print(f"told exactly the {alerts:,} alerts of the ordered run ({time.monotonic() - started:,.0f} s)")


def _walks(services: Sequence[UUID], source: random.Random, numbers: range) -> Iterator[Walk]:
    for number in numbers:
        values = [_value(source) for _ in range(source.randint(1, LONGEST))]
        yield Walk(services[number % len(services)], f"walk-{number}", values)


def _value(source: random.Random) -> int | None:
    return None if source.random() < 0.03 else source.randint(-5, 110)


def _send(walks: Sequence[Walk], source: random.Random) -> int:
    now = datetime.now(UTC)
    events = [each for walk in walks for each in _events(walk, now - timedelta(hours=1))]
    events += source.sample(events, k=len(events) // 2)
    source.shuffle(events)
    batches = [events[at : at + BATCH] for at in range(0, len(events), BATCH)]
    with ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(_accept, [batches[sender::SENDERS] for sender in range(SENDERS)]))
    return len(events)


def _accept(batches: Sequence[Sequence["IncomingEvent"]]) -> None:
    from django.db import connection  # noqa: PLC0415 - needs `set_up`

    from omnicrm.balances.intake import accept_events  # noqa: PLC0415 - as above
    from omnicrm.balances.models import Source  # noqa: PLC0415 - as above

    with closing(connection):
        for batch in batches:
            accept_events(batch, source=Source.OWN, now=datetime.now(UTC))


def _events(walk: Walk, start: datetime) -> Iterator["IncomingEvent"]:
    """Every third event happens at the same moment as the one before: then the higher id counts."""
    from omnicrm.balances.events import IncomingEvent  # noqa: PLC0415 - needs `set_up`
    from omnicrm.emails.balances import BalanceType  # noqa: PLC0415 - as above

    for at, value in enumerate(walk.values):
        yield IncomingEvent(
            service_uuid=walk.service_uuid,
            account=str(walk.service_uuid),
            balance_id=walk.balance_id,
            balance_type=BalanceType.DATA,
            unit="B",
            value=None if value is None else Decimal(value),
            initial_value=FULL,
            event_id=f"e{at:03}",
            event_time=start + timedelta(seconds=at - at % 3),
        )


def _compare(walks: Sequence[Walk]) -> int:
    from omnicrm.balances.models import Alert, Balance  # noqa: PLC0415 - needs `set_up`

    names = [walk.balance_id for walk in walks]
    rows = Alert.objects.filter(balance__balance_id__in=names)
    told = list(rows.values_list("balance__balance_id", "step", "ordinal"))
    expected = {crossing for walk in walks for crossing in _in_order(walk)}
    assert len(told) == len(set(told)), "an alert was told twice"
    assert set(told) == expected, f"told otherwise: {sorted(set(told) ^ expected)[:5]}"
    values = dict(Balance.objects.filter(balance_id__in=names).values_list("balance_id", "value"))
    for walk in walks:
        assert values[walk.balance_id] == walk.values[-1], f"{walk.balance_id} ends at {values[walk.balance_id]}"
    return len(told)


def _in_order(walk: Walk) -> Iterator[tuple[str, str, int]]:
    """What the model tells of the walk, without a database, a shuffle or a duplicate."""
    from omnicrm.balances.crossings import NOTHING, Reading, State, advance  # noqa: PLC0415 - needs `set_up`
    from omnicrm.balances.thresholds import step  # noqa: PLC0415 - as above
    from omnicrm.config import current_config  # noqa: PLC0415 - as above

    margin = current_config().balances.hysteresis_percent
    steps = [step(each) for each in STEPS]
    state: State = NOTHING
    for value in walk.values:
        reading = Reading(None if value is None else Decimal(value), FULL)
        state, crossed = advance(state, reading, steps, margin_percent=margin)
        yield from ((walk.balance_id, each.step.key, each.ordinal) for each in crossed)
