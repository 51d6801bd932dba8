"""Customers on their way in."""

from datetime import UTC, datetime

import pytest

from omnicrm.customers.models import Customer
from omnicrm.customers.operations import create_customer
from omnicrm.onboarding.operations import Registered, register_customer
from omnicrm.outbox.models import Message

NOW = datetime.now(UTC).replace(microsecond=0)
WELCOME = "api_crmCommunicationCustomerWelcome"


@pytest.fixture
def martin(db: None) -> Registered:
    """Registered, with a welcome in the queue."""
    return register_customer(
        customer_name="Boulangerie Martin",
        contacts=[{"first_name": "Hélène", "last_name": "Martin", "email": "helene@example.com"}],
        now=NOW,
    )


@pytest.fixture
def durand(db: None) -> Customer:
    """A customer who was never welcomed."""
    return create_customer(customer_name="Durand", contacts=[{"email": "paul@example.com"}], now=NOW)


def welcomes_to(customer: Customer) -> list[Message]:
    """Oldest first."""
    return list(Message.objects.filter(customer_id=customer.pk, section=WELCOME).order_by("id"))
