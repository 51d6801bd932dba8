"""/sandbox: looking at what was sent, and steering."""

import time
from typing import Any

import pytest
import requests

from mailjet_sandbox.control import ControlError, Message, SandboxControl
from tests.integration.sandbox.caller import Api, build_message

ANA, BEN = {"Email": "ana@example.org"}, {"Email": "ben@example.org"}


def _custom_ids(messages: list[Message]) -> list[str]:
    return [message.custom_id for message in messages]


def test_messages_are_listed_newest_first(api: Api, sandbox: SandboxControl) -> None:
    api.send(build_message(CustomID="1"), build_message(CustomID="2"))
    api.send(build_message(CustomID="3"))

    assert _custom_ids(sandbox.messages()) == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"to": "ANA@example.org"}, ["a"]),
        ({"custom_id": "b"}, ["b"]),
        ({"template": 7}, ["t"]),
        ({"subject": "INVOICE"}, ["b", "a"]),
        ({"subject": "invoice", "to": "ben@example.org"}, ["b"]),
        ({"status": "blocked"}, ["t"]),
        ({"to": "nobody@example.org"}, []),
    ],
)
def test_messages_are_filtered(api: Api, sandbox: SandboxControl, filters: dict[str, str], found: list[str]) -> None:
    sandbox.put_template(7, text="{{var:unknown}}")
    templated = {"TemplateID": 7, "TextPart": ..., "TemplateLanguage": True, "Subject": "Welcome"}
    api.send(
        build_message(CustomID="a", To=[ANA]),
        build_message(CustomID="b", To=[BEN]),
        build_message(CustomID="t", **templated),
    )

    assert _custom_ids(sandbox.messages(**filters)) == found


def test_messages_come_in_pages(api: Api) -> None:
    api.send(*(build_message(CustomID=str(number)) for number in range(5)))
    page = requests.get(f"{api.url}/sandbox/messages?limit=2&offset=1", timeout=60).json()

    assert (page["count"], [item["custom_id"] for item in page["items"]]) == (5, ["3", "2"])


def test_a_message_id_is_a_string_that_no_json_reader_can_round(api: Api) -> None:
    message_id = api.send(build_message()).json()["Messages"][0]["To"][0]["MessageID"]

    assert requests.get(f"{api.url}/sandbox/messages", timeout=60).json()["items"][0]["message_id"] == str(message_id)


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/sandbox/messages?too=x", 400, 'too: unknown parameter; did you mean "to"?'),
        ("/sandbox/messages?limit=5000", 400, 'limit: "5000" is not a whole number from 0 to 1000'),
        ("/sandbox/calls?offset=-1", 400, 'offset: "-1" is not a whole number from 0 to 1000000000'),
        ("/sandbox/messages/7", 404, "message 7 does not exist, or was dropped since"),
        ("/sandbox/messages/x", 404, "message x does not exist, or was dropped since"),
        ("/sandbox/nothing", 404, "there is nothing at /sandbox/nothing"),
    ],
)
def test_a_mistake_is_told_in_one_line(api: Api, path: str, status: int, text: str) -> None:
    answer = api.get(path)

    assert (answer.status_code, answer.json()) == (status, {"error": text})


def test_an_attachment_is_a_download_whatever_type_and_name_it_claims(api: Api, sandbox: SandboxControl) -> None:
    file = {"ContentType": "text/html\r\nX-Evil: 1", "Filename": 'a"\r\nX-Evil: 1.html', "Base64Content": "PGI+"}
    api.send(build_message(Attachments=[file, {**file, "ContentType": "text/html"}]))

    first, second = (api.get(kept.url) for kept in sandbox.messages()[0].attachments)
    assert first.headers["Content-Type"] == "application/octet-stream"
    assert second.headers["Content-Type"] == "text/html"
    for answer in (first, second):
        assert answer.content == b"<b>"
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "X-Evil" not in answer.headers


def test_an_absent_attachment_is_not_found(api: Api, sandbox: SandboxControl) -> None:
    api.send(build_message())

    assert api.get(f"/sandbox/messages/{sandbox.messages()[0].message_id}/attachments/0").status_code == 404


def test_calls_tell_when_they_arrived_and_how_they_ended(api: Api, sandbox: SandboxControl) -> None:
    before = time.time()
    api.send(build_message(), build_message(To=[]))
    sandbox.fault("drop_before")
    with pytest.raises(requests.ConnectionError):
        api.send(build_message())
    api.get("/v3/REST/user")

    mixed, dropped, user = sandbox.calls()
    assert before - 1 < mixed.arrived_at < dropped.arrived_at < user.arrived_at < time.time() + 1
    assert (mixed.method, mixed.path, mixed.status, mixed.messages) == ("POST", "/v3.1/send", 400, 2)
    assert (dropped.status, dropped.messages, dropped.fault) == (0, 1, "drop_before")
    assert (user.status, user.messages, user.api_key) == (200, 0, "test-key")
    assert sandbox.calls(path="/v3/REST") == [user]


def test_looking_at_the_sandbox_is_no_call(sandbox: SandboxControl) -> None:
    sandbox.messages()
    sandbox.health()

    assert sandbox.calls() == []


