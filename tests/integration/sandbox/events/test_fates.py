"""What becomes of a message, by its address or by the control API."""

from typing import Any

import pytest

from mailjet_sandbox.control import ControlError, SandboxControl
from tests.integration.sandbox.caller import Api, build_message
from tests.integration.sandbox.events.receiver import Receiver, register, send

FATES = {
    "hardbounce": (
        "hardbounced",
        ["bounce"],
        {"hard_bounce": True, "error": "user unknown", "error_related_to": "recipient", "blocked": True},
    ),
    "softbounce": ("softbounced", ["bounce"], {"hard_bounce": False, "error": "quota exceeded", "blocked": False}),
    "greylisted": ("deferred", ["bounce"], {"hard_bounce": False, "error": "greylisted", "error_related_to": "domain"}),
    "blocked": ("blocked", ["blocked"], {"error": "preblocked", "error_related_to": "mailjet"}),
    "spam": ("sent", ["sent", "spam"], {"source": "JMRPP"}),
}


@pytest.fixture(autouse=True)
def _registered(api: Api, sandbox: SandboxControl, receiver: Receiver) -> None:
    sandbox.settings(hold_events=True)
    register(api, receiver.url())


def test_a_message_arrives_unless_something_says_otherwise(api: Api, sandbox: SandboxControl) -> None:
    number = send(api, "hardbounce@example.org")
    assert [event.kind for event in sandbox.events(message_id=number)] == ["sent"]


@pytest.mark.parametrize("kind", FATES)
@pytest.mark.parametrize("is_set", [False, True], ids=["asked for by the address", "set by the control API"])
def test_each_fate_has_its_status_and_events(api: Api, sandbox: SandboxControl, kind: str, is_set: bool) -> None:
    status, kinds, says = FATES[kind]
    address = "ana@example.org" if is_set else f"Ana+{kind.title()}@example.org"
    if is_set:
        sandbox.fate("ANA@example.org", kind)
    number = send(api, address)
    events = sandbox.events(message_id=number)
    assert sandbox.message(number).status == status
    assert [event.kind for event in events] == kinds
    assert says.items() <= dict(events[-1].payload).items()


def test_an_address_may_bear_another_mark_beside_its_fate(api: Api, sandbox: SandboxControl) -> None:
    number = send(api, "ana+billing+softbounce@example.org")
    assert sandbox.message(number).status == "softbounced"


def test_a_fate_set_for_an_address_is_over_what_it_asks_for(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fate("ana+hardbounce@example.org", "delivered")
    assert sandbox.message(send(api, "ana+hardbounce@example.org")).status == "sent"
    sandbox.clear_fates()
    assert sandbox.message(send(api, "ana+hardbounce@example.org")).status == "hardbounced"


def test_of_a_message_that_nothing_becomes_of_nothing_is_told(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fate("ana@example.org", "none")
    assert sandbox.events(message_id=send(api, "ana@example.org")) == []


def test_a_fate_may_have_any_of_mailjet_s_reasons(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fate("ana@example.org", "blocked", error="blacklisted")
    (event,) = sandbox.events(message_id=send(api, "ana@example.org"))
    assert (event.payload["error"], event.payload["error_related_to"]) == ("blacklisted", "recipient")


@pytest.mark.parametrize(("kind", "error"), [("lost", ""), ("blocked", "bad mood")])
def test_an_unknown_fate_is_refused(sandbox: SandboxControl, kind: str, error: str) -> None:
    with pytest.raises(ControlError):
        sandbox.fate("ana@example.org", kind, error=error)


def test_one_call_has_as_many_fates_as_recipients(api: Api, sandbox: SandboxControl) -> None:
    send(api, Cc=[{"Email": "b+hardbounce@example.org"}], Bcc=[{"Email": "c+blocked@example.org"}])
    assert [event.kind for event in sandbox.events()] == ["sent", "bounce", "blocked"]


@pytest.mark.parametrize(
    ("changes", "error", "related_to"),
    [
        ({"TemplateLanguage": True, "TextPart": "{{var:day}}"}, "error in template language", "content"),
        ({"TextPart": ..., "TemplateID": 404404}, "bad or empty template", "content"),
    ],
)
def test_what_mailjet_finds_wrong_after_accepting_is_blocked(
    api: Api, sandbox: SandboxControl, changes: dict[str, Any], error: str, related_to: str
) -> None:
    (event,) = sandbox.events(message_id=send(api, **changes))
    assert event.kind == "blocked"
    assert (event.payload["error"], event.payload["error_related_to"]) == (error, related_to)


def test_a_message_that_is_only_validated_has_no_fate(api: Api, sandbox: SandboxControl) -> None:
    api.send(build_message(), SandboxMode=True)
    assert sandbox.events() == []


def test_mailjet_s_own_list_of_messages_says_what_became_of_them(api: Api, sandbox: SandboxControl) -> None:
    send(api, "a+hardbounce@example.org")
    send(api, "b+greylisted@example.org")
    send(api, "c@example.org")
    rows = api.get("/v3/REST/message").json()["Data"]
    assert [(row["Status"], row["StateID"], row["StatePermanent"]) for row in rows] == [
        ("hardbounced", 1, True),
        ("deferred", 13, False),
        ("sent", 0, False),
    ]
    assert len(api.get("/v3/REST/message", MessageStatus="10").json()["Data"]) == 1
