"""A balance that falls below a threshold is told once for each crossing."""

from datetime import timedelta
from decimal import Decimal

from omnicrm.balances.models import Alert, Outcome
from omnicrm.balances.operations import create_plan, set_service_alerts
from omnicrm.customers.models import Service
from omnicrm.customers.operations import add_contact, remove_contact, update_service
from omnicrm.emails.balances import BalanceLow, BalanceType
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.balances.conftest import (
    GIGABYTE,
    NOW,
    accept,
    balance_of,
    configured,
    crossings_of,
    event,
    new_service,
    outcomes,
    waiting_emails,
)

STEPS = (Decimal(50), Decimal(20), Decimal(5))


def test_falling_below_the_threshold_queues_one_email(service: Service) -> None:
    accept(event(service, 100), event(service, 19, at=1), event(service, 18, at=2))
    (message,) = waiting_emails(service)
    assert message.section == BalanceLow.section
    assert message.to_email == "martin@example.com"
    assert message.variables["current_balance"] == "18 SMS"
    assert message.variables["threshold"] == "20 SMS"
    assert message.variables["topup_url"].startswith("http://localhost:8000/self-care/services/")
    assert crossings_of(service) == [("20%", 1)]


def test_a_value_at_the_threshold_is_not_below_it(service: Service) -> None:
    accept(event(service, 20))
    assert crossings_of(service) == []


def test_a_balance_first_heard_of_when_it_is_low_is_told(service: Service) -> None:
    accept(event(service, 3))
    assert crossings_of(service) == [("20%", 1)]


def test_it_is_not_told_again_before_it_has_risen_by_the_margin(service: Service) -> None:
    accept(*(event(service, value, at=at) for at, value in enumerate([100, 19, 22, 18, 21, 15])))
    assert crossings_of(service) == [("20%", 1)]


def test_a_top_up_arms_it_again(service: Service) -> None:
    accept(*(event(service, value, at=at) for at, value in enumerate([100, 19, 80, 12])))
    assert crossings_of(service) == [("20%", 1), ("20%", 2)]


def test_a_top_up_that_leaves_it_low_is_told_only_as_it_falls_on(service: Service) -> None:
    accept(event(service, 2), event(service, 12, at=1))
    assert crossings_of(service) == [("20%", 1)]
    accept(event(service, 11, at=2))
    assert crossings_of(service) == [("20%", 1), ("20%", 2)]


def test_each_step_is_told_once_and_those_crossed_at_once_in_one_email(service: Service) -> None:
    with configured(low_threshold_percent=STEPS):
        accept(event(service, 100), event(service, 4, at=1))
    assert crossings_of(service) == [("20%", 1), ("5%", 1), ("50%", 1)]
    (message,) = waiting_emails(service)
    assert message.variables["threshold"] == "5 SMS"


def test_an_unlimited_balance_is_never_low(service: Service) -> None:
    accept(event(service, None), event(service, None, at=1))
    assert crossings_of(service) == []
    assert balance_of(service).is_unlimited


def test_without_an_initial_value_the_value_after_the_last_top_up_counts(service: Service) -> None:
    values = [50, 20, 9, 30, 7, 5]
    accept(*(event(service, value, at=at, initial_value=None) for at, value in enumerate(values)))
    assert crossings_of(service) == [("20%", 1), ("20%", 2)]
    assert balance_of(service).initial_value == 30


def test_balances_of_one_service_that_cross_in_one_batch_make_one_email(service: Service) -> None:
    data = {
        "balance_id": "data",
        "balance_type": BalanceType.DATA,
        "unit": "B",
        "initial_value": Decimal(20 * GIGABYTE),
    }
    accept(event(service, 10), event(service, 1.5 * GIGABYTE, **data))
    (message,) = waiting_emails(service)
    assert message.variables["current_balance"] == "1,5\u202fGo et 10 SMS"
    assert message.variables["threshold"] == "4\u202fGo et 20 SMS"
    assert message.variables["balance_type"] == "Données et SMS"


def test_a_crossing_while_an_email_waits_makes_one_email_of_both(service: Service) -> None:
    accept(event(service, 10))
    (first,) = waiting_emails(service)
    accept(event(service, 3, balance_id="extra"))
    (second,) = waiting_emails(service)
    assert second.variables["current_balance"] == "10 SMS et 3 SMS"
    assert second.not_before == first.not_before
    assert set(Alert.objects.values_list("message_id", flat=True)) == {second.id}


