"""True when sent: an alert leaves only while the balance is still low, or still expired."""

import asyncio
from datetime import timedelta

import pytest
from psycopg import AsyncConnection

from omnicrm.balances.expiry import look_for_expired
from omnicrm.balances.explaining import explain_alerts
from omnicrm.balances.guards import CLOSED, DELETED, NO_CONTACT, RENEWED, TOPPED_UP
from omnicrm.balances.models import Alert
from omnicrm.customers.models import Contact, Service
from omnicrm.customers.operations import delete_customer, remove_service, update_contact, update_service
from omnicrm.outbox.guards import no_longer_true
from omnicrm.outbox.models import Message
from omnicrm.outbox.runtime import conninfo
from omnicrm.outbox.states import State
from tests.integration.balances.conftest import NOW, accept, event, new_service

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service() -> Service:
    return new_service()


@pytest.fixture
def low(service: Service) -> Message:
    """A waiting email about a low balance."""
    accept(event(service, 10))
    return Message.objects.get()


@pytest.fixture
def expired(service: Service) -> Message:
    """A waiting email about an expired balance."""
    accept(event(service, 90, expiry=NOW - timedelta(hours=1), tells_expiry=True))
    look_for_expired(now=NOW)
    return Message.objects.get()


def untrue(message: Message) -> str | None:
    """Why the message must not leave, asked as the worker does."""

    async def ask() -> str | None:
        async with await AsyncConnection.connect(conninfo(), autocommit=True) as connection:
            return (await no_longer_true(connection, message.section, [message.id])).get(message.id)

    return asyncio.run(ask())


def test_a_low_balance_may_be_told(low: Message) -> None:
    assert untrue(low) is None


def test_a_balance_within_the_margin_still_counts_as_low(service: Service, low: Message) -> None:
    accept(event(service, 14, at=1))
    assert untrue(low) is None


def test_a_topped_up_balance_must_not_be_told_low(service: Service, low: Message) -> None:
    accept(event(service, 100, at=1))
    assert untrue(low) == TOPPED_UP


def test_a_balance_made_unlimited_must_not_be_told_low(service: Service, low: Message) -> None:
    accept(event(service, None, at=1))
    assert untrue(low) == TOPPED_UP


def test_a_balance_low_once_more_is_told_by_its_newer_email_only(service: Service, low: Message) -> None:
    Message.objects.update(state=State.UNKNOWN)  # perhaps on its way: the newer crossing cannot join it
    accept(event(service, 100, at=1), event(service, 10, at=2))
    assert untrue(low) == TOPPED_UP
    assert untrue(Message.objects.exclude(pk=low.pk).get()) is None


def test_one_of_several_balances_still_low_is_reason_enough(service: Service, low: Message) -> None:
    accept(event(service, 5, balance_id="extra"))
    accept(event(service, 100, at=1))
    assert untrue(Message.objects.get(state=State.QUEUED)) is None


def test_an_expired_balance_may_be_told(expired: Message) -> None:
    assert untrue(expired) is None


def test_a_renewed_balance_must_not_be_told_expired(service: Service, expired: Message) -> None:
    accept(event(service, 100, at=1, expiry=NOW + timedelta(days=30), tells_expiry=True))
    assert untrue(expired) == RENEWED


def test_a_balance_that_expires_no_more_must_not_be_told_expired(service: Service, expired: Message) -> None:
    accept(event(service, 100, at=1, tells_expiry=True))
    assert untrue(expired) == RENEWED


def test_a_closed_service_is_not_written_about(service: Service, low: Message) -> None:
    update_service(service_id=service.pk, now=NOW, state="closed")
    assert untrue(low) == CLOSED


def test_a_removed_service_is_not_written_about(service: Service, low: Message) -> None:
    remove_service(service_id=service.pk)
    assert untrue(low) == CLOSED


def test_an_address_that_is_gone_is_not_written_to(service: Service, low: Message) -> None:
    contact = Contact.objects.get(customer=service.customer_id)
    update_contact(contact_id=contact.pk, email="new@example.com", now=NOW)
    assert untrue(low) == NO_CONTACT


def test_a_deleted_customer_is_not_written_to(service: Service, low: Message) -> None:
    delete_customer(customer_id=service.customer_id)
    assert untrue(low) == DELETED
    assert not Alert.objects.exists()


def test_the_alert_log_tells_how_long_before_the_email_a_top_up_came(service: Service, low: Message) -> None:
    accept(event(service, 100, at=20))
    cancelled = {"at": (NOW + timedelta(seconds=60)).isoformat(), "outcome": "cancelled", "detail": TOPPED_UP}
    Message.objects.update(state=State.CANCELLED, reason=TOPPED_UP, attempts=[cancelled])
    (explained,) = explain_alerts(Alert.objects.all())
    assert explained.explanation == "Topped up 40 seconds before the email was to leave."
