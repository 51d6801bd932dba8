"""Faults on demand: each meets the next matching calls and then is gone."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

SEND = "/v3.1/send"


def test_a_status_fault_answers_as_often_as_it_was_told_and_processes_nothing(
    api: Api, sandbox: SandboxControl
) -> None:
    sandbox.fault("status", status=500, times=2)

    assert [api.send(build_message()).status_code for _ in range(3)] == [500, 500, 200]
    assert len(sandbox.messages()) == 1


def test_a_429_has_retry_after_only_if_told(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("status", status=429)
    sandbox.fault("status", status=429, retry_after=7)
    bare, told = api.get("/v3/REST/user"), api.get("/v3/REST/user")

    assert (bare.status_code, told.status_code) == (429, 429)
    assert "Retry-After" not in bare.headers
    assert told.headers["Retry-After"] == "7"


def test_a_502_is_html_and_a_500_json(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("status", status=502)
    sandbox.fault("status", status=500)

    assert "<h1>502 Bad Gateway</h1>" in api.get("/v3/REST/user").text
    assert api.get("/v3/REST/user").json()["StatusCode"] == 500


def test_latency_delays_and_then_processes(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("latency", seconds=0.3)
    start = time.monotonic()

    assert api.send(build_message()).status_code == 200
    assert time.monotonic() - start >= 0.3
    assert len(sandbox.messages()) == 1


def test_a_caller_that_gave_up_waiting_has_its_message_sent_all_the_same(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("latency", seconds=0.4)
    with pytest.raises(requests.Timeout):
        requests.post(api.url + SEND, json={"Messages": [build_message()]}, auth=api.session.auth, timeout=0.1)

    deadline = time.monotonic() + 60
    while not sandbox.messages() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(sandbox.messages()) == 1


def test_drop_before_closes_the_connection_and_nothing_was_accepted(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("drop_before")

    with pytest.raises(requests.ConnectionError):
        api.send(build_message())
    assert sandbox.messages() == []


def test_drop_after_closes_the_connection_and_the_message_was_accepted(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("drop_after")

    with pytest.raises(requests.ConnectionError):
        api.send(build_message(CustomID="c"))
    assert api.get("/v3/REST/message", CustomID="c").json()["Count"] == 1


def test_a_truncated_answer_breaks_off_in_the_middle_after_processing(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("truncate")

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        api.send(build_message())
    assert len(sandbox.messages()) == 1


def test_wrong_content_is_a_200_that_is_not_mailjet_s(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("wrong_content")
    answer = api.send(build_message())

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert sandbox.messages() == []


def test_a_fault_waits_for_a_call_under_its_path(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("status", status=503, path=SEND)

    assert api.get("/v3/REST/user").status_code == 200
    assert api.send(build_message()).status_code == 503
    assert api.send(build_message()).status_code == 200


def test_a_call_meets_only_the_first_fault_that_matches(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("status", status=501, path=SEND)
    sandbox.fault("status", status=503)
    sandbox.fault("status", status=504, path=SEND)

    assert [api.get("/v3/REST/user").status_code for _ in range(2)] == [503, 200]
    assert [api.send(build_message()).status_code for _ in range(3)] == [501, 504, 200]


def test_a_call_over_the_limit_uses_up_no_fault(api: Api, sandbox: SandboxControl) -> None:
    sandbox.settings(calls_limit=1, window_seconds=60)
    api.get("/v3/REST/user")
    sandbox.fault("status", status=500)

    assert api.get("/v3/REST/user").status_code == 429
    assert [fault["times"] for fault in sandbox.faults()] == [1]


def test_faults_can_be_listed_with_what_is_left_and_cleared(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("status", status=500, times=3)
    api.get("/v3/REST/user")

    assert [(fault["kind"], fault["times"]) for fault in sandbox.faults()] == [("status", 2)]
    sandbox.clear_faults()
    assert sandbox.faults() == []
    assert api.get("/v3/REST/user").status_code == 200


def test_a_script_is_added_as_a_whole_or_not_at_all(api: Api, sandbox: SandboxControl) -> None:
    answer = api.post("/sandbox/faults", [{"kind": "status"}, {"kind": "flood"}])

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("kind: input should be 'status', 'latency',")
    assert sandbox.faults() == []


def test_general_latency_delays_every_call(api: Api, sandbox: SandboxControl) -> None:
    sandbox.settings(latency_seconds=0.2)
    start = time.monotonic()
    api.get("/v3/REST/user")

    assert time.monotonic() - start >= 0.2


def test_waiting_calls_do_not_hold_up_others(api: Api, sandbox: SandboxControl) -> None:
    sandbox.fault("latency", seconds=3, path=SEND)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(api.send, build_message())
        while sandbox.faults():
            time.sleep(0.01)
        assert requests.get(f"{api.url}/v3/REST/user", auth=api.session.auth, timeout=60).status_code == 200
        assert not slow.done()
    assert slow.result().status_code == 200
