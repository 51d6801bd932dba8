"""Input that no honest caller sends: it gets an answer, and the sandbox goes on."""

import json
import socket
from typing import Any

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message


def _nested(levels: int) -> list[Any]:
    nested: list[Any] = json.loads("[" * levels + "]" * levels)
    return nested


@pytest.mark.parametrize("levels", [101, 500, 1000])
def test_variables_nested_too_deep_are_refused(api: Api, levels: int) -> None:
    message = json.dumps(build_message(Variables={"x": "HERE"})).replace('"HERE"', "[" * levels + "]" * levels)
    answer = api.call("POST", "/v3.1/send", data=f'{{"Messages": [{message}]}}')

    (error,) = answer.json()["Messages"][0]["Errors"]
    assert (error["ErrorCode"], error["ErrorRelatedTo"]) == ("sandbox-0002", ["Variables"])


def test_variables_nested_as_deep_as_allowed_can_be_looked_at(api: Api, sandbox: SandboxControl) -> None:
    api.send(build_message(Variables={"x": _nested(99)}))

    assert sandbox.messages()[0].variables == {"x": _nested(99)}


def test_an_ignored_property_is_not_kept(api: Api, sandbox: SandboxControl) -> None:
    sandbox.settings(strict_properties=False)
    api.send(build_message(Deep=_nested(900)))

    assert "Deep" not in sandbox.messages()[0].json["request"]


def test_an_mjml_tree_nested_too_deep_is_refused(api: Api) -> None:
    template_id = api.post("/v3/REST/template", {"Name": "T"}).json()["Data"][0]["ID"]

    assert (
        api.post(f"/v3/REST/template/{template_id}/detailcontent", {"MJMLContent": {"x": _nested(900)}}).status_code
        == 400
    )


@pytest.mark.parametrize(
    "text", ["\x00", "\r\nBcc: x@example.org", "<script>", "\u202e\u0000", "😀" * 200, "%00", "{{"]
)
def test_strange_text_comes_back_as_it_was(api: Api, sandbox: SandboxControl, text: str) -> None:
    api.send(build_message(Subject=text, TextPart=text, CustomID=text, Headers={"X-A": text}))

    (kept,) = sandbox.messages(custom_id=text)
    assert (kept.subject, kept.text, kept.headers) == (text, text, {"X-A": text})
    assert api.get("/v3/REST/message", CustomID=text).json()["Count"] == 1


@pytest.mark.parametrize(
    ("levels", "problem"),
    [
        (150, "mjml: value error, the tree is more than 100 deep"),
        (220, "the body: invalid JSON: recursion limit exceeded at line 1 column 213"),
        (900, "the body is nested too deep"),
    ],
)
def test_a_template_put_with_a_tree_nested_too_deep_is_refused(api: Api, levels: int, problem: str) -> None:
    answer = api.call("PUT", "/sandbox/templates/7", data='{"mjml": {"x": ' + "[" * levels + "]" * levels + "}}")

    assert (answer.status_code, answer.json()) == (400, {"error": problem})


def test_half_a_surrogate_pair_is_malformed(api: Api) -> None:
    body = b'{"Messages": [{"Subject": "\\ud800"}]}'

    assert api.call("POST", "/v3.1/send", data=body).json()["ErrorCode"] == "mj-0002"


def test_an_address_made_to_slow_matching_down_is_judged_at_once(api: Api) -> None:
    evil = [{"Email": "a@" + "a-" * 120_000}, {"Email": "a" * 200_000}, {"Email": "a@" + "a." * 120}]

    answer = api.send(*(build_message(To=[each]) for each in evil))
    assert [entry["Status"] for entry in answer.json()["Messages"]] == ["error"] * 3
    assert answer.elapsed.total_seconds() < 2


@pytest.mark.parametrize(
    "path", ["/v3/REST/template/%FF%FE", "/v3/REST/template/..%2F..%2Fetc", "/%", "/v3/REST/", "//x", "/v3/"]
)
def test_strange_paths_are_answered(api: Api, path: str) -> None:
    assert api.call("GET", path).status_code in {400, 404, 500}


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x00", b"GET\r\n\r\n", b"POST /v3.1/send HTTP/1.1\r\nContent-Length: x\r\n\r\n"]
)
def test_noise_on_the_port_disturbs_nobody(api: Api, noise: bytes) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(noise)
        connection.recv(1000)

    assert api.get("/v3/REST/user").status_code == 200


def test_a_caller_that_leaves_in_the_middle_of_its_body_disturbs_nobody(api: Api, sandbox: SandboxControl) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(b"POST /v3.1/send HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")

    assert api.get("/v3/REST/user").status_code == 200
    assert sandbox.messages() == []


def test_a_caller_that_asks_before_it_sends_is_told_to_go_on(api: Api) -> None:
    host, port = api.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(b"GET /sandbox/health HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n")
        connection.sendall(b"Content-Length: 2\r\nConnection: close\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(b"{}")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
