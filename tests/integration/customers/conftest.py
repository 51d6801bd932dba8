"""Customers to work on, and one moment at which everything happens."""

from datetime import UTC, datetime

import pytest

from omnicrm.customers.models import Customer
from omnicrm.customers.operations import create_customer

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)


@pytest.fixture
def martin(db: None) -> Customer:
    """A bakery with one contact and one site."""
    return create_customer(
        customer_name="Boulangerie Martin",
        contacts=[
            {"first_name": "Hélène", "last_name": "Martin", "email": "helene@example.com", "phone": "+33 199001234"}
        ],
        sites=[{"name": "Fournil", "city": "Lille"}],
        now=NOW,
    )
