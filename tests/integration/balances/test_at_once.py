"""Chunks that come in at the same time neither fail nor tell anything twice."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import DataError, connections

from omnicrm.balances.events import IncomingEvent
from omnicrm.balances.gathering import accept_event
from omnicrm.balances.intake import Received, Status
from omnicrm.balances.models import Alert, Balance, BalanceEvent
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.balances.conftest import NOW, accept, event, new_service

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*batches: Sequence[IncomingEvent]) -> None:
    """Applies the batches in a thread each, all begun together."""
    streams_at_once(*([batch] for batch in batches))


def streams_at_once(*streams: Sequence[Sequence[IncomingEvent]]) -> None:
    """Applies the batches of each stream one after the other, the streams in a thread each, all begun together."""
    begin = Barrier(len(streams))

    def work(stream: Sequence[Sequence[IncomingEvent]]) -> None:
        try:
            begin.wait(10)
            for batch in stream:
                accept(*batch)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(streams)) as pool:
        list(pool.map(work, streams))


def test_the_same_batch_sent_four_times_at_once_counts_once() -> None:
    service = new_service()
    batch = [event(service, value, balance_id=f"b{number}") for number in range(20) for value in (10,)]
    at_once(*[batch[::-1] if number % 2 else batch for number in range(4)])
    assert Balance.objects.count() == BalanceEvent.objects.count() == Alert.objects.count() == 20


def test_streams_that_make_the_same_balances_in_different_orders_never_wait_for_each_other_for_ever() -> None:
    service = new_service()
    names = [f"b{number}" for number in range(60)]
    orders = [names, names[::-1], names[1::2] + names[::2], names[30:] + names[:30]]

    def chunks(order: Sequence[str], stream: int) -> list[list[IncomingEvent]]:
        events = [event(service, 50, balance_id=name, event_id=f"s{stream}") for name in order]
        return [events[start : start + 7] for start in range(0, len(events), 7)]

    streams_at_once(*(chunks(order, stream) for stream, order in enumerate(orders)))
    assert Balance.objects.count() == len(names)
    assert BalanceEvent.objects.count() == len(names) * len(orders)


def test_balances_of_one_service_that_cross_at_the_same_time_make_one_email() -> None:
    service = new_service()
    at_once([event(service, 10, balance_id="a")], [event(service, 10, balance_id="b")])
    assert Message.objects.filter(state=State.QUEUED).count() == 1
    assert Alert.objects.values("message_id").distinct().count() == 1


def accept_singly_at_once(events: Sequence[IncomingEvent]) -> list[Received | Exception]:
    """Applies each event in a thread of its own, all begun together; returns what each was answered."""
    begin = Barrier(len(events))

    def work(single: IncomingEvent) -> Received | Exception:
        try:
            begin.wait(10)
            return accept_event(single, now=NOW)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(events)) as pool:
        return list(pool.map(work, events))


def test_single_events_that_come_at_the_same_time_are_each_answered_and_applied() -> None:
    service = new_service()
    answers = accept_singly_at_once([event(service, 50, balance_id=f"b{number}") for number in range(12)])
    assert answers == [Received(Status.APPLIED)] * 12
    assert BalanceEvent.objects.count() == 12


def test_a_single_event_that_fails_takes_no_other_with_it() -> None:
    service = new_service()
    names = [*(f"b{number}" for number in range(7)), "x" * 200]
    answers = accept_singly_at_once([event(service, 50, balance_id=name) for name in names])
    assert answers[:7] == [Received(Status.APPLIED)] * 7
    assert isinstance(answers[7], DataError)
    assert BalanceEvent.objects.count() == 7
