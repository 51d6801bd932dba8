"""Mailjet's webhook: who may post, and what is answered, since anything but 200 is told again."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client
from pydantic import SecretStr
from structlog.testing import capture_logs

from omnicrm.api import mailjet_events
from omnicrm.config import Webhook, current_config
from omnicrm.delivery.models import DeliveryEvent
from omnicrm.outbox.models import Message, Suppression
from omnicrm.outbox.states import State
from tests.integration.api.conftest import JSON, NOW, PROBLEM, Integrator
from tests.integration.delivery.conftest import HELENE, accepted

pytestmark = pytest.mark.django_db
RIGHT = ("mailjet", "p:ä🗝ssword")


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    """As crm_config.yaml says it."""
    config = current_config()
    webhook = Webhook(username=RIGHT[0], password=SecretStr(RIGHT[1]))
    changed = config.model_copy(update={"mailjet": config.mailjet.model_copy(update={"webhook": webhook})})
    monkeypatch.setattr(mailjet_events, "current_config", lambda: changed)


def post(body: object, *, by: tuple[str, str] | None = RIGHT, **headers: str) -> HttpResponse:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    if by:
        headers["Authorization"] = f"Basic {b64encode(':'.join(by).encode()).decode()}"
    return Client().post("/crm/mailjet/events", content, content_type=JSON, headers=headers)


def sent(message: Message, **fields: Any) -> dict[str, Any]:
    """As Mailjet tells that a message was delivered."""
    told = {
        "event": "sent",
        "time": int((NOW + timedelta(seconds=60)).timestamp()),
        "MessageID": message.mailjet_message_id,
        "Message_GUID": "1ab23cd4-e567-8901-2345-6789f0gh1i2j",
        "email": message.to_email,
        "mj_campaign_id": 0,
        "mj_contact_id": 1,
        "customcampaign": "",
        "CustomID": str(message.id),
        "Payload": "",
        "smtp_reply": "250 2.0.0 OK",
    }
    return {**told, **fields}


def bounce(message: Message) -> dict[str, Any]:
    said = {"error": "user unknown", "error_related_to": "recipient", "comment": "550 5.1.1 no"}
    return sent(message, event="bounce", hard_bounce=True, blocked=True, **said)


def timeline(api: Integrator, message: Message, **headers: str) -> list[tuple[str, str]]:
    told = api.send("GET", f"/message/{message.id}", b"", **headers).json()["timeline"]
    return [(event["outcome"], event["detail"]) for event in told]


def test_an_array_of_events_is_taken_in(webhook: None) -> None:
    message, other = accepted(1), accepted(2)
    answer = post([sent(message), bounce(other), sent(message)])
    assert (answer.status_code, answer.json()) == (200, {"new": 2, "known": 1, "unread": 0})
    message.refresh_from_db()
    assert message.state == State.DELIVERED
    assert Suppression.objects.get().address == HELENE


def test_so_is_a_single_one(webhook: None) -> None:
    message = accepted()
    assert post(sent(message)).json() == {"new": 1, "known": 0, "unread": 0}


def test_an_event_that_cannot_be_read_is_logged_and_holds_up_no_other(webhook: None) -> None:
    with capture_logs() as logs:
        answer = post([sent(accepted()), {"event": "sent", "time": "soon"}, 7])
    assert (answer.status_code, answer.json()) == (200, {"new": 1, "known": 0, "unread": 2})
    lines = [line["what"] for line in logs if line["event"] == "mailjet_event_unread"]
    assert [line.partition(":")[0] for line in lines] == ["event 2", "event 3"]


@pytest.mark.parametrize("nothing", [[], [{"event": "typofix"}], [{"event": "parseapi", "time": 1}]])
def test_what_we_take_no_interest_in_is_answered_all_the_same(webhook: None, nothing: list[object]) -> None:
    assert post(nothing).json() == {"new": 0, "known": 0, "unread": 0}


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"null", b'"sent"', b"event=sent&time=1"])
def test_a_body_that_is_no_json_object_or_array_is_refused(webhook: None, body: bytes) -> None:
    answer = post(body)
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)


@pytest.mark.parametrize(
    "by", [None, ("mailjet", ""), ("mailjet", "wrong"), ("Mailjet", RIGHT[1]), ("", ""), (RIGHT[0], RIGHT[1][:-1])]
)
def test_without_user_and_password_nothing_is_taken(webhook: None, by: tuple[str, str] | None) -> None:
    answer = post([sent(accepted())], by=by)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith('Basic realm="OmniCRM"')
    assert not DeliveryEvent.objects.exists()


@pytest.mark.parametrize("authorization", ["Basic", "Basic !", "Basic bWFpbGpldA==", "Bearer mailjet", "Basic \xe9"])
def test_a_header_that_is_no_basic_authentication_is_refused(webhook: None, authorization: str) -> None:
    assert post([], by=None, Authorization=authorization).status_code == 401


def test_an_api_key_does_not_replace_the_webhooks_password(webhook: None, api: Integrator) -> None:
    assert api.post("/mailjet/events", [sent(accepted())]).status_code == 401


def test_without_a_webhook_in_the_config_the_answer_says_what_is_missing() -> None:
    answer = post([sent(accepted())])
    assert answer.status_code == 404
    assert "mailjet.webhook" in answer.json()["detail"]


def test_events_of_many_thousands_come_in_one_post(webhook: None) -> None:
    message = accepted()
    start = int(NOW.timestamp())
    opens = [sent(message, event="open", time=start + number, agent="x" * 600) for number in range(3_000)]
    body = orjson.dumps(opens)
    assert len(body) > 2_500_000
    assert post(body).json() == {"new": 3_000, "known": 0, "unread": 0}


def test_a_body_beyond_all_reason_is_refused_unread(webhook: None) -> None:
    answer = post(b" " * (mailjet_events.MAX_BODY_BYTES + 1))
    assert answer.status_code == 413


def test_a_browsers_session_counts_for_nothing(webhook: None) -> None:
    """No cookie is asked for, and none is set."""
    answer = post([])
    assert answer.status_code == 200
    assert not answer.cookies


def test_the_timeline_tells_attempts_and_events_in_their_order(webhook: None, api: Integrator) -> None:
    at = NOW + timedelta(seconds=60, milliseconds=300)
    message = accepted(attempts=[{"at": at.isoformat(), "outcome": "accepted", "detail": ""}])
    clicked = sent(message, event="click", time=int(at.timestamp()) + 60, url="https://crm.example.com/pay", agent="Fx")
    post([clicked, sent(message)])
    assert timeline(api, message) == [
        ("queued", ""),
        ("accepted", ""),
        ("delivered", "250 2.0.0 OK"),
        ("clicked", "https://crm.example.com/pay, Fx"),
    ]


def test_a_bounce_stands_in_the_timeline_with_its_reason(webhook: None, api: Integrator) -> None:
    message = accepted()
    post(bounce(message))
    reason = "Hard bounce: user unknown (550 5.1.1 no)"
    assert timeline(api, message) == [("queued", ""), ("bounced", reason)]
    assert api.get(f"/message/{message.id}").json()["reason"] == reason
