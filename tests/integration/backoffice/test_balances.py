"""Balances on screen: found, looked at service by service, with their course, thresholds and alerts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from omnicrm.accounts.roles import Role
from omnicrm.backoffice.balances.plot import plot
from omnicrm.balances.models import Alert, Balance, Outcome
from omnicrm.balances.operations import create_plan, set_service_alerts
from omnicrm.customers.models import Service
from omnicrm.emails.balances import BalanceType
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.balances.conftest import GIGABYTE, NOW, accept, balance_of, event, new_service, service

__all__ = ["service"]

LIST = reverse("admin:balances_balance_changelist")
ALERTS = reverse("admin:balances_alert_changelist")
DAY = 86_400


def page(of: Service) -> str:
    return reverse("admin:balances_service", args=[of.pk])


def shown(browser: Client, address: str, **query: str) -> str:
    response = browser.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def listed(browser: Client, **query: object) -> list[Balance]:
    return list(browser.get(LIST, query).context["cl"].result_list)


def told(browser: Client, address: str, **query: object) -> list[Any]:
    return list(browser.get(address, query).context["cl"].result_list)


def data_event(of: Service, gigabytes: str) -> None:
    kind = {"balance_type": BalanceType.DATA, "unit": "B", "balance_id": "bundle"}
    accept(event(of, Decimal(gigabytes) * GIGABYTE, initial_value=Decimal(20 * GIGABYTE), **kind))


def test_amounts_are_shown_in_the_readers_language(sign_in: SignIn, service: Service) -> None:
    data_event(service, "1.5")
    assert "1.5 GB of 20 GB" in shown(sign_in(), page(service)).replace("\xa0", " ")
    assert "1,5" in shown(sign_in(language="fr"), page(service))


def test_balances_are_found_by_state_type_unit_plan_and_service(admin: Client, service: Service) -> None:
    other = new_service("Durand")
    plan = create_plan(name="Prepaid", steps={}, now=NOW)
    set_service_alerts(service_id=other.pk, plan_id=plan.pk, steps={}, now=NOW)
    accept(event(service, 10), event(other, 50, expiry=NOW - timedelta(hours=1), tells_expiry=True))
    accept(event(other, None, balance_id="endless"))
    data_event(other, "19")
    low, (spent, endless, data) = (
        balance_of(service),
        (balance_of(other, name) for name in ("main", "endless", "bundle")),
    )
    assert listed(admin, state="low") == [low]
    assert listed(admin, state="expired") == [spent]
    assert listed(admin, state="unlimited") == [endless]
    assert listed(admin, balance_type__exact="data") == listed(admin, unit="b") == [data]
    assert set(listed(admin, plan=plan.pk)) == set(listed(admin, service=other.pk)) == {spent, endless, data}
    assert listed(admin, customer=service.customer_id) == listed(admin, q="Martin") == [low]
    assert listed(admin, q=str(service.service_uuid)) == [low]
    assert listed(admin, plan="x") == listed(admin, service="0") == []
    assert len(listed(admin, state="nonsense")) == 4


def test_a_balance_that_rose_again_is_low_no_more(admin: Client, service: Service) -> None:
    accept(event(service, 10), event(service, 100, at=1))
    assert not balance_of(service).is_low
    assert listed(admin, state="low") == []


def test_the_list_of_balances_explains_why_it_is_empty(admin: Client) -> None:
    assert "No balance was reported yet." in shown(admin, LIST)


def test_a_balance_leads_to_its_services_page(admin: Client, service: Service) -> None:
    accept(event(service, 10))
    balance = balance_of(service)
    leads = admin.get(reverse("admin:balances_balance_change", args=[balance.pk]))
    assert leads["Location"] == f"{page(service)}#balance-{balance.pk}"
    alert = admin.get(reverse("admin:balances_alert_change", args=[Alert.objects.get().pk]))
    assert alert["Location"] == f"{page(service)}#alerts"
    gone = admin.get(reverse("admin:balances_service", args=[service.pk + 1]), follow=True)
    assert "This is no longer there." in gone.content.decode()


def test_the_page_tells_thresholds_with_their_origin_and_verdict(admin: Client, service: Service) -> None:
    accept(event(service, 34))
    assert "from crm_config.yaml" in shown(admin, page(service))
    assert "Not crossed: 34% is not below 20%." in shown(admin, page(service))
    plan = create_plan(name="Prepaid 20", steps={"sms": ["30", "10%"]}, now=NOW)
    set_service_alerts(service_id=service.pk, plan_id=plan.pk, steps={}, now=NOW)
    told_now = shown(admin, page(service))
    assert "from the plan" in told_now
    assert "10% (10 SMS)" in told_now
    set_service_alerts(service_id=service.pk, plan_id=plan.pk, steps={"sms": []}, now=NOW)
    assert "set for this service" in shown(admin, page(service))
    assert "none: never low" in shown(admin, page(service))


def test_the_alert_log_says_why_each_was_or_was_not_sent(admin: Client, service: Service) -> None:
    accept(event(service, 10))
    reason = "The mailbox does not exist (hard bounce on 3 May)."
    Message.objects.update(state=State.SUPPRESSED, reason=reason)
    for address in (page(service), ALERTS):
        told_now = shown(admin, address)
        assert "10 SMS, below 20%" in told_now
        assert reason in told_now
    Alert.objects.update(outcome=Outcome.CAPPED, message_id=None)
    assert "as many alerts today as are allowed" in shown(admin, page(service))


def test_a_service_without_balances_or_alerts_says_so(admin: Client, service: Service) -> None:
    told_now = shown(admin, page(service))
    assert "has not reported a balance of this service yet" in told_now
    assert "fell below a threshold or expired yet" in told_now


def test_many_balances_come_in_pages(admin: Client, service: Service) -> None:
    accept(*(event(service, 50, balance_id=f"bundle-{number:02}") for number in range(11)))
    assert "bundle-10" not in shown(admin, page(service))
    assert "bundle-10" in shown(admin, page(service), p="2", days="30")
    assert "bundle-10" in shown(admin, page(service), p="99", days="never")


def test_the_course_is_told_as_a_table_too(admin: Client, service: Service) -> None:
    accept(event(service, 50, at=-2 * DAY), event(service, 40, at=-1))
    told_now = shown(admin, page(service))
    assert told_now.count('<td class="bo-number">') == 2
    assert shown(admin, page(service), days="1").count('<td class="bo-number">') == 1


def test_a_plot_goes_on_from_before_its_period_and_up_to_now(service: Service) -> None:
    accept(event(service, 100, at=-30 * DAY), event(service, 50, at=-DAY // 2))
    drawn = plot(balance_of(service), days=1, thresholds=[Decimal(20)], now=NOW)
    assert drawn.line == "M0 0H500V50H1000"
    assert list(drawn.levels) == ["80"]


def test_a_plot_is_interrupted_where_there_is_no_end(service: Service) -> None:
    accept(event(service, 50, at=-DAY * 3 // 4), event(service, None, at=-DAY // 2), event(service, 100, at=-DAY // 4))
    assert plot(balance_of(service), days=1, thresholds=[], now=NOW).line == "M250 50H500M750 0H1000"


def test_a_balance_that_was_always_empty_has_a_flat_line(service: Service) -> None:
    accept(event(service, 0, at=-DAY // 2, initial_value=Decimal(0)))
    assert plot(balance_of(service), days=1, thresholds=[], now=NOW).line == "M500 100H1000"


@pytest.mark.parametrize(
    ("zone", "at"), [("Europe/Paris", "2026-10-24T22:00+00:00"), ("America/Lima", "2026-10-25T05:00+00:00")]
)
def test_days_on_the_axis_begin_at_the_readers_midnight(service: Service, zone: str, at: str) -> None:
    accept(event(service, 50))
    moment = datetime(2026, 10, 28, 12, tzinfo=UTC)
    with timezone.override(ZoneInfo(zone)), translation.override("en"):
        drawn = plot(balance_of(service), days=7, thresholds=[], now=moment)
    share = 100 * ((datetime.fromisoformat(at) - (moment - timedelta(days=7))) / timedelta(days=7))
    assert [float(tick.at) for tick in drawn.ticks if tick.label == "25 Oct"] == [round(share, 1)]


def test_alerts_are_found_by_kind_outcome_period_and_whom(admin: Client, service: Service) -> None:
    other = new_service("Durand", contacts=[{"phone": "+33 199001235"}])
    accept(event(service, 10))
    accept(event(other, 10))
    mine, others = (Alert.objects.get(balance__service=each) for each in (service, other))
    assert told(admin, ALERTS, kind__exact="low") == [others, mine]
    assert told(admin, ALERTS, kind__exact="expired") == []
    assert told(admin, ALERTS, outcome__exact="no_address") == told(admin, ALERTS, service=other.pk) == [others]
    assert told(admin, ALERTS, customer=service.customer_id) == [mine]
    tomorrow = (NOW + timedelta(days=2)).date().isoformat()
    assert told(admin, ALERTS, created_from=tomorrow) == []
    assert told(admin, ALERTS, created_until=tomorrow) == [others, mine]


def test_the_reasons_of_alerts_are_in_the_readers_language(sign_in: SignIn, service: Service) -> None:
    accept(event(service, 10))
    Alert.objects.update(outcome=Outcome.CAPPED, message_id=None)
    with translation.override("fr"):
        in_french = str(Outcome.CAPPED.label)
    assert in_french in sign_in(language="fr").get(ALERTS).content.decode().replace("&#x27;", "'")


def test_a_page_of_alerts_asks_few_questions(
    admin: Client, service: Service, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        accept(event(new_service(f"Client{number}"), 10))
    with django_assert_max_num_queries(25):
        assert len(told(admin, ALERTS)) == 12


def test_a_customers_page_leads_to_the_balances_of_its_services(admin: Client, service: Service) -> None:
    accept(event(service, 10))
    customer = shown(admin, reverse("admin:customers_customer_change", args=[service.customer_id]))
    assert page(service) in customer
    assert "1 balance<" in customer


@pytest.mark.parametrize(("role", "status"), [(Role.READ_ONLY, 200), (Role.MARKETING, 403)])
def test_only_who_may_read_balances_sees_them(sign_in: SignIn, service: Service, role: Role, status: int) -> None:
    accept(event(service, 10))
    browser = sign_in(role)
    assert {browser.get(address).status_code for address in (LIST, ALERTS, page(service))} == {status}
    customer = browser.get(reverse("admin:customers_customer_change", args=[service.customer_id])).content.decode()
    assert (page(service) in customer) == (status == 200)
