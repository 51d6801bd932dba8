"""However events arrive, the balance and what is told of it come out as if they had come in order."""

from datetime import timedelta
from decimal import Decimal

import pytest

from omnicrm.balances.events import IncomingEvent
from omnicrm.balances.intake import Status
from omnicrm.balances.models import BalanceEvent
from omnicrm.balances.retention import forget_old
from omnicrm.customers.models import Service
from tests.integration.balances.conftest import NOW, accept, balance_of, crossings_of, event


def statuses(*events: IncomingEvent) -> list[str]:
    return [received.status for received in accept(*events)]


def test_a_late_event_never_brings_an_old_value_back(service: Service) -> None:
    assert statuses(event(service, 40, at=10)) == [Status.APPLIED]
    assert statuses(event(service, 90, at=5)) == [Status.LATE]
    assert balance_of(service).value == 40


def test_the_same_event_counts_once_in_one_batch_and_later(service: Service) -> None:
    assert statuses(event(service, 40), event(service, 40)) == [Status.APPLIED, Status.REPEATED]
    assert statuses(event(service, 40)) == [Status.REPEATED]
    assert BalanceEvent.objects.count() == 1


def test_of_two_events_with_one_id_the_first_counts(service: Service) -> None:
    accept(event(service, 40, event_id="a"), event(service, 30, at=9, event_id="a"))
    assert balance_of(service).value == 40


def test_an_event_with_a_time_and_no_id_is_known_by_what_it_says(service: Service) -> None:
    assert statuses(event(service, 40, event_id="")) == [Status.APPLIED]
    assert statuses(event(service, 40, event_id=""), event(service, 39, event_id="")) == [
        Status.REPEATED,
        Status.APPLIED if balance_of(service).value == 39 else Status.LATE,
    ]


def test_events_with_neither_time_nor_id_count_in_the_order_they_come(service: Service) -> None:
    nameless = {"event_id": "", "event_time": None}
    accept(*(event(service, value, **nameless) for value in (100, 10, 100, 10)))
    assert balance_of(service).value == 10
    assert crossings_of(service) == [("20%", 1), ("20%", 2)]


def test_at_the_same_moment_the_higher_id_counts(service: Service) -> None:
    accept(event(service, 40, event_id="b"), event(service, 30, event_id="a"), event(service, 20, event_id="B"))
    assert balance_of(service).value == 40


def test_a_crossing_that_a_late_event_moves_is_not_told_again(service: Service) -> None:
    accept(event(service, 100), event(service, 10, at=9))
    accept(event(service, 15, at=5))
    assert crossings_of(service) == [("20%", 1)]


def test_a_crossing_that_a_late_top_up_brings_to_light_is_told(service: Service) -> None:
    accept(event(service, 10, at=1), event(service, 9, at=9))
    assert crossings_of(service) == [("20%", 1)]
    accept(event(service, 100, at=5))
    assert crossings_of(service) == [("20%", 1), ("20%", 2)]


def test_the_expiry_has_an_order_of_its_own(service: Service) -> None:
    may, june = NOW + timedelta(days=5), NOW + timedelta(days=35)
    accept(event(service, 40, at=10))
    accept(event(service, 50, at=5, expiry=june, tells_expiry=True))
    accept(event(service, 60, at=1, expiry=may, tells_expiry=True))
    balance = balance_of(service)
    assert (balance.value, balance.expiry) == (40, june)


def test_an_event_can_take_the_expiry_away(service: Service) -> None:
    accept(event(service, 40, expiry=NOW, tells_expiry=True), event(service, 40, at=1, tells_expiry=True))
    balance = balance_of(service)
    assert (balance.expiry, balance.expiry_due) == (None, None)


def test_late_events_beyond_the_kept_history_are_not_taken_in(service: Service) -> None:
    accept(event(service, 40))
    assert statuses(event(service, 10, at=-91 * 86_400)) == [Status.TOO_OLD]
    assert BalanceEvent.objects.count() == 1


def test_a_balance_nothing_is_known_of_begins_with_however_old_an_event(service: Service) -> None:
    assert statuses(event(service, 40, at=-91 * 86_400)) == [Status.APPLIED]


def test_what_is_forgotten_of_a_course_changes_nothing_of_what_a_late_event_means(service: Service) -> None:
    then = NOW - timedelta(days=100)
    ago = -100 * 86_400
    accept(event(service, 100, at=ago), event(service, 10, at=ago + 60), event(service, 9, at=ago + 120), now=then)
    accept(event(service, 8, at=-10))
    forget_old(now=NOW)
    assert list(BalanceEvent.objects.values_list("value", flat=True)) == [9, 8]
    accept(event(service, 7, at=-20))
    assert crossings_of(service) == [("20%", 1)]


@pytest.mark.parametrize("initial_value", [None, Decimal(100)], ids=str)
def test_the_course_tells_each_event_in_order(service: Service, initial_value: Decimal | None) -> None:
    for at, value in ((3, 10), (1, 90), (2, 50)):
        accept(event(service, value, at=at, initial_value=initial_value))
    course = BalanceEvent.objects.order_by("event_time", "event_id")
    assert [entry.value for entry in course] == [90, 50, 10]
