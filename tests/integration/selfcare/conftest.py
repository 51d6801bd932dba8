"""Two customers with a user each, at their browsers."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from omnicrm.customers.operations import add_service
from omnicrm.onboarding.operations import register_customer

PASSWORD = "correct horse battery"


def customer_user(name: str, email: str, *, language: str = "en") -> User:
    """A customer with a service, a welcome in the queue, and a user whose address is proven."""
    first_name, _, last_name = name.partition(" ")
    customer = register_customer(
        customer_name=name,
        language=language,
        contacts=[{"first_name": first_name, "last_name": last_name, "email": email, "phone": "+33 199001234"}],
        sites=[{"name": f"Home of {name}", "city": "Lille"}],
        now=now(),
    ).customer
    add_service(customer_id=customer.pk, service_name=f"Fibre of {name}", now=now())
    user = create_user(
        email=email,
        full_name=name,
        role=Role.CUSTOMER,
        customer_id=customer.pk,
        password=PASSWORD,
        language=language,
        now=now(),
    )
    user.email_verified_at = now()
    user.save(update_fields=["email_verified_at"])
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = user.language
    return client


@pytest.fixture
def zoe(db: None) -> User:
    return customer_user("Zoé Petit", "zoe@example.com")


@pytest.fixture
def paul(db: None) -> User:
    """Another customer's."""
    return customer_user("Paul Durand", "paul@example.com")


@pytest.fixture
def at_zoes(zoe: User) -> Client:
    return signed_in(zoe)
