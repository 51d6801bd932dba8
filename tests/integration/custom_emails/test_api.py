"""POST /crm/message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.outbox.models import Message
from tests.integration.api.conftest import Integrator, wrong_fields
from tests.integration.custom_emails.conftest import GIVEN, NOW, registered

BODY = {"section": "planned_maintenance", "to_email": "ada@example.com", "variables": GIVEN}
AsRole = Callable[[Role], Integrator]


@pytest.fixture
def integrator(db: None, folder: Path) -> AsRole:
    return lambda role: Integrator(create_api_key(name=f"shop {role}", role=role, now=NOW).plain_key)


@pytest.fixture
def api(integrator: AsRole) -> Integrator:
    return integrator(Role.SUPPORT)


def test_the_whole_message_is_the_answer(api: Integrator) -> None:
    answer = api.post("/message", {**BODY, "language": "en", "variables": {**GIVEN, "access_code": "4711"}})
    assert answer.status_code == 201
    shown = answer.json()
    assert api.get(f"/message/{shown['message_id']}").json() == shown
    assert (shown["section"], shown["state"], shown["lane"]) == ("planned_maintenance", "queued", "bulk")
    assert (shown["to_email"], shown["language"], shown["subject"]) == (
        "ada@example.com",
        "en",
        "Maintenance: Fibre 1 Gb/s",
    )
    assert shown["variables"]["starts_at"] == "1 December 2026 at 22:00 CET"
    assert shown["variables"]["access_code"] == "•••"
    assert b"4711" not in answer.content


def test_a_customer_is_written_to_by_number(api: Integrator) -> None:
    customer = registered()
    shown = api.post("/message", {**BODY, "to_email": "", "customer_id": customer.pk}).json()
    assert (shown["to_email"], shown["customer_id"], shown["language"]) == ("helene@example.com", customer.pk, "fr")


def test_the_same_key_again_answers_the_first_message(api: Integrator) -> None:
    first = api.post("/message", {**BODY, "key": "works-17"})
    again = api.post("/message", {**BODY, "key": "works-17", "to_email": "eve@example.com"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_the_key_of_the_request_serves_where_the_message_has_none(api: Integrator) -> None:
    first = api.post("/message", BODY, Idempotency_Key="abc")
    again = api.post("/message", BODY, Idempotency_Key="abc")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert Message.objects.get().key.endswith(":abc")


def test_two_callers_may_have_the_same_key_of_a_request(integrator: AsRole) -> None:
    for role in (Role.SUPPORT, Role.BILLING):
        assert integrator(role).post("/message", BODY, Idempotency_Key="abc").status_code == 201
    assert Message.objects.count() == 2


def test_a_key_whose_message_is_no_longer_kept_is_a_conflict(api: Integrator) -> None:
    api.post("/message", {**BODY, "key": "works-17"})
    Message.objects.all().delete()
    assert api.post("/message", {**BODY, "key": "works-17"}).status_code == 409


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"section": "api_crmCommunicationUserPasswordReset"}, "section"),
        ({"section": "zzz\0"}, "section"),
        ({"to_email": None, "customer_id": 10**18}, "to_email"),
        ({"to_email": "nobody"}, "to_email"),
        ({"variables": {"service_name": None}}, "variables.service_name"),
        ({"variables": {**GIVEN, "zzz": 1}}, "variables.zzz"),
        ({"variables": []}, "variables"),
        ({"language": "de"}, "language"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"not_before": "9999-12-31T23:59:59+23:59"}, "not_before"),
        ({"key": "x" * 400}, "key"),
        ({"sektion": "x"}, "sektion"),
    ],
)
def test_what_cannot_be_sent_is_told_by_its_field(changed: dict[str, Any], field: str, api: Integrator) -> None:
    assert field in wrong_fields(api.post("/message", {**BODY, **changed}))
    assert not Message.objects.exists()


def test_marketing_to_an_address_of_nobody_needs_the_word_of_whoever_sends(api: Integrator) -> None:
    body = {"section": "autumn_offer", "to_email": "ada@example.com"}
    assert list(wrong_fields(api.post("/message", body))) == ["consent_given"]
    assert api.post("/message", {**body, "consent_given": True}).status_code == 201


def test_marketing_to_a_contact_asks_what_is_kept_there(api: Integrator) -> None:
    body = {"section": "autumn_offer", "customer_id": registered().pk, "consent_given": True}
    assert wrong_fields(api.post("/message", body)) == {
        "customer_id": "The contact has not agreed to marketing email.",
    }


def test_the_audit_log_names_the_key_that_sent_it(api: Integrator) -> None:
    api.post("/message", BODY)
    entry = Entry.objects.get(action=Action.EMAIL_SENT)
    assert (entry.actor_kind, entry.actor_name, entry.target_name) == ("api_key", "shop Support", "ada@example.com")


def test_errors_are_in_the_callers_language(api: Integrator) -> None:
    refused = wrong_fields(api.post("/message", {**BODY, "variables": {}}, Accept_Language="en"))
    assert refused["variables.service_name"] == "This field is required."


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.MARKETING])
def test_who_only_reads_sends_nothing(role: Role, integrator: AsRole) -> None:
    assert integrator(role).post("/message", BODY).status_code == 403
    assert not Message.objects.exists()
