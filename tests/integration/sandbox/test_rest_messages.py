"""/v3/REST/message and /messagehistory: looking up what became of a message."""

import time

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

MESSAGES = "/v3/REST/message"


@pytest.fixture
def sent(api: Api) -> int:
    """The MessageID of a message with the CustomID "mine", beside another message."""
    answer = api.send(build_message(CustomID="mine"), build_message(CustomID="other"))
    return int(answer.json()["Messages"][0]["To"][0]["MessageID"])


def test_a_message_is_found_by_its_custom_id(api: Api, sent: int) -> None:
    answer = api.get(MESSAGES, CustomID="mine").json()

    assert [row["ID"] for row in answer["Data"]] == [sent]
    assert answer["Data"][0]["Status"] == "sent"


def test_an_unknown_custom_id_finds_nothing(api: Api, sent: int) -> None:
    assert api.get(MESSAGES, CustomID="Mine").json() == {"Count": 0, "Data": [], "Total": 0}


def test_custom_id_subject_and_address_are_blank_unless_asked_for(api: Api, sent: int) -> None:
    (plain,) = api.get(MESSAGES, CustomID="mine").json()["Data"]
    shown = {"ShowCustomID": "true", "ShowSubject": "true", "ShowContactAlt": "1"}
    (full,) = api.get(MESSAGES, CustomID="mine", **shown).json()["Data"]

    names = ("CustomID", "Subject", "ContactAlt")
    assert [plain[name] for name in names] == ["", "", ""]
    assert [full[name] for name in names] == ["mine", "Your invoice", "customer@example.org"]


def test_a_message_is_read_by_its_id(api: Api, sent: int) -> None:
    (row,) = api.get(f"{MESSAGES}/{sent}").json()["Data"]

    assert row["ID"] == sent


@pytest.mark.parametrize(
    ("wishes", "tracked"),
    [
        ({}, (True, True)),
        ({"TrackOpens": "account_default", "TrackClicks": "enabled"}, (True, True)),
        ({"TrackOpens": "disabled", "TrackClicks": "disabled"}, (False, False)),
        ({"TrackClicks": "disabled"}, (True, False)),
        ({"HTMLPart": ..., "TextPart": "Plain words"}, (False, False)),
    ],
    ids=["default", "enabled", "disabled", "clicks disabled", "text only"],
)
def test_a_message_tells_whether_it_is_tracked(api: Api, wishes: dict[str, object], tracked: tuple[bool, bool]) -> None:
    api.send(build_message(**{"HTMLPart": "<p>Hello</p>", **wishes}))
    (row,) = api.get(MESSAGES).json()["Data"]

    assert (row["IsOpenTracked"], row["IsClickTracked"]) == tracked


@pytest.mark.parametrize("key", ["1", "0", "abc", "-1", "9" * 30, "9" * 5000])
def test_an_absent_message_is_not_found(api: Api, key: str) -> None:
    assert api.get(f"{MESSAGES}/{key}").json()["ErrorMessage"] == "Object not found"


def test_only_today_s_messages_are_listed_without_a_range(api: Api, sandbox: SandboxControl) -> None:
    sandbox.settings(clock_offset_seconds=-2 * 86400)
    api.send(build_message(CustomID="old"))
    sandbox.settings(clock_offset_seconds=0)

    assert api.get(MESSAGES, CustomID="old").json()["Count"] == 0
    assert api.get(MESSAGES, CustomID="old", FromTS=int(time.time()) - 3 * 86400).json()["Count"] == 1
    assert api.get(MESSAGES, CustomID="old", FromTS="2020-01-01T00:00:00Z").json()["Count"] == 1
    assert api.get(MESSAGES, CustomID="old", FromTS=0, ToTS=int(time.time()) - 3 * 86400).json()["Count"] == 0
    assert api.get(MESSAGES, CustomID="old", Period="Week").json()["Count"] == 1
    assert api.get(MESSAGES, CustomID="old", Period="Day").json()["Count"] == 0


@pytest.mark.parametrize(
    "bad", [{"FromTS": "yesterday"}, {"ToTS": "9" * 5000}, {"FromTS": "9" * 18}, {"Period": "Decade"}]
)
def test_a_bad_range_is_told(api: Api, bad: dict[str, str]) -> None:
    assert api.get(MESSAGES, **bad).status_code == 400


def test_a_message_is_listed_only_after_the_listing_lag(api: Api, sandbox: SandboxControl, sent: int) -> None:
    sandbox.settings(listing_lag_seconds=300)
    assert api.get(MESSAGES, CustomID="mine").json()["Count"] == 0

    sandbox.settings(clock_offset_seconds=301)
    assert api.get(MESSAGES, CustomID="mine", Period="Day").json()["Count"] == 1


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"MessageStatus": "2"}, 2),
        ({"MessageStatus": "8"}, 1),
        ({"MessageStatus": "2,8"}, 3),
        ({"MessageState": "18"}, 1),
        ({"ContactAlt": "Customer@example.org"}, 2),
        ({"FromDomain": "example.com"}, 3),
        ({"From": "nobody@example.com"}, 0),
        ({"ContactAlt": "ana@example.org", "MessageStatus": "2"}, 0),
    ],
)
def test_lists_are_filtered(api: Api, sent: int, filters: dict[str, str], count: int) -> None:
    api.send(build_message(To=[{"Email": "ana@example.org"}], TextPart="{{var:x}}", TemplateLanguage=True))

    assert api.get(MESSAGES, **filters).json()["Count"] == count


def test_a_blocked_message_tells_its_state(api: Api) -> None:
    answer = api.send(build_message(TextPart="{{var:x}}", TemplateLanguage=True))
    message_id = answer.json()["Messages"][0]["To"][0]["MessageID"]

    (row,) = api.get(f"{MESSAGES}/{message_id}").json()["Data"]
    (event,) = api.get(f"/v3/REST/messagehistory/{message_id}").json()["Data"]
    assert (row["Status"], row["StateID"], row["StatePermanent"]) == ("blocked", 18, True)
    assert (event["EventType"], event["State"]) == ("blocked", "error in template language")


def test_the_history_of_a_delivered_message_is_that_it_was_sent(api: Api, sent: int) -> None:
    (event,) = api.get(f"/v3/REST/messagehistory/{sent}").json()["Data"]

    assert event["EventType"] == "sent"
    assert abs(event["EventAt"] - time.time()) < 20


def test_the_history_of_an_unknown_message_is_empty_and_no_error(api: Api) -> None:
    answer = api.get("/v3/REST/messagehistory/1")

    assert (answer.status_code, answer.json()["Count"]) == (200, 0)
