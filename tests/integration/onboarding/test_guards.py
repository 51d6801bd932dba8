"""True when sent: a welcome leaves only for a customer who is still there, to an address that is still theirs."""

import asyncio
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from omnicrm.customers.operations import add_contact, delete_customer, remove_contact, update_contact
from omnicrm.onboarding.guards import DELETED, NO_CONTACT
from omnicrm.onboarding.operations import Registered, register_customer
from omnicrm.outbox.guards import Reasons, no_longer_true
from omnicrm.outbox.runtime import conninfo
from tests.integration.onboarding.conftest import NOW, WELCOME

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def registered() -> Registered:
    return register_customer(customer_name="Martin", contacts=[{"email": "helene@example.com"}], now=NOW)


def message_id(registered: Registered) -> UUID:
    assert registered.welcome.message_id
    return registered.welcome.message_id


def untrue(*registered: Registered) -> Reasons:
    """What the guards say about these customers' welcomes, asked as the worker does."""

    async def ask() -> Reasons:
        async with await AsyncConnection.connect(conninfo(), autocommit=True) as connection:
            return await no_longer_true(connection, WELCOME, [message_id(each) for each in registered])

    return asyncio.run(ask())


def test_a_welcome_that_is_still_true_may_leave(registered: Registered) -> None:
    assert untrue(registered) == {}


def test_a_welcome_to_a_deleted_customer_must_not_leave(registered: Registered) -> None:
    delete_customer(customer_id=registered.customer.pk)
    assert untrue(registered) == {message_id(registered): DELETED}


def test_a_welcome_to_an_address_that_is_gone_must_not_leave(registered: Registered) -> None:
    update_contact(contact_id=registered.customer.contacts.get().pk, email="h.martin@example.com", now=NOW)
    assert untrue(registered) == {message_id(registered): NO_CONTACT}


def test_a_welcome_may_leave_to_another_contact_with_the_address(registered: Registered) -> None:
    contact = registered.customer.contacts.get()
    add_contact(customer_id=registered.customer.pk, email="helene@example.com", now=NOW)
    remove_contact(contact_id=contact.pk)
    assert untrue(registered) == {}


def test_each_of_a_batch_is_judged_by_itself(registered: Registered) -> None:
    other = register_customer(customer_name="Durand", contacts=[{"email": "paul@example.com"}], now=NOW)
    delete_customer(customer_id=registered.customer.pk)
    assert untrue(registered, other) == {message_id(registered): DELETED}
