"""The limit on calls: a sliding window for each key, and Mailjet's bare 429."""

import time

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message


@pytest.fixture
def limited(sandbox: SandboxControl) -> SandboxControl:
    sandbox.settings(calls_limit=3, window_seconds=1)
    return sandbox


def test_a_call_beyond_the_limit_gets_an_html_429_without_retry_after(api: Api, limited: SandboxControl) -> None:
    answers = [api.get("/v3/REST/user") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].headers["Content-Type"].startswith("text/html")
    assert "429 Too Many Requests" in answers[3].text
    assert "Retry-After" not in answers[3].headers


def test_a_call_over_the_limit_is_not_processed(api: Api, limited: SandboxControl) -> None:
    for _ in range(5):
        api.send(build_message())

    assert len(limited.messages()) == 3


def test_the_window_slides(api: Api, limited: SandboxControl) -> None:
    for _ in range(3):
        api.get("/v3/REST/user")
    assert api.get("/v3/REST/user").status_code == 429

    time.sleep(1.05)
    assert api.get("/v3/REST/user").status_code == 200


def test_calls_that_were_turned_away_do_not_prolong_the_wait(api: Api, sandbox: SandboxControl) -> None:
    sandbox.settings(calls_limit=1, window_seconds=0.5)
    assert api.get("/v3/REST/user").status_code == 200
    deadline = time.monotonic() + 60
    while api.get("/v3/REST/user").status_code != 200:
        assert time.monotonic() < deadline, "each call that is turned away begins the wait anew"


def test_each_key_has_a_window_of_its_own(api: Api, limited: SandboxControl) -> None:
    for _ in range(3):
        api.get("/v3/REST/user")
    api.session.auth = ("another", "key")

    assert api.get("/v3/REST/user").status_code == 200


def test_the_control_api_is_not_limited(api: Api, limited: SandboxControl) -> None:
    for _ in range(10):
        limited.health()

    assert api.get("/v3/REST/user").status_code == 200
