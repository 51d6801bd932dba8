"""Reading what the webhook brings."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.mailjet.events import MAX_TEXT, Event, Kind, MalformedEvents, read_events

TIME = 1_700_000_000
MESSAGE_ID = 1_152_921_504_606_846_977
COMMON = {
    "time": TIME,
    "MessageID": MESSAGE_ID,
    "Message_GUID": "1ab23cd4-e567-8901-2345-6789f0gh1i2j",
    "email": "ana@example.com",
    "mj_campaign_id": 7,
    "mj_contact_id": 320,
    "customcampaign": "",
    "CustomID": "7f0c0b1e-33c7-4a4b-9c74-2d7b3c7b5f10",
    "Payload": "",
}
REASON = {"error_related_to": "recipient", "error": "user unknown"}
PLACE = {"ip": "203.0.113.9", "geo": "FR", "agent": "Mozilla/5.0"}
BOUNCE = {"blocked": False, "hard_bounce": True, "comment": "550 5.1.1 unknown", **REASON}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def payload(kind: str = "sent", **changes: object) -> dict[str, Any]:
    return {"event": kind, **COMMON, **changes}


def read(*payloads: object) -> tuple[Event, ...]:
    reading = read_events(json.dumps(payloads).encode())
    assert reading.unread == ()
    return reading.events


def read_unread(*payloads: object) -> tuple[str, ...]:
    return read_events(json.dumps(payloads).encode()).unread


@pytest.mark.parametrize(
    ("body", "particulars"),
    [
        (payload("sent", smtp_reply="250 OK", mj_message_id="1"), {"comment": "250 OK"}),
        (payload("open", **PLACE), {"agent": "Mozilla/5.0", "country": "FR"}),
        (payload("click", url="https://example.com/a", **PLACE), {"url": "https://example.com/a", "country": "FR"}),
        (payload("bounce", **BOUNCE), {"is_hard": True, "comment": "550 5.1.1 unknown", **REASON}),
        (payload("blocked", **REASON), REASON),
        (payload("spam", source="JMRPP"), {"comment": "JMRPP"}),
        (payload("unsub", mj_list_id=0, ip="", geo="", agent="List-Unsubscribe"), {"agent": "List-Unsubscribe"}),
    ],
    ids=lambda value: value.get("event", "") if isinstance(value, dict) else "",
)
def test_each_kind_of_event_is_read(body: dict[str, Any], particulars: dict[str, Any]) -> None:
    (event,) = read(body)
    assert event.kind == body["event"]
    assert event.happened_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (event.mailjet_message_id, event.custom_id, event.email) == (
        MESSAGE_ID,
        COMMON["CustomID"],
        "ana@example.com",
    )
    assert {name: getattr(event, name) for name in particulars} == particulars


def test_a_bare_object_is_one_event() -> None:
    assert read_events(json.dumps(payload()).encode()).events == read(payload())


def test_an_array_keeps_its_order() -> None:
    assert [event.kind for event in read(payload("open"), payload("sent"), payload("spam"))] == ["open", "sent", "spam"]


def test_the_test_event_of_the_web_page_is_an_event_of_no_message() -> None:
    (event,) = read(payload("open", MessageID=0, email="", CustomID="", mj_campaign_id=0, mj_contact_id=0))
    assert (event.mailjet_message_id, event.custom_id, event.email) == (None, "", "")


def test_an_old_event_without_the_newer_properties_is_read() -> None:
    (event,) = read({"event": "sent", "time": TIME, "MessageID": 5, "email": "a@example.com"})
    assert (event.mailjet_message_id, event.custom_id) == (5, "")


def test_numbers_and_flags_may_be_written_as_text() -> None:
    (event,) = read(payload("bounce", time=str(TIME), MessageID=str(MESSAGE_ID), hard_bounce="true"))
    assert (int(event.happened_at.timestamp()), event.mailjet_message_id, event.is_hard) == (TIME, MESSAGE_ID, True)


def test_a_bounce_that_does_not_say_how_hard_it_is_counts_as_soft() -> None:
    assert not read(payload("bounce", error="greylisted"))[0].is_hard


def test_the_ip_address_is_not_kept() -> None:
    assert "203.0.113.9" not in repr(read(payload("open", **PLACE)))


def test_kinds_that_concern_no_message_are_left_out_without_a_word() -> None:
    assert read(payload("typofix"), payload("newsender"), payload("sent")) == read(payload("sent"))


@pytest.mark.parametrize("value", [0, -1, 1_700_000_000_000, 10**400, 1.5, True, None, "", "soon", [TIME], {}])
def test_an_event_without_a_good_time_is_not_read(value: object) -> None:
    (line,) = read_unread(payload(time=value))
    assert line.startswith("event 1: its time is ")


@pytest.mark.parametrize("value", [-1, 2**63, 10**400, 1.5, True, "x", [1], {}])
def test_an_event_without_a_good_message_id_is_not_read(value: object) -> None:
    (line,) = read_unread(payload(MessageID=value))
    assert line.startswith("event 1: its MessageID is ")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (5, "event 1: an object is needed, not 5"),
        (None, "event 1: an object is needed, not missing"),
        ([], "event 1: an object is needed, not an array"),
        ({}, "event 1: its kind is missing"),
        (payload(event={}), "event 1: its kind is an object"),
        (payload(CustomID=7), "event 1: its CustomID is 7: text is needed"),
        (payload(email=["a@example.com"]), "event 1: its email is an array: text is needed"),
        (payload(email="a" * 400), "event 1: its email has 400 characters"),
        (payload("bounce", hard_bounce="maybe"), "event 1: its hard_bounce is 'maybe': true or false is needed"),
    ],
)
def test_what_is_wrong_with_an_item_is_told(body: object, line: str) -> None:
    assert read_unread(body) == (line,)


def test_a_bad_item_costs_no_other() -> None:
    reading = read_events(json.dumps([payload(), payload(time=0), payload("open")]).encode())
    assert [event.kind for event in reading.events] == ["sent", "open"]
    assert reading.unread == ("event 2: its time is 0: seconds since 1970 are needed",)


def test_a_number_that_is_none_costs_only_its_item() -> None:
    reading = read_events(b'[{"event": "sent", "time": NaN}, {"event": "sent", "time": 1700000000}]')
    assert (len(reading.events), len(reading.unread)) == (1, 1)


def test_a_description_of_another_type_costs_no_event() -> None:
    (event,) = read(payload("bounce", **{**BOUNCE, "comment": {"a": [1]}, "error": 550}))
    assert (event.comment, event.error, event.is_hard) == ("", "550", True)


def test_a_long_description_is_cut() -> None:
    assert len(read(payload("bounce", **{**BOUNCE, "comment": "x" * 5000}))[0].comment) == MAX_TEXT


@pytest.mark.parametrize("raw", [b"\xff", b"\\u0000", b"\\ud800"])
def test_text_that_no_database_takes_is_mended(raw: bytes) -> None:
    body = b'{"event": "bounce", "time": 1700000000, "comment": "a%sb"}' % raw
    assert read_events(body).events[0].comment == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize("body", [b"", b"{", b"[", b"5", b"null", b'"sent"', b"\xff\xfe", b"<html>", b"[" * 100_000])
def test_a_body_that_is_no_object_and_no_array_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedEvents):
        read_events(body)


@given(st.binary(max_size=200))
def test_no_body_breaks_the_reading(body: bytes) -> None:
    with suppress(MalformedEvents):
        read_events(body)


@given(
    st.sampled_from(list(Kind)),
    st.dictionaries(
        st.sampled_from([*COMMON, "hard_bounce", "comment", "error", "url", "agent", "geo", "source", "smtp_reply"]),
        JSON,
        max_size=5,
    ),
)
def test_every_item_is_an_event_or_a_line(kind: Kind, changes: dict[str, Any]) -> None:
    reading = read_events(json.dumps([payload(kind.value, **changes)]).encode())
    assert len(reading.events) + len(reading.unread) == 1


def test_the_same_event_told_twice_has_one_fingerprint() -> None:
    first, second = read(payload("click", url="https://example.com/a"), payload("click", url="https://example.com/a"))
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "blocked"},
        {"time": TIME + 1},
        {"MessageID": MESSAGE_ID + 1},
        {"email": "bob@example.com"},
        {"error": "mailbox inactive"},
        {"comment": "550 other"},
    ],
)
def test_another_event_has_another_fingerprint(changes: dict[str, Any]) -> None:
    first, second = read(payload("bounce", **BOUNCE), payload("bounce", **{**BOUNCE, **changes}))
    assert first.fingerprint != second.fingerprint


def test_clicks_on_two_links_are_two_events() -> None:
    first, second = read(payload("click", url="https://example.com/a"), payload("click", url="https://example.com/b"))
    assert first.fingerprint != second.fingerprint