def test_an_alert_that_is_true_no_more_does_not_join(service: Service) -> None:
    accept(event(service, 10))
    accept(event(service, 100, at=1))
    accept(event(service, 3, balance_id="extra"))
    (message,) = waiting_emails(service)
    assert message.variables["current_balance"] == "3 SMS"
    assert outcomes(service) == [Outcome.TOPPED_UP, Outcome.EMAILED]


def test_an_email_on_its_way_is_not_joined(service: Service) -> None:
    accept(event(service, 10))
    Message.objects.update(state=State.CLAIMED, lease_until=NOW + timedelta(minutes=3))
    accept(event(service, 3, balance_id="extra"))
    assert Message.objects.filter(customer=service.customer_id).count() == 2


def test_what_was_topped_up_in_the_same_batch_is_not_told(service: Service) -> None:
    accept(event(service, 10), event(service, 100, at=1))
    assert outcomes(service) == [Outcome.TOPPED_UP]
    assert waiting_emails(service) == []


def test_a_crossing_of_long_ago_is_recorded_and_not_told(service: Service) -> None:
    accept(event(service, 10), now=NOW + timedelta(days=2))
    assert outcomes(service) == [Outcome.TOO_LATE]
    assert waiting_emails(service) == []


def test_a_balance_that_has_expired_is_not_told_low(service: Service) -> None:
    accept(event(service, 10, expiry=NOW - timedelta(minutes=1), tells_expiry=True))
    assert outcomes(service) == [Outcome.EXPIRED]


def test_a_closed_service_is_not_told(service: Service) -> None:
    update_service(service_id=service.pk, now=NOW, state="closed")
    accept(event(service, 10))
    assert outcomes(service) == [Outcome.CLOSED]


def test_a_customer_without_an_address_is_recorded_as_such(db: None) -> None:
    service = new_service("Durand", contacts=[{"phone": "+33 199001234"}])
    accept(event(service, 10))
    assert outcomes(service) == [Outcome.NO_ADDRESS]


def test_the_primary_contact_is_told_else_the_first(db: None) -> None:
    service = new_service("Durand", contacts=[{"contact_type": "technical", "email": "t@example.com"}])
    contact = add_contact(customer_id=service.customer_id, now=NOW, email="p@example.com")
    accept(event(service, 10))
    remove_contact(contact_id=contact.pk)
    accept(event(service, 3, balance_id="extra"))
    sent_to = Message.objects.filter(customer=service.customer_id).order_by("id").values_list("to_email", flat=True)
    assert list(sent_to) == ["p@example.com", "t@example.com"]


def test_a_customer_gets_no_more_than_the_daily_cap(service: Service) -> None:
    with configured(daily_cap=2, gather=timedelta()):
        for number in range(4):
            accept(event(service, 10, balance_id=f"b{number}"))
            Message.objects.filter(state=State.QUEUED).update(state=State.ACCEPTED)
    assert outcomes(service) == [Outcome.EMAILED, Outcome.EMAILED, Outcome.CAPPED, Outcome.CAPPED]


def test_the_cap_counts_the_customers_own_day(service: Service) -> None:
    with configured(daily_cap=1, gather=timedelta()):
        accept(event(service, 10))
        Message.objects.filter(state=State.QUEUED).update(state=State.ACCEPTED)
        tomorrow = NOW + timedelta(days=1)
        accept(event(service, 10, at=86_400, balance_id="extra"), now=tomorrow)
    assert outcomes(service) == [Outcome.EMAILED, Outcome.EMAILED]


def test_the_thresholds_of_the_service_come_before_the_plan_and_the_plan_before_the_config(service: Service) -> None:
    plan = create_plan(name="Prepaid 20", steps={"sms": ["30%"], "*": ["10%"]}, now=NOW)
    set_service_alerts(service_id=service.pk, plan_id=plan.pk, steps={}, now=NOW)
    accept(event(service, 25))
    set_service_alerts(service_id=service.pk, plan_id=plan.pk, steps={"sms": ["5"]}, now=NOW)
    accept(event(service, 6, at=1), event(service, 4, at=2))
    assert crossings_of(service) == [("30%", 1), ("5", 1)]


def test_a_plan_may_say_that_a_balance_is_never_low(service: Service) -> None:
    plan = create_plan(name="Quiet", steps={"*": []}, now=NOW)
    set_service_alerts(service_id=service.pk, plan_id=plan.pk, steps={}, now=NOW)
    accept(event(service, 1))
    assert crossings_of(service) == []


def test_the_charging_systems_own_threshold_comes_before_the_config(service: Service) -> None:
    accept(event(service, 35, threshold=Decimal(30)), event(service, 29, at=1, threshold=Decimal(30)))
    assert crossings_of(service) == [("ocs", 1)]
