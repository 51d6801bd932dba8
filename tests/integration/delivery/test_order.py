"""However events arrive: in any order, in any number of posts, any of them more than once."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omnicrm.delivery.models import DeliveryEvent
from omnicrm.mailjet.events import Event, Kind
from omnicrm.outbox.models import Message, Suppression
from tests.integration.delivery.conftest import (
    accepted,
    blocking,
    event,
    greylisting,
    hard_bounce,
    now_is,
    soft_bounce,
    take,
)

pytestmark = pytest.mark.django_db

MAKERS = [
    *(lambda message, after, kind=kind: event(kind, message, after=after) for kind in Kind if kind is not Kind.BOUNCE),
    *(
        lambda message, after, make=make: make(message, after=after)
        for make in (greylisting, soft_bounce, hard_bounce, blocking)
    ),
    lambda message, after: blocking(message, "duplicate in campaign", after=after),
    lambda message, after: hard_bounce(message, error="quota exceeded", after=after),
]


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[list[int]]]:
    """Events as (maker, second), and posts of their indexes in which each occurs at least once."""
    facts = draw(st.lists(st.tuples(st.integers(0, len(MAKERS) - 1), st.integers(0, 3)), min_size=1, max_size=6))
    told = draw(st.lists(st.integers(0, len(facts) - 1), max_size=6)) + list(range(len(facts)))
    shuffled = draw(st.permutations(told))
    cuts = sorted(draw(st.sets(st.integers(1, len(shuffled)), max_size=3)))
    return facts, [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]


def outcome_of(message: Message) -> tuple[object, ...]:
    moved = now_is(message)
    suppressions = Suppression.objects.filter(address=message.to_email).values_list("scope", flat=True)
    facts = DeliveryEvent.objects.filter(message_id=message.id).values_list("kind", "happened_at", "error")
    return moved.state, moved.reason, moved.accepted_at, sorted(suppressions), sorted(facts)


def fresh_message() -> Message:
    return accepted(key=f"test:{uuid4()}", to_email=f"c{uuid4().hex}@example.com")


@given(telling=tellings())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_order_nor_repetition_nor_posts_matter(
    db: None, telling: tuple[list[tuple[int, int]], list[list[int]]]
) -> None:
    facts, posts = telling
    at_once, bit_by_bit = fresh_message(), fresh_message()

    def events(message: Message) -> list[Event]:
        return [MAKERS[maker](message, second) for maker, second in facts]

    take(*events(at_once))
    told = events(bit_by_bit)
    for post in posts:
        take(*(told[index] for index in post))
    assert outcome_of(bit_by_bit) == outcome_of(at_once)
