"""The outbox in figures, for the dashboard and the API."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils.timezone import now

from omnicrm.outbox import queries
from omnicrm.outbox.models import Call, Message, Pause
from omnicrm.outbox.queries import (
    TROUBLES,
    accepted_per_minute,
    created_between,
    latest_troubles,
    matching,
    messages_of_customer,
    queue_figures,
)
from omnicrm.outbox.states import Lane, State
from tests.integration.backoffice.scene import customer, message_of, secret_message

pytestmark = pytest.mark.django_db
NOON = now().replace(hour=12, minute=0, second=30, microsecond=0)


def queued(count: int) -> list[Message]:
    return [message_of(customer(f"C{n}", email=f"c{n}@example.com")) for n in range(count)]


def test_an_empty_outbox_has_figures_too() -> None:
    figures = queue_figures(now=NOON)
    assert (figures.waiting, figures.oldest_since, figures.pause) == (0, None, None)
    assert [lane.lane for lane in figures.lanes] == list(Lane)
    assert figures.troubles == dict.fromkeys(TROUBLES, 0)


def test_what_is_due_and_what_comes_later_are_told_apart() -> None:
    first, second, third = (message.id for message in queued(3))
    for message_id, at in ((first, NOON - timedelta(minutes=9)), (second, NOON), (third, NOON + timedelta(hours=1))):
        Message.objects.filter(id=message_id).update(not_before=at)
    figures = queue_figures(now=NOON)
    lane = figures.lanes[Lane.TRANSACTIONAL]
    assert (lane.waiting, lane.later, lane.oldest_since) == (2, 1, NOON - timedelta(minutes=9))
    assert figures.oldest_since == NOON - timedelta(minutes=9)


def test_nothing_is_counted_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "COUNT_LIMIT", 2)
    queued(5)
    assert queue_figures(now=now()).lanes[Lane.TRANSACTIONAL].waiting == 3


def test_accepted_messages_count_in_their_minute() -> None:
    minutes = [(0, 2), (59, 1), (60, 1)]
    messages = iter(queued(4))
    for ago, count in minutes:
        for _count in range(count):
            at = NOON.replace(second=59) - timedelta(minutes=ago)
            Message.objects.filter(id=next(messages).id).update(accepted_at=at, state=State.ACCEPTED)
    figures = accepted_per_minute(now=NOON)
    assert len(figures) == 60
    assert figures[-1].start == NOON.replace(second=0)
    assert [minute.accepted for minute in figures if minute.accepted] == [1, 2]


def test_calls_that_still_count_stand_against_the_limit() -> None:
    for seconds in (-1, 1, 30):
        Call.objects.create(counts_until=NOON + timedelta(seconds=seconds))
    budget = queue_figures(now=NOON).budget
    assert (budget.used, budget.limit) == (2, None)


def test_a_pause_counts_until_it_is_over() -> None:
    Pause.objects.create(until=NOON, since=NOON - timedelta(minutes=1), reason="too many requests")
    assert queue_figures(now=NOON).pause is None
    pause = queue_figures(now=NOON - timedelta(seconds=1)).pause
    assert pause is not None
    assert (pause.reason, pause.until) == ("too many requests", NOON)


def test_troubles_are_counted_and_listed_newest_first() -> None:
    messages = queued(4)
    for message, state in zip(messages, (State.FAILED, State.ACCEPTED, State.UNKNOWN, State.REFUSED), strict=True):
        Message.objects.filter(id=message.id).update(state=state)
    assert queue_figures(now=now()).troubles == {State.UNKNOWN: 1, State.REFUSED: 1, State.FAILED: 1}
    assert [message.id for message in latest_troubles(now=now())] == [messages[n].id for n in (3, 2, 0)]
    assert [message.id for message in latest_troubles(now=now(), limit=1)] == [messages[3].id]


def test_troubles_of_long_ago_alarm_nobody() -> None:
    queued(1)
    Message.objects.update(state=State.FAILED)
    later = now() + timedelta(days=8)
    assert queue_figures(now=later).troubles[State.FAILED] == 0
    assert latest_troubles(now=later) == []


def test_a_customers_messages_are_its_own_newest_first() -> None:
    messages = queued(2)
    assert [message.id for message in messages_of_customer(messages[0].customer_id or 0)] == [messages[0].id]


def test_a_period_holds_its_start_and_not_its_end() -> None:
    (message,) = queued(1)
    start, end = message.created_at, message.created_at + timedelta(seconds=1)
    assert Message.objects.filter(created_between(start, end)).exists()
    assert not Message.objects.filter(created_between(start - timedelta(days=1), start)).exists()


@pytest.mark.parametrize("search", ["", " ", "@", "9" * 19, "9" * 20, "urn:uuid:nonsense", "\N{OWL}", "é" * 300])
def test_a_search_for_nothing_we_know_finds_nothing(search: str) -> None:
    queued(1)
    assert not Message.objects.filter(matching(search)).exists()


def test_an_address_is_found_as_it_is_written_in_the_outbox() -> None:
    message_of(customer(email="Jean.Dupont@exämple.fr"))
    assert Message.objects.filter(matching("Jean.Dupont@xn--exmple-cua.fr")).exists()


class TestIndexes:
    """With the planner kept from reading whole tables, no step of these reads may need to."""

    @pytest.fixture(autouse=True)
    def _no_whole_tables(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")

    @pytest.mark.parametrize(
        "messages",
        [
            Message.objects.filter(state=State.QUEUED, lane=Lane.BULK, not_before__lte=NOON).order_by("not_before")[:1],
            Message.objects.filter(state=State.FAILED, id__gte=UUID(int=0)).order_by("-id")[:10],
            Message.objects.filter(customer=1).order_by("-id")[:20],
            Message.objects.filter(to_email__in=["a@example.com"]).order_by("-id")[:50],
            Message.objects.filter(id=UUID(int=1)),
        ],
    )
    def test_an_index_answers(self, messages: object) -> None:
        plan = messages.explain()  # type: ignore[attr-defined]  # a query set
        assert "Index" in plan
        assert "Seq Scan" not in plan


def test_the_secret_scene_still_holds_its_secrets() -> None:
    """The masking tests rest on this."""
    message = secret_message()
    assert all(message.variables[name] not in {"", "•••"} for name in message.secrets)
