"""Who may call: keys and signed-in staff, each with the permissions of their role."""

from collections.abc import Callable

import pytest
from django.test import Client

from omnicrm.accounts.models import ApiKey, User
from omnicrm.accounts.operations import create_user, revoke_api_key
from omnicrm.accounts.roles import STAFF_ROLES, Role
from omnicrm.customers.models import Customer
from tests.integration.api.conftest import JSON, NOW, PROBLEM, Integrator


@pytest.fixture
def support(db: None) -> User:
    return create_user(email="paul@example.com", full_name="Paul", role=Role.SUPPORT, now=NOW)


def browser(user: User) -> Client:
    """Signed in, and held to the rules of CSRF as a browser is."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_without_a_key_the_answer_tells_how_to_come_in() -> None:
    refused = Client().get("/crm/customer")
    assert (refused.status_code, refused["Content-Type"]) == (401, PROBLEM)
    assert "X-API-KEY" in refused.json()["detail"]
    assert "X-API-KEY" in refused["WWW-Authenticate"]


def test_a_wrong_key_is_refused_whatever_session_comes_with_it(support: User) -> None:
    client = browser(support)
    assert client.get("/crm/customer", headers={"X-API-KEY": "omni_00000000_wrong"}).status_code == 401
    assert client.get("/crm/customer", headers={"X-API-KEY": ""}).status_code == 401


def test_a_revoked_key_is_refused(api: Integrator) -> None:
    assert api.get("/customer").status_code == 200
    revoke_api_key(api_key_id=ApiKey.objects.get().pk, now=NOW)
    assert api.get("/customer").status_code == 401


def test_a_keys_use_is_noted(api: Integrator) -> None:
    api.get("/customer")
    assert ApiKey.objects.get().last_used_at is not None


def test_a_signed_in_member_of_staff_may_read(support: User) -> None:
    assert browser(support).get("/crm/customer").status_code == 200


def test_a_session_writes_only_with_its_csrf_token(support: User) -> None:
    client = browser(support)
    refused = client.post("/crm/customer", {"customer_name": "Martin"}, JSON)
    assert (refused.status_code, refused["Content-Type"]) == (403, PROBLEM)
    assert "X-CSRFToken" in refused.json()["detail"]
    client.get("/crm/docs")
    token = client.cookies["csrftoken"].value
    created = client.post("/crm/customer", {"customer_name": "Martin"}, JSON, headers={"X-CSRFToken": token})
    assert created.status_code == 201
    assert Customer.objects.count() == 1


def test_a_key_needs_no_csrf_token(api: Integrator) -> None:
    client = Client(enforce_csrf_checks=True)
    headers = {"X-API-KEY": api.plain_key}
    assert client.post("/crm/customer", {"customer_name": "Martin"}, JSON, headers=headers).status_code == 201


def test_a_deactivated_user_is_nobody(support: User) -> None:
    client = browser(support)
    User.objects.update(is_active=False)
    assert client.get("/crm/customer").status_code == 401


def test_who_is_signed_in_but_no_staff_may_nothing(support: User) -> None:
    client = browser(support)
    User.objects.update(is_staff=False)
    assert client.get("/crm/customer").status_code == 403


ROUTES = [
    ("GET", "/customer", {Role.ADMIN, Role.SUPPORT, Role.BILLING, Role.MARKETING, Role.READ_ONLY}),
    ("GET", "/message", {Role.ADMIN, Role.SUPPORT, Role.BILLING, Role.MARKETING, Role.READ_ONLY}),
    ("GET", "/message/stats", {Role.ADMIN, Role.SUPPORT, Role.BILLING, Role.MARKETING, Role.READ_ONLY}),
    ("GET", "/customer/1/export", {Role.ADMIN, Role.SUPPORT, Role.BILLING, Role.MARKETING, Role.READ_ONLY}),
    ("POST", "/customer", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("POST", "/customer/bulk", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("PATCH", "/customer/1", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("POST", "/customer/1/contact", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("POST", "/customer/1/site", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("POST", "/customer/1/service", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("POST", "/customer/1/welcome_email", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("PATCH", "/contact/1", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("DELETE", "/contact/1", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("PUT", "/contact/1/marketing_consent", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("DELETE", "/contact/1/marketing_consent", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("DELETE", "/site/1", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("DELETE", "/service/1", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("POST", "/service/1/activate", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("POST", "/message/01970000-0000-7000-8000-000000000000/resend", {Role.ADMIN, Role.SUPPORT, Role.BILLING}),
    ("DELETE", "/customer/1", {Role.ADMIN}),
]


@pytest.mark.parametrize(("method", "path", "allowed"), ROUTES)
def test_each_route_is_open_to_the_roles_that_may(
    integrator: Callable[[Role], Integrator], method: str, path: str, allowed: set[Role]
) -> None:
    answers = {role: integrator(role).send(method, path, b"{}") for role in STAFF_ROLES}
    assert {role for role, answer in answers.items() if answer.status_code != 403} == allowed
    for answer in answers.values():
        b"".join(answer)  # to the end, as a client would


def test_a_refusal_names_the_missing_permission(integrator: Callable[[Role], Integrator]) -> None:
    refused = integrator(Role.READ_ONLY).post("/customer", {"customer_name": "Martin"})
    assert refused["Content-Type"] == PROBLEM
    assert "customers.write" in refused.json()["detail"]
