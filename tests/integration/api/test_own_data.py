"""What a customer's session may do in the API: see what is their own, on every route there is, and nothing else."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from omnicrm.api.urls import api
from omnicrm.audit.operations import SYSTEM
from omnicrm.balances.intake import accept_events
from omnicrm.balances.models import Balance, Source
from omnicrm.customers.models import Contact, Customer, Service, Site
from omnicrm.customers.operations import add_service
from omnicrm.invoices.drafts import create_draft
from omnicrm.invoices.issuing import create_invoice
from omnicrm.invoices.models import Invoice
from omnicrm.onboarding.operations import register_customer
from omnicrm.outbox.models import Message
from tests.integration.balances.conftest import event

OPEN_TO_ALL = {"/crm/health", "/crm/auth/login", "/crm/auth/logout", "/crm/auth/forgot_password"} | {
    f"/crm/auth/{name}" for name in ("reset_password", "change_password", "verify_email")
}
OWN = {
    ("get", "/crm/customer"),
    ("get", "/crm/customer/{customer_id}"),
    ("get", "/crm/contact/{contact_id}"),
    ("get", "/crm/site/{site_id}"),
    ("get", "/crm/service/{service_id}"),
    ("get", "/crm/message"),
    ("get", "/crm/message/{message_id}"),
    ("get", "/crm/invoice"),
    ("get", "/crm/invoice/{invoice_id}"),
    ("get", "/crm/invoice/{invoice_id}/pdf"),
    ("get", "/crm/balance"),
    ("get", "/crm/balance/{id}"),
    ("get", "/crm/balance/{id}/course"),
    ("get", "/crm/balance_alert"),
}
"""The routes on which customers get an answer. All others refuse them, whatever they ask for."""
MAILJETS_DOOR = ("post", "/crm/mailjet/events")
"""It opens by a password of its own, and is not there while none is configured."""


def user_of(name: str) -> User:
    customer = register_customer(
        customer_name=name,
        contacts=[{"first_name": name, "email": f"{name}@example.com"}],
        sites=[{"name": f"home of {name}"}],
        now=now(),
    ).customer
    service = add_service(customer_id=customer.pk, service_name=f"fibre of {name}", now=now())
    accept_events([event(service, 90, account=name, balance_id=f"bundle of {name}")], source=Source.OWN, now=now())
    line: Any = {"title": f"fibre of {name}", "quantity": 1, "unit_price": 10}
    create_invoice(customer_id=customer.pk, lines=[line], send=False, by=SYSTEM, now=now())
    return create_user(
        email=f"{name}@example.com", full_name=name, role=Role.CUSTOMER, customer_id=customer.pk, now=now()
    )


@pytest.fixture
def zoe(db: None) -> User:
    return user_of("zoe")


@pytest.fixture
def paul(db: None) -> User:
    """Another customer's."""
    return user_of("paul")


@pytest.fixture
def at_zoes(zoe: User) -> Client:
    client = Client()
    client.force_login(zoe)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def operations() -> Iterator[tuple[str, str]]:
    """Every method and path of the OpenAPI document."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in methods:
            yield method, path


def ids_of(user: User) -> dict[str, Any]:
    """One of each of the customer's records, by the name that paths have for its id."""
    customer = user.customer
    assert customer
    return {
        "customer_id": customer.pk,
        "contact_id": Contact.objects.get(customer=customer).pk,
        "site_id": Site.objects.get(customer=customer).pk,
        "service_id": Service.objects.get(customer=customer).pk,
        "message_id": Message.objects.get(customer=customer).pk,
        "invoice_id": Invoice.objects.get(customer=customer).pk,
        "id": Balance.objects.get(service__customer=customer).pk,
    }


def filled(path: str, ids: dict[str, Any]) -> str:
    """The path with the ids, and with numbers of nobody where there are none."""
    unknown: dict[str, Any] = {}
    for part in path.split("/"):
        if part.startswith("{"):
            name = part.strip("{}")
            unknown[name] = ids.get(name, UUID(int=0) if name.endswith("uuid") else 1)
    return path.format(**unknown)


def test_every_route_that_is_not_theirs_refuses_a_customer(at_zoes: Client, zoe: User) -> None:
    answered = dict[tuple[str, str], int]()
    for method, path in operations():
        if path in OPEN_TO_ALL or (method, path) in OWN:
            continue
        answer = at_zoes.generic(method.upper(), filled(path, ids_of(zoe)), b"{}", "application/json")
        answered[method, path] = answer.status_code
    assert answered.pop(MAILJETS_DOOR) == 404
    assert answered
    assert {key: status for key, status in answered.items() if status != 403} == {}


def test_a_customer_reads_what_is_their_own(at_zoes: Client, zoe: User) -> None:
    for method, path in OWN:
        assert method == "get"
        answer = at_zoes.get(filled(path, ids_of(zoe)))
        assert answer.status_code == 200, path


def test_what_is_anothers_is_not_there(at_zoes: Client, paul: User) -> None:
    for _method, path in OWN:
        if "{" in path:
            assert at_zoes.get(filled(path, ids_of(paul))).status_code == 404, path


@pytest.mark.parametrize("path", ["/crm/customer", "/crm/message", "/crm/invoice", "/crm/balance"])
def test_lists_hold_nothing_of_anybody_else(at_zoes: Client, zoe: User, paul: User, path: str) -> None:
    answer = at_zoes.get(path)
    assert answer.json()["count"] == 1
    assert "paul" not in answer.content.decode()
    assert zoe.customer
    assert paul.customer
    assert at_zoes.get(path, {"customer_id": paul.customer.pk}).json().get("count", 0) == 0


def test_alerts_are_listed_to_whom_they_are_about(at_zoes: Client, zoe: User, paul: User) -> None:
    services = {user.full_name: Service.objects.get(customer=user.customer) for user in (zoe, paul)}
    low = [event(service, 5, at=1, balance_id=f"bundle of {name}") for name, service in services.items()]
    accept_events(low, source=Source.OWN, now=now())
    answer = at_zoes.get("/crm/balance_alert").json()
    assert [each["balance_id"] for each in answer["items"]] == ["bundle of zoe"]
    assert at_zoes.get("/crm/balance_alert", {"service_id": services["paul"].pk}).json()["count"] == 0
    assert at_zoes.get("/crm/balance", {"service_id": services["paul"].pk}).json()["count"] == 0


def test_nobody_gets_an_answer_from_a_route_that_is_not_open(db: None) -> None:
    open_to_nobody = {}
    for method, path in operations():
        if path in OPEN_TO_ALL:
            continue
        status = Client().generic(method.upper(), filled(path, {}), b"{}", "application/json").status_code
        if status != 401:
            open_to_nobody[method, path] = status
    assert open_to_nobody == {MAILJETS_DOOR: 404}


def test_a_draft_is_not_shown_to_its_customer(at_zoes: Client, zoe: User) -> None:
    assert zoe.customer
    line: Any = {"title": "not yet", "quantity": 1, "unit_price": 10}
    draft = create_draft(customer_id=zoe.customer.pk, lines=[line], now=now())
    assert at_zoes.get(f"/crm/invoice/{draft.pk}").status_code == 404
    assert at_zoes.get("/crm/invoice").json()["count"] == 1


def test_an_erased_customer_takes_the_user_along(zoe: User) -> None:
    Customer.objects.filter(pk=zoe.customer_id).delete()
    assert not User.objects.filter(pk=zoe.pk).exists()
