"""A customer's balances go with the customer, however long their course; and jobs do what they are there for."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import orjson
import pytest
from django.apps import apps
from django.db import connection
from pydantic import SecretStr

from omnicrm.balances import tasks
from omnicrm.balances.models import Alert, Balance, BalanceEvent, Quarantined, WebhookPost
from omnicrm.balances.operations import create_plan, set_service_alerts
from omnicrm.balances.retention import forget_old
from omnicrm.config.balances import AlertWebhook
from omnicrm.customers.models import Service
from omnicrm.customers.operations import remove_service
from omnicrm.onboarding.operations import erase_customer
from omnicrm.onboarding.queries import export_customer
from omnicrm.outbox.models import Message
from tests.integration.balances.conftest import NOW, accept, configured, event, new_service

DAY = 86_400


def test_erasing_a_customer_erases_its_balances_and_their_course(service: Service) -> None:
    set_service_alerts(service_id=service.pk, plan_id=None, steps={"*": ["50%"]}, now=NOW)
    accept(event(service, 10), event(service, 9, at=1))
    erase_customer(customer_id=service.customer_id, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Balance.objects.exists()
    assert not BalanceEvent.objects.exists()
    assert not Alert.objects.exists()
    assert Message.objects.get().to_email == ""


def test_erasing_a_customer_erases_what_waits_in_quarantine_about_its_services(service: Service) -> None:
    other = new_service("Durand")
    accept(event(service, 10, at=2 * DAY), event(other, 10, at=2 * DAY))
    erase_customer(customer_id=service.customer_id, now=NOW)
    assert [held.service_uuid for held in Quarantined.objects.all()] == [other.service_uuid]


def test_after_an_erasure_no_balance_table_names_the_customer(service: Service) -> None:
    named = str(service.service_uuid)
    with configured(webhook=AlertWebhook(url="https://sms.example.com/in", secret=SecretStr("0123456789abcdef"))):
        accept(event(service, 10), event(service, 9, at=2 * DAY, account=f"Martin {named}"))
    stored = everything_stored()
    assert all(word in stored for word in ("Martin", named, "+33 199001234"))
    erase_customer(customer_id=service.customer_id, now=NOW)
    stored = everything_stored()
    assert [word for word in ("Martin", named, "+33 199001234", "martin@example.com") if word in stored] == []


def everything_stored() -> str:
    """Every row of the room's tables."""
    models = apps.get_app_config("balances").get_models()
    return str([list(model.objects.values()) for model in models])


def test_an_export_holds_the_balances_their_courses_and_what_was_told(service: Service) -> None:
    plan = create_plan(name="Gold", steps={"*": ["50%"]}, now=NOW)
    set_service_alerts(service_id=service.pk, plan_id=plan.pk, steps={}, now=NOW)
    other = new_service("Durand")
    accept(event(service, 60), event(service, 10, at=1), event(service, 5, at=2 * DAY), event(other, 10))
    exported = orjson.loads(orjson.dumps(export_customer(customer_id=service.customer_id, now=NOW), default=str))
    (balance,) = exported["balances"]
    assert [Decimal(each["value"]) for each in balance["course"]] == [60, 10]
    assert [(each["step"], each["outcome"]) for each in exported["balance_alerts"]] == [("50%", "emailed")]
    assert [each["plan"] for each in exported["balance_thresholds"]] == ["Gold"]
    assert [each["service_uuid"] for each in exported["balance_events_waiting"]] == [str(service.service_uuid)]


def test_removing_a_service_removes_its_balances_only(service: Service) -> None:
    other = new_service("Durand")
    accept(event(service, 10), event(other, 10))
    remove_service(service_id=service.pk)
    assert [event_.balance.service_id for event_ in BalanceEvent.objects.select_related("balance")] == [other.pk]


def test_alerts_are_kept_for_a_year(service: Service) -> None:
    accept(event(service, 10))
    forget_old(now=NOW + timedelta(days=364))
    assert Alert.objects.count() == 1
    forget_old(now=NOW + timedelta(days=366))
    assert not Alert.objects.exists()
    assert BalanceEvent.objects.count() == 1  # what late events are judged by


@pytest.mark.django_db(transaction=True)
def test_the_jobs_run() -> None:
    accept(event(new_service(), 90, expiry=NOW - timedelta(hours=1), tells_expiry=True))
    stamp = int(NOW.timestamp())
    tasks.look(stamp)
    tasks.replay(stamp)
    tasks.forget(stamp)
    asyncio.run(tasks.post_alerts(stamp))
    assert Alert.objects.count() == 1
    assert not WebhookPost.objects.exists()
