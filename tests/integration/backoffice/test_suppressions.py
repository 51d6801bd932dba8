"""Suppressions: listed, added with a reason, lifted after a confirmation."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.audit.models import Entry
from omnicrm.outbox.models import Suppression, SuppressionScope

LIST = reverse("admin:outbox_suppression_changelist")
ADD = reverse("admin:outbox_suppression_add")
NEW = {"address": "old@example.com", "scope": "everything", "reason": "Asked on the phone"}


def suppress(address: str, scope: SuppressionScope = SuppressionScope.EVERYTHING) -> Suppression:
    return Suppression.objects.create(address=address, scope=scope, reason="hard bounce", created_at=now())


def words(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_an_address_is_suppressed_in_its_normal_form(admin: Client) -> None:
    response = admin.post(ADD, NEW | {"address": " old@EXAMPLE.com "}, follow=True)
    assert words(response) == ["OmniCRM no longer writes to old@example.com."]
    assert Suppression.objects.values_list("address", "scope", "reason").get() == tuple(NEW.values())


@pytest.mark.parametrize(("field", "value"), [("address", "no"), ("address", ""), ("reason", " "), ("scope", "half")])
def test_wrong_input_is_said_beside_its_field(admin: Client, field: str, value: str) -> None:
    response = admin.post(ADD, NEW | {field: value})
    assert list(response.context["form"].errors) == [field]
    assert not Suppression.objects.exists()


def test_an_address_is_suppressed_once_per_scope(admin: Client) -> None:
    suppress("old@example.com")
    assert admin.post(ADD, NEW).status_code == 200
    assert admin.post(ADD, NEW | {"scope": "marketing"}).status_code == 302
    assert Suppression.objects.count() == 2


def test_lifting_asks_first(admin: Client) -> None:
    page = reverse("admin:outbox_suppression_lift_page", args=[suppress("old@example.com").pk])
    assert "Lift the suppression of old@example.com?" in admin.get(page).content.decode()
    assert Suppression.objects.exists()
    assert words(admin.post(page, follow=True)) == ["OmniCRM may write to old@example.com again."]
    assert not Suppression.objects.exists()


def test_lifting_what_somebody_else_lifted_leads_back(admin: Client) -> None:
    suppression = suppress("old@example.com")
    page = reverse("admin:outbox_suppression_lift_page", args=[suppression.pk])
    suppression.delete()
    assert words(admin.post(page, follow=True)) == ["This is no longer there."]


def test_a_part_of_the_address_finds_it(admin: Client) -> None:
    suppress("old@example.com")
    suppress("quiet@example.org", SuppressionScope.MARKETING)
    found = admin.get(LIST, {"q": "example.org"}).content.decode()
    assert "quiet@example.org" in found
    assert "old@example.com" not in found


def test_an_empty_list_says_what_that_means(admin: Client) -> None:
    assert "OmniCRM may write to everybody" in admin.get(LIST).content.decode()


def test_the_audit_log_tells_who_suppressed_and_lifted_and_why(admin: Client) -> None:
    admin.post(ADD, NEW)
    admin.post(reverse("admin:outbox_suppression_lift_page", args=[Suppression.objects.get().pk]))
    entries = Entry.objects.filter(target_name="old@example.com").order_by("id")
    assert [entry.action for entry in entries] == ["suppression_added", "suppression_lifted"]
    assert {entry.actor_name for entry in entries} == {"Admin Person"}
    assert {entry.detail["reason"] for entry in entries} == {"Asked on the phone"}