def test_messages_and_calls_can_be_cleared_by_themselves(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, text="x")
    api.send(build_message())
    sandbox.clear_messages()
    sandbox.clear_calls()

    assert (sandbox.messages(), sandbox.calls()) == ([], [])
    assert api.get("/v3/REST/template/7").status_code == 200


def test_only_the_newest_messages_are_kept_and_all_are_counted(api: Api, sandbox: SandboxControl) -> None:
    sandbox.settings(keep_messages=3)
    api.send(*(build_message(CustomID=str(number)) for number in range(5)))

    assert _custom_ids(sandbox.messages()) == ["4", "3", "2"]
    assert sandbox.health() == {"status": "ok", "kept_messages": 3, "accepted_messages": 5}


def test_more_messages_than_a_page_holds_are_all_fetched(api: Api, sandbox: SandboxControl) -> None:
    for _ in range(11):
        api.send(*(build_message() for _ in range(50)))

    assert len({message.message_id for message in sandbox.messages()}) == 550


def test_settings_can_be_changed_one_by_one(sandbox: SandboxControl) -> None:
    sandbox.settings(calls_limit=7)
    changed = sandbox.settings(window_seconds=1.5)

    assert (changed["calls_limit"], changed["window_seconds"]) == (7, 1.5)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"calls_limits": 3}, 'calls_limits: unknown; did you mean "calls_limit"?'),
        ({"calls_limit": -1}, "calls_limit: input should be greater than or equal to 0"),
        ({"calls_limit": "3"}, "calls_limit: input should be a valid integer"),
        ({"window_seconds": 0}, "window_seconds: input should be greater than 0"),
        ({"mixed_batch_status": 500}, "mixed_batch_status: input should be 200 or 400"),
        ({"strict_senders": 1}, "strict_senders: input should be a valid boolean"),
    ],
)
def test_a_bad_setting_is_told_and_changes_nothing(
    sandbox: SandboxControl, changes: dict[str, Any], problem: str
) -> None:
    before = sandbox.settings()
    with pytest.raises(ControlError, match=r"PATCH /sandbox/settings: ") as failure:
        sandbox.settings(latency_seconds=1, **changes)

    assert str(failure.value).endswith(problem)
    assert sandbox.settings() == before


def test_reset_forgets_everything_but_never_gives_a_message_id_twice(api: Api, sandbox: SandboxControl) -> None:
    first = api.send(build_message()).json()["Messages"][0]["To"][0]["MessageID"]
    sandbox.settings(calls_limit=9)
    sandbox.fault("status")
    sandbox.put_template(7, text="x")
    sandbox.register_key("test-key", "test-secret")
    sandbox.put_sender("a@example.com")
    sandbox.reset()

    assert (sandbox.messages(), sandbox.calls(), sandbox.faults()) == ([], [], [])
    assert sandbox.settings()["calls_limit"] == 0
    assert [api.get(path).json()["items"] for path in ("/sandbox/templates", "/sandbox/keys", "/sandbox/senders")] == [
        []
    ] * 3
    assert api.send(build_message()).json()["Messages"][0]["To"][0]["MessageID"] > first


def test_a_template_is_put_with_a_fixed_id_and_replaced_as_a_whole(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(5977509, name="Welcome", html="<p>", text="t", headers={"Subject": "S"})
    sandbox.put_template(5977509, html="<b>")

    (content,) = api.get("/v3/REST/template/5977509/detailcontent").json()["Data"]
    assert content == {"Headers": {}, "Html-part": "<b>", "MJMLContent": None, "Text-part": None}
    assert api.get("/v3/REST/template/5977509").json()["Data"][0]["Name"] == "Template 5977509"
    sandbox.remove_template(5977509)
    assert api.get("/v3/REST/template/5977509").status_code == 404


def test_a_new_template_never_takes_the_id_of_a_put_one(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(5977509, text="x")

    assert api.post("/v3/REST/template", {"Name": "New"}).json()["Data"][0]["ID"] > 5977509


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("/sandbox/templates/0", {}, "id: a template's ID is greater than 0"),
        ("/sandbox/templates/x", {}, 'id: "x" is not a whole number from 0 to 1000000000000'),
        ("/sandbox/templates/7", {"htlm": "x"}, 'htlm: unknown; did you mean "html"?'),
        ("/sandbox/templates/7", [], "the body: input should be an object"),
    ],
)
def test_a_bad_template_is_told(api: Api, path: str, body: object, problem: str) -> None:
    assert api.put(path, body).json() == {"error": problem}


def test_secrets_of_keys_are_not_listed(api: Api, sandbox: SandboxControl) -> None:
    sandbox.register_key("known", "very-secret")

    answer = api.get("/sandbox/keys")
    assert [key["api_key"] for key in answer.json()["items"]] == ["known"]
    assert "very-secret" not in answer.text


def test_a_body_that_is_no_json_is_told(api: Api) -> None:
    answer = api.call("PATCH", "/sandbox/settings", data=b"{")

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("the body is not JSON: ")
