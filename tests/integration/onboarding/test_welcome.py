"""The welcome: once per customer in all, to the right person."""

from datetime import timedelta

import pytest

from omnicrm.customers.models import Customer
from omnicrm.customers.operations import add_contact
from omnicrm.onboarding.operations import (
    Registered,
    activate_service,
    add_service,
    register_customer,
    send_welcome_again,
    update_service,
)
from omnicrm.outbox.models import Message, MessageKey
from omnicrm.outbox.states import State
from tests.integration.onboarding.conftest import NOW, WELCOME, welcomes_to

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def test_a_new_customer_is_welcomed(martin: Registered) -> None:
    message = Message.objects.get(id=martin.welcome.message_id)
    assert (message.section, message.state, message.key) == (
        WELCOME,
        State.QUEUED,
        f"customer:{martin.customer.pk}:welcome",
    )
    assert (message.to_email, message.to_name, message.customer_id) == (
        "helene@example.com",
        "Hélène Martin",
        martin.customer.pk,
    )
    assert message.variables["customer_name"] == "Boulangerie Martin"
    assert message.variables["email"] == "helene@example.com"
    assert message.variables["company_name"] == "Votre Entreprise"


def test_the_welcome_speaks_the_customers_language() -> None:
    registered = register_customer(
        customer_name="Smith", language="en", contacts=[{"email": "helen@example.com"}], now=NOW
    )
    message = Message.objects.get(id=registered.welcome.message_id)
    assert (message.language, message.subject, message.to_name) == ("en", "Welcome to Your Company", "Smith")


def test_the_primary_contact_is_welcomed_wherever_it_stands() -> None:
    registered = register_customer(
        customer_name="Martin",
        contacts=[
            {"contact_type": "billing", "email": "billing@example.com"},
            {"contact_type": "primary", "email": "helene@example.com"},
        ],
        now=NOW,
    )
    assert [message.to_email for message in welcomes_to(registered.customer)] == ["helene@example.com"]


def test_without_a_reachable_primary_contact_the_first_address_is_welcomed() -> None:
    registered = register_customer(
        customer_name="Martin",
        contacts=[
            {"contact_type": "primary", "phone": "+33 1"},
            {"contact_type": "sales", "email": "sales@example.com"},
            {"contact_type": "billing", "email": "billing@example.com"},
        ],
        now=NOW,
    )
    assert [message.to_email for message in welcomes_to(registered.customer)] == ["sales@example.com"]


def test_without_any_address_nobody_is_welcomed_and_the_answer_says_why() -> None:
    registered = register_customer(customer_name="Martin", contacts=[{"phone": "+33 1"}], now=NOW)
    assert (registered.welcome.message_id, registered.welcome.reason) == (
        None,
        "No contact of the customer has an email address.",
    )
    assert not MessageKey.objects.exists()


def test_a_first_service_that_becomes_active_welcomes_a_customer_who_never_was(durand: Customer) -> None:
    added = add_service(customer_id=durand.pk, service_name="Fibre", now=NOW)
    assert (added.welcome, welcomes_to(durand)) == (None, [])
    activated = activate_service(service_id=added.service.pk, now=LATER)
    assert activated.welcome
    assert [message.id for message in welcomes_to(durand)] == [activated.welcome.message_id]


def test_a_service_added_active_welcomes_too(durand: Customer) -> None:
    add_service(customer_id=durand.pk, service_name="Fibre", state="active", now=NOW)
    assert len(welcomes_to(durand)) == 1


def test_a_customer_is_welcomed_once_whatever_becomes_active(martin: Registered) -> None:
    first = add_service(customer_id=martin.customer.pk, service_name="Fibre", state="active", now=NOW)
    second = add_service(customer_id=martin.customer.pk, service_name="Mobile", state="active", now=LATER)
    update_service(service_id=second.service.pk, state="suspended", now=LATER)
    activate_service(service_id=second.service.pk, now=LATER)
    assert first.welcome
    assert (first.welcome.message_id, first.welcome.reason) == (
        martin.welcome.message_id,
        "The customer has been welcomed before.",
    )
    assert len(welcomes_to(martin.customer)) == 1


def test_changing_an_active_service_in_other_ways_welcomes_nobody(durand: Customer) -> None:
    service = add_service(customer_id=durand.pk, service_name="Fibre", now=NOW).service
    update_service(service_id=service.pk, service_name="Fibre Max", now=NOW)
    assert welcomes_to(durand) == []


def test_an_address_that_comes_later_sends_nothing_by_itself() -> None:
    customer = register_customer(customer_name="Martin", now=NOW).customer
    add_contact(customer_id=customer.pk, email="helene@example.com", now=NOW)
    assert welcomes_to(customer) == []
    add_service(customer_id=customer.pk, service_name="Fibre", state="active", now=NOW)
    assert len(welcomes_to(customer)) == 1


def test_staff_may_welcome_again_as_often_as_they_wish(martin: Registered) -> None:
    again = [send_welcome_again(customer_id=martin.customer.pk, now=LATER) for _ in range(2)]
    messages = welcomes_to(martin.customer)
    assert [message.id for message in messages[1:]] == [welcome.message_id for welcome in again]
    first = f"customer:{martin.customer.pk}:welcome"
    assert [message.key for message in messages] == [first, f"{first}:2", f"{first}:3"]


def test_a_welcome_by_staff_is_the_one_in_all_for_a_customer_who_never_was(durand: Customer) -> None:
    send_welcome_again(customer_id=durand.pk, now=NOW)
    add_service(customer_id=durand.pk, service_name="Fibre", state="active", now=NOW)
    assert len(welcomes_to(durand)) == 1


def test_nobody_is_welcomed_again_without_an_address() -> None:
    customer = register_customer(customer_name="Martin", now=NOW).customer
    assert send_welcome_again(customer_id=customer.pk, now=NOW).message_id is None


def test_customers_with_similar_ids_do_not_share_keys(martin: Registered) -> None:
    other = Customer.objects.create(pk=martin.customer.pk * 10, customer_name="Ten", created_at=NOW, updated_at=NOW)
    add_contact(customer_id=other.pk, email="ten@example.com", now=NOW)
    send_welcome_again(customer_id=other.pk, now=NOW)
    assert [message.key for message in welcomes_to(other)] == [f"customer:{other.pk}:welcome"]
