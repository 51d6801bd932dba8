"""Any walk of balances, replayed shuffled, duplicated and cut into any batches, is told as if it had come in order."""

import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omnicrm.balances.crossings import NOTHING, Reading, State, advance
from omnicrm.balances.events import IncomingEvent
from omnicrm.balances.models import Alert, Balance
from omnicrm.balances.operations import set_service_alerts
from omnicrm.balances.thresholds import step
from omnicrm.config import current_config
from omnicrm.customers.models import Service
from tests.integration.balances.conftest import NOW, SECOND, accept, event, new_service

STEPS = ("50%", "20%", "5%")
WALKS = st.lists(
    st.lists(st.one_of(st.none(), st.integers(-5, 110)), min_size=1, max_size=8),
    min_size=1,
    max_size=4,
)
"""For each balance, its values in order; None is without end."""
Crossings = set[tuple[str, str, int]]


_NUMBERS = count()
"""Of the examples, whose balances share a service."""


def _service(name: str) -> Service:
    prepaid = new_service(name)
    set_service_alerts(service_id=prepaid.pk, plan_id=None, steps={"*": list(STEPS)}, now=NOW)
    return prepaid


@pytest.fixture
def service(db: None) -> Service:
    return _service("Martin")


@given(walks=WALKS, seed=st.integers(0, 2**32), batches=st.integers(1, 6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_shuffled_and_duplicated_replay_tells_exactly_what_the_ordered_run_tells(
    service: Service, walks: list[list[int | None]], seed: int, batches: int
) -> None:
    example = next(_NUMBERS)
    names = [f"{example}-{number}" for number in range(len(walks))]
    events = [each for name, walk in zip(names, walks, strict=True) for each in _events(service, name, walk)]
    for batch in _replayed(events, random.Random(seed), batches):  # noqa: S311 - a shuffle that hypothesis can repeat
        accept(*batch)
    assert _told(names) == _expected(names, walks)
    assert {balance.balance_id: balance.value for balance in Balance.objects.filter(balance_id__in=names)} == {
        name: walk[-1] for name, walk in zip(names, walks, strict=True)
    }


@pytest.mark.django_db
def test_hundreds_of_walks_at_once() -> None:
    """One large replay: the balances of 25 customers, 4,800 events with their duplicates."""
    source = random.Random(6)  # noqa: S311 - the same walks at every run
    names = [f"walk-{number}" for number in range(400)]
    walks: list[list[int | None]] = [[source.randint(0, 110) for _ in range(8)] for _ in names]
    services = [_service(f"Customer{number}") for number in range(25)]
    events = [
        each
        for number, (name, walk) in enumerate(zip(names, walks, strict=True))
        for each in _events(services[number % 25], name, walk)
    ]
    for batch in _replayed(events, source, 12):
        accept(*batch)
    assert _told(names) == _expected(names, walks)


def _events(service: Service, name: str, walk: Sequence[int | None]) -> list[IncomingEvent]:
    # Every third event happens at the same moment as the one before: then the higher id counts.
    return [
        event(service, value, at=0, balance_id=name, event_id=f"e{at:03}", event_time=NOW + (at - at % 3) * SECOND)
        for at, value in enumerate(walk)
    ]


def _replayed(events: Sequence[IncomingEvent], source: random.Random, batches: int) -> list[list[IncomingEvent]]:
    replay = [*events, *source.sample(events, k=len(events) // 2)]
    source.shuffle(replay)
    return [batch for number in range(batches) if (batch := replay[number::batches])]


def _told(names: Sequence[str]) -> Crossings:
    alerts = Alert.objects.filter(balance__balance_id__in=names)
    return set(alerts.values_list("balance__balance_id", "step", "ordinal"))


def _expected(names: Sequence[str], walks: Sequence[Sequence[int | None]]) -> Crossings:
    margin = current_config().balances.hysteresis_percent
    crossings: Crossings = set()
    for name, walk in zip(names, walks, strict=True):
        state: State = NOTHING
        for value in walk:
            reading = Reading(None if value is None else Decimal(value), Decimal(100))
            state, crossed = advance(state, reading, [step(each) for each in STEPS], margin_percent=margin)
            crossings |= {(name, each.step.key, each.ordinal) for each in crossed}
    return crossings
