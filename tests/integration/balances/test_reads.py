"""What pages read: the course as a plot, the verdict on each threshold, and what other thresholds would have done."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import translation

from omnicrm.balances.explaining import explain_alerts, verdicts
from omnicrm.balances.models import Alert, Outcome
from omnicrm.balances.operations import create_plan, set_service_alerts
from omnicrm.balances.previewing import Preview, preview_plan
from omnicrm.balances.queries import POINTS_SHOWN, find_balances, low, points
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Service
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.balances.conftest import NOW, accept, balance_of, event, new_service


def test_a_course_of_many_events_is_plotted_by_few_points(service: Service) -> None:
    accept(*(event(service, 1_000 - number, at=number, initial_value=Decimal(1_000)) for number in range(990)))
    shown = points(balance_id=balance_of(service).pk, since=NOW, until=NOW + timedelta(seconds=1_000))
    assert 400 < len(shown) <= POINTS_SHOWN
    assert shown[-1].value == 11
    assert [point.at for point in shown] == sorted(point.at for point in shown)


def test_a_balance_that_is_not_low_says_by_how_much(service: Service) -> None:
    accept(event(service, 34))
    (verdict,) = verdicts(balance_of(service))
    assert (verdict.text, verdict.is_told) == ("Not crossed: 34% is not below 20%.", False)


def test_a_balance_that_was_told_says_when_it_can_be_told_again(service: Service) -> None:
    accept(event(service, 10))
    (verdict,) = verdicts(balance_of(service))
    assert verdict.text == "Told before; it can be told again once the balance has risen above 15 SMS."


def test_a_threshold_in_amounts_is_compared_in_amounts(service: Service) -> None:
    set_service_alerts(service_id=service.pk, plan_id=None, steps={"sms": ["30"]}, now=NOW)
    accept(event(service, 34))
    (verdict,) = verdicts(balance_of(service))
    assert verdict.text == "Not crossed: 34 SMS is not below 30 SMS."


def test_an_unlimited_balance_says_so(service: Service) -> None:
    accept(event(service, None))
    assert [verdict.text for verdict in verdicts(balance_of(service))] == ["Not crossed: the balance is unlimited."]


def test_an_alert_tells_what_became_of_its_email(service: Service) -> None:
    accept(event(service, 10))
    reason = "The mailbox does not exist (hard bounce on 3 May)."
    Message.objects.update(state=State.SUPPRESSED, reason=reason)
    (explained,) = explain_alerts(Alert.objects.all())
    assert explained.explanation == f"The email is address suppressed. {reason}"


@pytest.mark.parametrize("outcome", [each for each in Outcome if each != Outcome.EMAILED], ids=str)
def test_an_alert_without_an_email_tells_why_in_the_readers_language(service: Service, outcome: Outcome) -> None:
    accept(event(service, 10))
    Alert.objects.update(outcome=outcome, message_id=None)
    with translation.override("en"):
        (explained,) = explain_alerts(Alert.objects.all())
    assert explained.explanation == outcome.label


def test_balances_are_listed_by_customer_service_and_type(service: Service) -> None:
    other = new_service("Durand")
    accept(event(service, 10), event(other, 10))
    assert [each.service_id for each in find_balances(customer_id=other.customer_id)] == [other.pk]
    assert find_balances(service_id=service.pk, balance_type="data").count() == 0


def test_a_preview_counts_whom_thresholds_would_have_told_last_week(service: Service) -> None:
    plan = create_plan(name="Prepaid", steps={}, now=NOW)
    other, third = new_service("Durand"), new_service("Petit")
    for each in (service, other, third):
        set_service_alerts(service_id=each.pk, plan_id=plan.pk, steps={}, now=NOW)
    day = 86_400
    accept(*(event(service, value, at=-number * day) for number, value in ((6, 100), (5, 40), (4, 100), (3, 40))))
    accept(event(other, 90, at=-2 * day))
    accept(event(third, 30, at=-20 * day), event(third, 29, at=-1 * day), now=NOW)
    assert preview_plan(plan_id=plan.pk, steps={"*": ["50%"]}, now=NOW) == Preview(3, 1, 2)
    assert preview_plan(plan_id=plan.pk, steps={"*": ["95%"]}, now=NOW) == Preview(3, 2, 3)
    with pytest.raises(InvalidInput):
        preview_plan(plan_id=plan.pk, steps={"*": ["nothing"]}, now=NOW)


def test_the_few_balances_that_are_low_are_found_by_their_own_index(service: Service) -> None:
    accept(event(service, 10))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = find_balances().filter(low()).order_by("-service_id", "balance_id").explain()
    assert "balance_low" in plan
