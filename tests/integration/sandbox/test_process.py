"""`python -m mailjet_sandbox`: starting, stopping, and what outlives a restart."""

import base64
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from mailjet_sandbox.__main__ import main
from mailjet_sandbox.control import SandboxControl
from mailjet_sandbox.process import SandboxNotStartedError, start_sandbox
from tests.integration.sandbox.caller import NewApi, build_message

AT_ONCE = 10
"""Seconds. It takes a fifth of one on an idle machine."""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.jsonl"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_at_once_even_with_open_connections(number: int) -> None:
    with start_sandbox() as sandbox:
        host, port = sandbox.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))):
            start = time.monotonic()
            sandbox.process.send_signal(number)
            assert sandbox.process.wait(60) == 0
            assert time.monotonic() - start < AT_ONCE


def test_it_stops_at_once_in_the_middle_of_a_slow_call(new_api: NewApi) -> None:
    with start_sandbox() as sandbox, ThreadPoolExecutor() as pool:
        control = SandboxControl(sandbox.url)
        control.fault("latency", seconds=60)
        slow = pool.submit(new_api(sandbox.url).send, build_message())
        while control.faults():
            time.sleep(0.01)
        start = time.monotonic()
        sandbox.stop()
        assert time.monotonic() - start < AT_ONCE
        assert isinstance(slow.exception(60), requests.ConnectionError)


def _run(*options: str, meet: Callable[[str], object]) -> tuple[str, str, str]:
    """Runs the command, lets `meet` call its URL and stops it. Its first line, the rest of its output, its log."""
    command = [sys.executable, "-m", "mailjet_sandbox", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        meet(line.split()[-1])
        process.terminate()
        rest, log = process.communicate(timeout=60)
    assert process.returncode == 0
    return line, rest, log


def test_it_says_one_line_once_it_accepts_connections() -> None:
    line, rest, log = _run("--quiet", meet=lambda url: SandboxControl(url).health())

    assert line.startswith("Mailjet sandbox listening on http://127.0.0.1:")
    assert (rest, log) == ("", "")


def test_a_port_in_use_is_told_in_one_line() -> None:
    with start_sandbox() as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        with pytest.raises(SandboxNotStartedError) as failure:
            start_sandbox(port=port)

    (line,) = str(failure.value).splitlines()
    assert line.startswith(f"mailjet_sandbox: cannot listen on 127.0.0.1:{port}: ")
    assert line.endswith("; choose another with --port")


def test_the_limit_on_calls_can_be_given_at_the_start() -> None:
    with start_sandbox(calls_per_minute=7) as sandbox:
        control = SandboxControl(sandbox.url)
        control.reset()
        assert control.settings()["calls_limit"] == 7


def test_what_it_remembers_outlives_a_restart(state: Path, new_api: NewApi) -> None:
    file = {"ContentType": "a/b", "Filename": "f", "Base64Content": base64.b64encode(b"\x00\xff").decode()}
    with start_sandbox(state=state) as sandbox:
        control = SandboxControl(sandbox.url)
        control.put_template(7, html="<p>", headers={"Subject": "S"})
        control.register_key("test-key", "test-secret")
        control.put_sender("a@example.com")
        control.settings(strict_filters=True, keep_messages=2)
        new_api(sandbox.url).send(*(build_message(CustomID=str(n), Attachments=[file]) for n in range(3)))
        before = control.messages()

    with start_sandbox(state=state) as sandbox:
        control = SandboxControl(sandbox.url)
        assert [message.json for message in control.messages()] == [message.json for message in before]
        assert control.download(control.messages()[0].attachments[0]) == b"\x00\xff"
        assert control.health() == {"status": "ok", "kept_messages": 2, "accepted_messages": 3}
        assert (control.settings()["strict_filters"], control.settings()["keep_messages"]) == (True, 2)
        api = new_api(sandbox.url)
        assert api.get("/v3/REST/template/7/detailcontent").json()["Data"][0]["Headers"] == {"Subject": "S"}
        assert api.get("/v3/REST/sender").json()["Data"][0]["Email"] == "a@example.com"
        api.session.auth = ("test-key", "wrong")
        assert api.get("/v3/REST/user").status_code == 401


def test_the_state_is_saved_soon_after_a_change_and_survives_a_kill(state: Path, new_api: NewApi) -> None:
    sandbox = start_sandbox(state=state)
    new_api(sandbox.url).send(build_message(CustomID="kept"))
    deadline = time.monotonic() + 60
    while b'"kept"' not in state.read_bytes() and time.monotonic() < deadline:
        time.sleep(0.05)
    sandbox.process.kill()
    sandbox.stop()

    with start_sandbox(state=state) as revived:
        assert [message.custom_id for message in SandboxControl(revived.url).messages()] == ["kept"]
    assert list(state.parent.iterdir()) == [state], "nothing is left beside it"


def test_only_its_owner_may_read_the_state(state: Path) -> None:
    with start_sandbox(state=state):
        assert state.stat().st_mode & 0o077 == 0


def test_a_broken_state_file_is_told_and_left_alone(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state.write_text('{"accepted_count": 1}\n{"message": {"subject"\n')

    assert main(["--port", "0", "--state", str(state)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mailjet_sandbox: {state}: line 2: ")
    assert line.endswith("; move the file away to start afresh")
    assert state.read_text().endswith('{"subject"\n')


def test_a_state_file_that_cannot_be_written_is_told_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "absent" / "state.jsonl"

    assert main(["--port", "0", "--state", str(path)]) == 1
    assert capsys.readouterr().err == f"mailjet_sandbox: {path}: cannot be written: No such file or directory\n"


@pytest.mark.parametrize("arguments", [["--port", "x"], ["--port", "70000"], ["--calls-per-minute", "-1"]])
def test_a_bad_option_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)

    assert stop.value.code == 2
    assert f"argument {arguments[0]}: " in capsys.readouterr().err


def test_calls_are_logged_on_standard_error_without_secrets(new_api: NewApi) -> None:
    _, _, log = _run(meet=lambda url: new_api(url).send(build_message()))

    assert "POST /v3.1/send: 200, 1 message\n" in log
    assert "test-secret" not in log
