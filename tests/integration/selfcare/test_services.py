"""My services: what is left of a customer's own balances, told in words, and the alerts that were sent about them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from omnicrm.accounts.models import User
from omnicrm.balances.links import topup_url
from omnicrm.balances.models import Alert
from omnicrm.balances.operations import create_plan, set_service_alerts
from omnicrm.customers.models import Service
from omnicrm.customers.operations import add_service, update_customer, update_service
from omnicrm.emails.balances import BalanceType
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from omnicrm.selfcare.services import MOST_IN_A_LIST, PAGE_SIZE
from tests.integration.balances.conftest import GIGABYTE, NOW, accept, configured, event
from tests.integration.selfcare.conftest import signed_in

LIST = reverse("my_services")
DATA: Any = {"balance_type": BalanceType.DATA, "unit": "B", "initial_value": Decimal(20 * GIGABYTE)}


def service_of(user: User) -> Service:
    return Service.objects.get(customer=user.customer)


def words(browser: Client, address: str) -> str:
    """The page as text with single spaces."""
    response = browser.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def at(service: Service) -> str:
    return reverse("my_service", args=[service.pk])


def test_who_has_no_service_is_told_so(at_zoes: Client, zoe: User) -> None:
    service_of(zoe).delete()
    assert "You have no service yet." in words(at_zoes, LIST)


def test_a_service_is_shown_with_its_plan_and_state_before_anything_is_reported(at_zoes: Client, zoe: User) -> None:
    plan = create_plan(name="Gold 20 GB", steps={}, now=NOW)
    set_service_alerts(service_id=service_of(zoe).pk, plan_id=plan.pk, steps={}, now=NOW)
    shown = words(at_zoes, LIST)
    assert "Fibre of Zoé Petit" in shown
    assert "Plan: Gold 20 GB" in shown
    assert "Pending" in shown
    assert "We have sent you no alert." in shown
    assert "No balance of this service has been reported to us." in words(at_zoes, at(service_of(zoe)))


def test_a_balance_tells_what_is_left_of_how_much_and_until_when(at_zoes: Client, zoe: User) -> None:
    left = Decimal(8 * GIGABYTE)
    accept(event(service_of(zoe), left, expiry=NOW + timedelta(days=3), tells_expiry=True, **DATA))
    shown = words(at_zoes, LIST)
    assert '8 GB left <span class="quiet">of 20 GB</span>' in shown
    assert 'class="bar fine"' in shown
    assert 'class="rest" width="40"' in shown
    assert "Valid until" in shown


@pytest.mark.parametrize(
    ("value", "more", "level"),
    [
        (19, {}, "Low"),
        (0, {}, "Used up"),
        (50, {"expiry": NOW - timedelta(hours=1), "tells_expiry": True}, "Expired"),
    ],
    ids=["low", "empty", "expired"],
)
def test_a_balance_in_trouble_is_told_in_words(
    at_zoes: Client, zoe: User, value: int, more: dict[str, Any], level: str
) -> None:
    accept(event(service_of(zoe), value, **more))
    assert f'<span class="badge bad">{level}</span>' in words(at_zoes, LIST)


def test_a_balance_is_low_by_the_thresholds_of_its_service(at_zoes: Client, zoe: User) -> None:
    set_service_alerts(service_id=service_of(zoe).pk, plan_id=None, steps={"sms": ["5"]}, now=NOW)
    accept(event(service_of(zoe), 19))
    assert "badge bad" not in words(at_zoes, LIST)


def test_a_balance_is_low_by_the_threshold_of_its_charging_system(at_zoes: Client, zoe: User) -> None:
    accept(event(service_of(zoe), 50, threshold=Decimal(60)))
    assert '<span class="badge bad">Low</span>' in words(at_zoes, LIST)


def test_an_unlimited_balance_has_no_bar(at_zoes: Client, zoe: User) -> None:
    accept(event(service_of(zoe), None))
    shown = words(at_zoes, LIST)
    assert "Unlimited" in shown
    assert "<svg" not in shown


def test_an_expiry_is_told_by_the_customers_clock(at_zoes: Client, zoe: User) -> None:
    assert zoe.customer
    update_customer(customer_id=zoe.customer.pk, attributes={"timezone": "Pacific/Noumea"}, now=NOW)
    in_winter = datetime(NOW.year + 1, 1, 31, 22, 30, tzinfo=UTC)
    accept(event(service_of(zoe), 50, expiry=in_winter, tells_expiry=True))
    link = topup_url(service_of(zoe), now=NOW).partition("/self-care/")[2]
    for address in (LIST, f"/self-care/{link}"):
        assert f"Valid until Feb. 1, {NOW.year + 1}, 9:30 a.m." in words(at_zoes, address)


def test_what_expired_long_ago_is_not_shown(at_zoes: Client, zoe: User) -> None:
    accept(event(service_of(zoe), 50, expiry=NOW - timedelta(days=31), tells_expiry=True))
    assert "No balance of this service" in words(at_zoes, at(service_of(zoe)))


def test_of_many_balances_a_list_shows_some_and_the_services_page_all(at_zoes: Client, zoe: User) -> None:
    service = service_of(zoe)
    accept(*(event(service, 90, balance_id=f"bundle-{number}") for number in range(MOST_IN_A_LIST + 2)))
    assert "2 more balances" in words(at_zoes, LIST)
    assert words(at_zoes, at(service)).count("bundle-") == MOST_IN_A_LIST + 2


def test_an_alert_that_was_sent_leads_to_its_email(at_zoes: Client, zoe: User) -> None:
    accept(event(service_of(zoe), 10))
    message = Message.objects.get(pk=Alert.objects.get().message_id)
    for address in (LIST, at(service_of(zoe))):
        shown = words(at_zoes, address)
        assert "SMS: 10 SMS left, below 20 SMS" in shown
        assert reverse("my_email", args=[message.pk]) in shown


def test_an_alert_whose_email_never_left_is_not_shown(at_zoes: Client, zoe: User) -> None:
    accept(event(service_of(zoe), 10))
    Message.objects.filter(pk=Alert.objects.get().message_id).update(state=State.CANCELLED)
    assert "below 20 SMS" not in words(at_zoes, at(service_of(zoe)))


def test_old_alerts_are_read_page_by_page(at_zoes: Client, zoe: User) -> None:
    accept(event(service_of(zoe), 10))
    alert = Alert.objects.get()
    for ordinal in range(2, PAGE_SIZE + 2):
        alert.pk, alert.ordinal = Alert().pk, ordinal
        alert.save(force_insert=True)
    first = words(at_zoes, at(service_of(zoe)))
    assert first.count("below 20 SMS") == PAGE_SIZE
    before = first.partition("?before=")[2].partition('"')[0]
    assert words(at_zoes, f"{at(service_of(zoe))}?before={before}").count("below 20 SMS") == 1


def test_old_services_are_read_page_by_page(at_zoes: Client, zoe: User) -> None:
    for number in range(PAGE_SIZE):
        add_service(customer_id=zoe.customer_id or 0, service_name=f"Mobile {number}", now=NOW)
    first = words(at_zoes, LIST)
    assert "Fibre of" not in first
    before = first.partition("?before=")[2].partition('"')[0]
    assert "Fibre of Zoé Petit" in words(at_zoes, f"{LIST}?before={before}")


def test_more_services_take_no_more_queries(at_zoes: Client, zoe: User) -> None:
    accept(event(service_of(zoe), 10))
    with CaptureQueriesContext(
        connection,
    ) as few:
        words(at_zoes, LIST)
    for number in range(5):
        other = add_service(customer_id=zoe.customer_id or 0, service_name=f"Mobile {number}", state="active", now=NOW)
        accept(event(other, 90), event(other, 10, balance_id="second"))
    with CaptureQueriesContext(connection) as many:
        words(at_zoes, LIST)
    assert len(many) == len(few)


def test_nobody_elses_service_is_there(at_zoes: Client, paul: User) -> None:
    accept(event(service_of(paul), 10))
    assert "Paul" not in words(at_zoes, LIST)
    assert at_zoes.get(at(service_of(paul))).status_code == 404
    assert at_zoes.get(f"/self-care/services/{2**70}/").status_code == 404


def test_services_ask_to_sign_in_first(zoe: User) -> None:
    for address in (LIST, at(service_of(zoe))):
        assert Client().get(address).status_code == 302


def test_the_overview_shows_balances_and_leads_to_all_services(at_zoes: Client, zoe: User) -> None:
    accept(event(service_of(zoe), 10))
    shown = words(at_zoes, reverse("self_care"))
    assert "10 SMS left" in shown
    assert f'href="{LIST}"' in shown


def test_topping_up_leads_to_the_operators_own_page(at_zoes: Client, zoe: User) -> None:
    with configured(topup_url="https://shop.example.com/?s={service_uuid}"):
        assert f"https://shop.example.com/?s={service_of(zoe).service_uuid}" in words(at_zoes, at(service_of(zoe)))


def test_a_closed_service_is_not_topped_up(at_zoes: Client, zoe: User) -> None:
    update_service(service_id=service_of(zoe).pk, state="closed", now=NOW)
    with configured(topup_url="https://shop.example.com/?s={service_uuid}"):
        shown = words(at_zoes, at(service_of(zoe)))
    assert "This service is closed" in shown
    assert "shop.example.com" not in shown


def test_amounts_are_in_the_readers_language(zoe: User) -> None:
    zoe.language = "fr"
    accept(event(service_of(zoe), Decimal("1.5") * GIGABYTE, **DATA))
    assert "1,5 Go" in words(signed_in(zoe), LIST).replace("\N{NARROW NO-BREAK SPACE}", " ")
