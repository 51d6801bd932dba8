"""Messages over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from omnicrm.outbox import reasons
from omnicrm.outbox.models import Message, MessageKey
from omnicrm.outbox.states import Lane, State
from tests.integration.api.conftest import MARTIN, NOW, Integrator, wrong_fields

WELCOME = "api_crmCommunicationCustomerWelcome"
RESET = "api_crmCommunicationUserPasswordReset"


def message(number: int = 0, **fields: Any) -> Message:
    """As the dispatch would have left it."""
    defaults = {
        "key": f"test:{number}",
        "section": WELCOME,
        "lane": Lane.TRANSACTIONAL,
        "language": "fr",
        "to_email": "helene@example.com",
        "subject": "Bienvenue",
        "created_at": NOW,
        "not_before": NOW,
    }
    return Message.objects.create(**{**defaults, **fields})


def attempt(outcome: str, detail: str = "") -> dict[str, str]:
    return {"at": "2026-05-31T12:00:00+00:00", "outcome": outcome, "detail": detail}


def listed(api: Integrator, **query: object) -> list[str]:
    return [item["message_id"] for item in api.get("/message", **query).json()["items"]]


def test_a_message_is_shown_as_the_contract_says(api: Integrator) -> None:
    customer = api.create()
    (shown,) = api.get("/message").json()["items"]
    assert {name: shown[name] for name in ("message_id", "section", "state", "reason", "lane", "to_email")} == {
        "message_id": customer["welcome"]["message_id"],
        "section": WELCOME,
        "state": "queued",
        "reason": "",
        "lane": "transactional",
        "to_email": "helene@example.com",
    }
    assert (shown["customer_id"], shown["attempts"]) == (customer["customer_id"], 0)
    assert (shown["accepted_at"], shown["mailjet_message_id"]) == (None, None)
    assert shown["variables"]["customer_name"] == "Boulangerie Martin"


def test_mailjets_number_is_text_because_it_is_too_long_for_json(api: Integrator) -> None:
    message(state=State.ACCEPTED, mailjet_message_id=2**60 + 1, accepted_at=NOW)
    (shown,) = api.get("/message").json()["items"]
    assert shown["mailjet_message_id"] == "1152921504606846977"
    assert shown["accepted_at"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"


def test_secrets_are_masked_in_every_view(api: Integrator) -> None:
    variables = {"reset_url": "https://example.com/s3cret", "user_name": "H"}
    stored = message(section=RESET, variables=variables, secrets=["reset_url"])
    for answer in (api.get("/message"), api.get(f"/message/{stored.id}")):
        assert b"s3cret" not in answer.content
    assert api.get(f"/message/{stored.id}").json()["variables"] == {"reset_url": "•••", "user_name": "H"}


def test_only_what_was_handed_to_mailjet_counts_as_an_attempt(api: Integrator) -> None:
    stored = message(
        attempts=[
            attempt("queued", reasons.CHECK_FAILED),
            attempt("queued", "429: too many requests"),
            attempt("queued"),
            attempt("unknown", "timed out"),
            attempt("unknown", reasons.NOT_LISTED_YET),
            attempt("queued", reasons.NEVER_ARRIVED),
            attempt("refused", "bad template"),
            attempt("retried"),
            attempt("cancelled", "paid"),
            attempt("accepted"),
        ]
    )
    shown = api.get(f"/message/{stored.id}").json()
    assert shown["attempts"] == 4
    assert [event["outcome"] for event in shown["timeline"]][:3] == ["queued", "queued", "queued"]
    assert len(shown["timeline"]) == 11


def test_a_timeline_begins_with_the_creation(api: Integrator) -> None:
    stored = message(attempts=[attempt("accepted")])
    assert api.get(f"/message/{stored.id}").json()["timeline"] == [
        {"at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "outcome": "queued", "detail": ""},
        {"at": "2026-05-31T12:00:00Z", "outcome": "accepted", "detail": ""},
    ]


def test_a_list_is_filtered(api: Integrator) -> None:
    customer_id = api.create({"customer_name": "Durand"})["customer_id"]
    first = str(message(1, state=State.REFUSED, customer_id=customer_id).id)
    second = str(message(2, section=RESET, lane=Lane.SECURITY, to_email="Paul@example.com").id)
    assert listed(api) == [second, first]
    assert listed(api, customer_id=customer_id) == listed(api, state="refused") == [first]
    assert listed(api, section=WELCOME) == [first]
    assert listed(api, lane="security") == listed(api, section=RESET) == [second]
    assert listed(api, to_email="Paul@EXAMPLE.com") == [second]
    assert listed(api, to_email="helene@example.com", state="queued") == []
    assert listed(api, customer_id=10**30) == []


@pytest.mark.parametrize(
    "query", [{"state": "sent"}, {"lane": "express"}, {"to_email": "no"}, {"customer_id": "x"}, {"section": "\x00"}]
)
def test_a_filter_that_cannot_be_is_refused(api: Integrator, query: dict[str, str]) -> None:
    assert wrong_fields(api.get("/message", **query)).keys() == query.keys()


def test_a_long_list_costs_no_more_queries_than_a_short_one(
    api: Integrator, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        message(number)
    with django_assert_max_num_queries(5):
        assert len(listed(api)) == 10


def test_a_message_that_ended_without_being_accepted_is_queued_again(api: Integrator) -> None:
    stored = message(state=State.REFUSED, reason="no template")
    again = api.post(f"/message/{stored.id}/resend")
    assert again.status_code == 200
    assert (again.json()["state"], again.json()["reason"]) == ("queued", "")
    assert again.json()["timeline"][-1]["outcome"] == "retried"


def test_a_message_that_was_accepted_is_not_sent_twice(api: Integrator) -> None:
    stored = message(state=State.ACCEPTED)
    refused = api.post(f"/message/{stored.id}/resend")
    assert refused.status_code == 409
    assert "accepted" in refused.json()["detail"]
    assert Message.objects.get(id=stored.id).state == State.ACCEPTED


def test_a_message_that_does_not_exist_cannot_be_sent_again(api: Integrator) -> None:
    assert api.post(f"/message/{UUID(int=0)}/resend").status_code == 404


def test_figures_count_by_state_lane_and_section(api: Integrator) -> None:
    message(1)
    message(2)
    message(3, section=RESET, lane=Lane.SECURITY, state=State.ACCEPTED)
    stats = api.get("/message/stats").json()
    assert stats["count"] == 3
    assert stats["by_state"] == {"queued": 2, "accepted": 1}
    assert stats["by_lane"] == {"transactional": 2, "security": 1}
    assert stats["by_section"] == {WELCOME: 2, RESET: 1}
    assert {"section": WELCOME, "lane": "transactional", "state": "queued", "count": 2} in stats["items"]


def test_figures_may_be_of_a_range_of_time(api: Integrator) -> None:
    message(1, created_at=NOW - timedelta(hours=2))
    message(2, created_at=NOW - timedelta(hours=1))
    message(3, created_at=NOW)
    hour_ago, now = (moment.isoformat() for moment in (NOW - timedelta(hours=1), NOW))
    assert api.get("/message/stats", start=hour_ago, end=now).json()["count"] == 1
    assert api.get("/message/stats", start=hour_ago).json()["count"] == 2
    assert api.get("/message/stats", end=now).json()["count"] == 2


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-05-31", "2026-05-31T12:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_a_moment_has_a_time_zone_and_lies_in_our_time(api: Integrator, moment: str) -> None:
    assert wrong_fields(api.get("/message/stats", start=moment, end=moment)).keys() == {"start", "end"}


def test_a_registered_customer_has_exactly_one_message_under_its_key(api: Integrator) -> None:
    customer_id = api.create(MARTIN)["customer_id"]
    (shown,) = api.get("/message", customer_id=customer_id).json()["items"]
    assert MessageKey.objects.get(key=f"customer:{customer_id}:welcome").message_id == UUID(shown["message_id"])
