"""Users over the API: created with a welcome, changed, reset, deactivated; all of it by who may manage accounts."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import STAFF_ROLES, Role
from omnicrm.audit.models import Action, Entry
from omnicrm.customers.operations import create_customer
from omnicrm.outbox.models import MASK, Message
from tests.integration.api.conftest import NOW, Integrator, wrong_fields

CLAIRE = {"email": "claire@yourcompany.com", "full_name": "Claire Fontaine", "role": "Support", "language": "fr"}
WELCOME = "api_crmCommunicationUserWelcome"
VERIFICATION = "api_crmCommunicationEmailVerification"
CHANGED = "api_crmCommunicationUserPasswordChange"


@pytest.fixture
def claire(api: Integrator) -> dict[str, Any]:
    created = api.post("/user", CLAIRE)
    assert created.status_code == 201, created.content
    user: dict[str, Any] = created.json()
    return user


def sections() -> list[str]:
    return list(Message.objects.order_by("id").values_list("section", flat=True))


def test_a_new_member_of_staff_is_welcomed_and_verified(claire: dict[str, Any]) -> None:
    assert sections() == [WELCOME, VERIFICATION]
    assert claire["temporary_password_until"] is not None
    assert claire["email_verified_at"] is None
    assert claire["customer_id"] is None


def test_an_import_sends_nothing(api: Integrator) -> None:
    assert api.post("/user", {**CLAIRE, "send_welcome": False}).status_code == 201
    assert sections() == []


def test_no_answer_holds_a_password(api: Integrator, claire: dict[str, Any]) -> None:
    message = Message.objects.get(section=WELCOME)
    shown = api.get(f"/message/{message.id}")
    assert shown.json()["variables"]["temp_password"] == MASK
    assert message.variables["temp_password"] not in shown.content.decode()
    assert not [name for name in claire if "password" in name and name != "temporary_password_until"]


def test_an_address_is_one_users_alone(api: Integrator, claire: dict[str, Any]) -> None:
    assert api.post("/user", {**CLAIRE, "email": "CLAIRE@yourcompany.com"}).status_code == 409


def test_a_user_of_a_customer_is_not_made_here(api: Integrator) -> None:
    assert "customer_id" in wrong_fields(api.post("/user", {**CLAIRE, "role": "Customer"}))


def test_wrong_fields_are_told_together(api: Integrator) -> None:
    assert wrong_fields(api.post("/user", {**CLAIRE, "email": "no address", "full_name": ""})).keys() == {
        "email",
        "full_name",
    }


def test_users_are_found_by_part_of_name_or_address(api: Integrator, claire: dict[str, Any]) -> None:
    create_user(email="paul@yourcompany.com", full_name="Paul", role=Role.BILLING, now=NOW)
    assert [each["user_id"] for each in api.get("/user", search="fontai").json()["items"]] == [claire["user_id"]]
    assert api.get("/user", role="Billing").json()["count"] == 1
    assert api.get("/user", is_active="false").json() == {"count": 0, "items": []}
    assert [each["email"] for each in api.get("/user", limit=1, offset=1).json()["items"]] == ["paul@yourcompany.com"]


def test_a_list_takes_as_many_queries_however_long_it_is(
    api: Integrator, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        create_user(email=f"c{number}@yourcompany.com", full_name="Colleague", role=Role.SUPPORT, now=NOW)
    with django_assert_max_num_queries(10):
        assert len(api.get("/user").json()["items"]) == 20


def test_a_change_of_role_is_audited_with_the_keys_name(api: Integrator, claire: dict[str, Any]) -> None:
    changed = api.patch(f"/user/{claire['user_id']}", {"role": "Billing"})
    assert changed.json()["role"] == "Billing"
    entry = Entry.objects.get(action=Action.USER_CHANGED)
    assert entry.actor_name == "shop Admin"
    assert entry.detail == {"role": {"from": "Support", "to": "Billing"}}


def test_another_welcome_has_another_temporary_password(api: Integrator, claire: dict[str, Any]) -> None:
    again = api.post(f"/user/{claire['user_id']}/welcome_email")
    assert again.status_code == 201
    first, second = Message.objects.filter(section=WELCOME).order_by("id")
    assert again.json()["message_id"] == str(second.id)
    assert first.state == "cancelled"
    assert first.variables["temp_password"] != second.variables["temp_password"]


def test_an_administrator_sets_a_password_and_the_user_is_told_by_whom(api: Integrator) -> None:
    user = create_user(email="paul@yourcompany.com", full_name="Paul", role=Role.BILLING, now=NOW)
    answer = api.post(f"/user/{user.pk}/reset_password", {"new_password": "a very long new one"})
    assert answer.status_code == 202
    user.refresh_from_db()
    assert user.check_password("a very long new one")
    assert sections() == [CHANGED]


def test_a_weak_password_is_refused(api: Integrator, claire: dict[str, Any]) -> None:
    assert "new_password" in wrong_fields(
        api.post(f"/user/{claire['user_id']}/reset_password", {"new_password": "password"})
    )


def test_without_a_password_the_user_is_sent_a_link(api: Integrator, claire: dict[str, Any]) -> None:
    assert api.post(f"/user/{claire['user_id']}/reset_password", {}).status_code == 202
    entry = Entry.objects.get(action=Action.RESET_REQUESTED)
    assert (entry.actor_name, entry.target_name) == ("shop Admin", CLAIRE["email"])


def test_a_deactivated_user_can_be_reactivated(api: Integrator, claire: dict[str, Any]) -> None:
    assert api.post(f"/user/{claire['user_id']}/deactivate").json()["is_active"] is False
    assert api.post(f"/user/{claire['user_id']}/reactivate").json()["is_active"] is True


def test_the_last_administrator_stays(api: Integrator) -> None:
    user = create_user(email="ada@yourcompany.com", full_name="Ada", role=Role.ADMIN, now=NOW)
    assert wrong_fields(api.post(f"/user/{user.pk}/deactivate")).keys() == {"user_id"}
    assert wrong_fields(api.patch(f"/user/{user.pk}", {"role": "Support"})).keys() == {"role"}


@pytest.mark.parametrize("role", [role for role in STAFF_ROLES if role != Role.ADMIN])
def test_only_administrators_manage_users(integrator: Callable[[Role], Integrator], role: Role) -> None:
    key = integrator(role)
    assert key.get("/user").status_code == 403
    assert key.post("/user", CLAIRE).status_code == 403
    assert not User.objects.exists()


def test_a_user_nobody_has_is_not_found(api: Integrator) -> None:
    assert api.get("/user/999").status_code == 404
    assert api.post("/user/999/welcome_email").status_code == 404


def test_exports_and_erasures_are_audited(api: Integrator) -> None:
    customer = create_customer(customer_name="Martin", now=NOW)
    api.get(f"/customer/{customer.pk}/export")
    api.delete(f"/customer/{customer.pk}")
    actions = Entry.objects.filter(target_id=customer.pk, target_kind="customer").order_by("id")
    assert list(actions.values_list("action", flat=True)) == [Action.CUSTOMER_EXPORTED, Action.CUSTOMER_ERASED]
