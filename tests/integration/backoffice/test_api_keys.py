"""API keys: shown once, revoked for good."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import ApiKey, User
from omnicrm.accounts.operations import authenticate_api_key, create_api_key
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Entry

LIST = reverse("admin:accounts_apikey_changelist")
ADD = reverse("admin:accounts_apikey_add")
NEW = {"name": "Billing system", "role": "Billing"}


def page(api_key: ApiKey, name: str = "change") -> str:
    return reverse(f"admin:accounts_apikey_{name}", args=[api_key.pk])


def words(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_a_new_key_works_and_is_shown_this_once(admin: Client) -> None:
    response = admin.post(ADD, NEW)
    plain_key = response.context["plain_key"]
    assert plain_key in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    authenticated = authenticate_api_key(plain_key=plain_key, now=now())
    assert authenticated is not None
    assert (authenticated.name, authenticated.role) == ("Billing system", Role.BILLING)
    for address in (LIST, page(authenticated), page(authenticated, "history")):
        assert plain_key not in admin.get(address, follow=True).content.decode()


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "x" * 101), ("role", "Root")])
def test_wrong_input_is_said_beside_its_field(admin: Client, field: str, value: str) -> None:
    response = admin.post(ADD, NEW | {field: value})
    assert list(response.context["form"].errors) == [field]
    assert not ApiKey.objects.exists()


def test_a_name_is_given_once(admin: Client) -> None:
    admin.post(ADD, NEW)
    assert "An API key has this name already." in admin.post(ADD, NEW).content.decode()


def test_revoking_asks_first_and_lasts(admin: Client) -> None:
    created = create_api_key(name="Billing", role=Role.BILLING, now=now())
    assert "Revoke the key “Billing”?" in admin.get(page(created.api_key, "revoke_page")).content.decode()
    assert authenticate_api_key(plain_key=created.plain_key, now=now())
    response = admin.post(page(created.api_key, "revoke_page"), follow=True)
    assert words(response) == ["The key “Billing” is revoked."]
    assert authenticate_api_key(plain_key=created.plain_key, now=now()) is None
    assert "revoke/" not in admin.get(page(created.api_key)).content.decode()


def test_an_empty_list_says_what_a_key_is_for(admin: Client) -> None:
    assert "Add one to let a system use the API." in admin.get(LIST).content.decode()


def test_the_audit_log_tells_who_made_and_revoked_a_key_from_where(admin: Client) -> None:
    admin.post(ADD, NEW, REMOTE_ADDR="203.0.113.7")
    admin.post(page(ApiKey.objects.get(), "revoke_page"), REMOTE_ADDR="203.0.113.7")
    entries = Entry.objects.filter(target_kind="api_key").order_by("id")
    assert [entry.action for entry in entries] == ["api_key_created", "api_key_revoked"]
    assert {(entry.actor_id, entry.ip, entry.target_name) for entry in entries} == {
        (User.objects.get().pk, "203.0.113.7", "Billing system")
    }
