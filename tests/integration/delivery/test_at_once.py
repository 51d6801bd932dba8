"""Many who tell at the same time, and the dispatcher beside them: they wait for each other, and none fails."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import OperationalError, connection, transaction
from psycopg import AsyncConnection

from omnicrm.delivery.models import DeliveryEvent
from omnicrm.mailjet.events import Kind
from omnicrm.outbox.models import Message
from omnicrm.outbox.records import Outcome, record
from omnicrm.outbox.runtime import conninfo
from omnicrm.outbox.states import State
from tests.integration.delivery.conftest import NOW, accepted, event, hard_bounce, now_is, suppressed, take

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60
"""Seconds."""


def recorded(*outcomes: Outcome) -> None:
    async def act() -> None:
        async with await AsyncConnection.connect(conninfo(), autocommit=True) as own:
            await record(own, outcomes, now=NOW)

    asyncio.run(act())


def claimed(number: int = 0) -> Message:
    """As it is while its call is under way."""
    to_email = f"c{number}@example.com"
    return accepted(
        number, to_email=to_email, state=State.CLAIMED, lease_until=NOW, accepted_at=None, mailjet_message_id=None
    )


def in_thread(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def is_waited_for(work: Future[None]) -> bool:
    """Whether the work waits for us by now; or has ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return work.done() or cursor.fetchone() == (True,)


def is_free(message: Message) -> bool:
    try:
        with transaction.atomic():
            Message.objects.select_for_update(nowait=True).get(pk=message.pk)
    except OperationalError:
        return False
    return True


def tell(first: Message, second: Message) -> None:
    take(event(Kind.SENT, second), event(Kind.SENT, first))


def write_down(first: Message, second: Message) -> None:
    recorded(*(Outcome(id=message.id, state=State.ACCEPTED) for message in (second, first)))


@pytest.mark.parametrize("work", [tell, write_down])
def test_messages_are_locked_in_the_order_of_their_ids(
    work: Callable[[Message, Message], None], threads: ThreadPoolExecutor
) -> None:
    first, second = claimed(1), claimed(2)
    with transaction.atomic():
        Message.objects.select_for_update().get(pk=first.pk)
        waiting = threads.submit(in_thread, lambda: work(first, second))
        deadline = time.monotonic() + PATIENCE
        while not is_waited_for(waiting):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert not waiting.done()
        assert is_free(second)
    waiting.result(PATIENCE)
    assert now_is(second).state != State.CLAIMED


def test_the_same_events_told_by_many_at_once_count_once(threads: ThreadPoolExecutor) -> None:
    messages = [accepted(number, to_email=f"c{number}@example.com") for number in range(20)]
    events = [hard_bounce(message) for message in messages] + [event(Kind.SPAM, message) for message in messages]
    together = Barrier(4)
    new: list[int] = []

    def tell_all(order: int) -> None:
        together.wait(PATIENCE)
        new.append(take(*events[::order]).new)

    for done in [threads.submit(in_thread, lambda order=order: tell_all(order)) for order in (1, -1, 1, -1)]:
        done.result(PATIENCE)
    assert sum(new) == DeliveryEvent.objects.count() == len(events)
    assert {now_is(message).state for message in messages} == {State.COMPLAINED}
    assert len(suppressed()) == len(messages)


def test_an_event_quicker_than_mailjets_answer_keeps_its_state() -> None:
    message = claimed()
    take(hard_bounce(message))
    recorded(Outcome(id=message.id, state=State.ACCEPTED, mailjet_message_id=77))
    moved = now_is(message)
    assert (moved.state, moved.mailjet_message_id, moved.accepted_at) == (State.BOUNCED, 77, NOW)
    assert moved.reason == "Hard bounce: user unknown (550 5.1.1 no)"
    assert [attempt["outcome"] for attempt in moved.attempts] == ["accepted"]


@pytest.mark.parametrize("lost", [State.UNKNOWN, State.QUEUED])
def test_a_call_without_an_answer_does_not_put_back_what_an_event_tells_of(lost: State) -> None:
    message = claimed()
    take(event(Kind.SENT, message))
    recorded(Outcome(id=message.id, state=lost, reason="timed out", not_before=NOW))
    assert now_is(message).state == State.DELIVERED
