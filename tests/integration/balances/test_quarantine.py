"""Events of services nobody knows wait, and are applied when the service is there."""

from datetime import timedelta
from uuid import UUID, uuid4

from omnicrm.balances.intake import Status
from omnicrm.balances.models import Balance, Quarantined, QuarantineReason
from omnicrm.balances.quarantine import forget_old
from omnicrm.balances.replaying import replay_quarantine
from omnicrm.customers.models import Service
from omnicrm.customers.operations import add_service
from tests.integration.balances.conftest import NOW, accept, balance_of, crossings_of, event

UNKNOWN = UUID("6f1c2d3e-9a41-4d0c-8b55-0e7a3f1f2c11")


def test_an_unknown_service_does_not_hold_up_its_neighbours(service: Service) -> None:
    received = accept(event(UNKNOWN, 40), event(service, 40))
    assert [each.status for each in received] == [Status.QUARANTINED, Status.APPLIED]
    assert received[0].reason == QuarantineReason.UNKNOWN_SERVICE


def test_an_event_is_held_once_however_often_it_comes(db: None) -> None:
    accept(event(UNKNOWN, 40), event(UNKNOWN, 40))
    accept(event(UNKNOWN, 40))
    assert Quarantined.objects.count() == 1


def test_once_the_service_is_there_its_events_are_applied_in_their_order(service: Service) -> None:
    accept(event(UNKNOWN, 10, at=2), event(UNKNOWN, 100, at=1))
    assert replay_quarantine(now=NOW).count == 0
    late = add_service(customer_id=service.customer_id, service_name="Late", service_uuid=UNKNOWN, now=NOW)
    assert replay_quarantine(now=NOW).count == 2
    assert balance_of(late).value == 10
    assert crossings_of(late) == [("20%", 1)]
    assert not Quarantined.objects.exists()


def test_a_replay_leaves_what_is_still_unknown(service: Service) -> None:
    accept(event(UNKNOWN, 40), event(uuid4(), 40))
    add_service(customer_id=service.customer_id, service_name="Late", service_uuid=UNKNOWN, now=NOW)
    assert replay_quarantine(now=NOW).count == 1
    assert Quarantined.objects.count() == 1


def test_an_event_from_the_future_waits_for_its_day(service: Service) -> None:
    (received,) = accept(event(service, 40, at=2 * 86_400))
    assert received.reason == QuarantineReason.FROM_THE_FUTURE
    assert not Balance.objects.exists()
    assert replay_quarantine(now=NOW).count == 0
    assert replay_quarantine(now=NOW + timedelta(days=2)).count == 1
    assert balance_of(service).value == 40


def test_an_account_that_is_no_uuid_is_held_and_never_replayed(db: None) -> None:
    accept(event(UNKNOWN, 40, service_uuid=None, account="cgrates.org:1001"))
    assert Quarantined.objects.get().account == "cgrates.org:1001"
    assert replay_quarantine(now=NOW).count == 0


def test_what_nobody_could_use_for_a_month_is_forgotten(db: None) -> None:
    accept(event(UNKNOWN, 40))
    assert forget_old(now=NOW + timedelta(days=29)) == 0
    assert forget_old(now=NOW + timedelta(days=31)) == 1
