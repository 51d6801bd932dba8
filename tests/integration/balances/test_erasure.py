"""A customer's balances go with the customer, however long their course; and jobs do what they are there for."""

import asyncio
from datetime import timedelta

import pytest
from django.db import connection

from omnicrm.balances import tasks
from omnicrm.balances.models import Alert, Balance, BalanceEvent, WebhookPost
from omnicrm.balances.operations import set_service_alerts
from omnicrm.balances.retention import forget_old
from omnicrm.customers.models import Service
from omnicrm.customers.operations import remove_service
from omnicrm.onboarding.operations import erase_customer
from omnicrm.outbox.models import Message
from tests.integration.balances.conftest import NOW, accept, event, new_service


def test_erasing_a_customer_erases_its_balances_and_their_course(service: Service) -> None:
    set_service_alerts(service_id=service.pk, plan_id=None, steps={"*": ["50%"]})
    accept(event(service, 10), event(service, 9, at=1))
    erase_customer(customer_id=service.customer_id, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Balance.objects.exists()
    assert not BalanceEvent.objects.exists()
    assert not Alert.objects.exists()
    assert Message.objects.get().to_email == ""


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
