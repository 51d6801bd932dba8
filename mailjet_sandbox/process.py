"""Starts the sandbox as a child process, for tests and demos."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

START_SECONDS = 20.0
STOP_SECONDS = 5.0
GREETING = "Mailjet sandbox listening on "


class SandboxNotStartedError(Exception):
    """The child stopped, or stayed silent, before it accepted connections. The text holds what it said."""


class SandboxProcess:
    """A running sandbox. As a context manager it stops at the end of the block. `url` has no trailing slash."""

    def __init__(self, process: "subprocess.Popen[str]", *, url: str) -> None:
        self.process = process
        self.url = url

    def stop(self) -> None:
        """Ends the child; it saves its state first. Stopping twice does no harm."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_sandbox(
    *, state: Path | None = None, port: int = 0, calls_per_minute: int | None = None, host: str = "127.0.0.1"
) -> SandboxProcess:
    """Returns once it accepts connections. Port 0 takes a free one. SandboxNotStartedError."""
    options = ["--host", host, "--port", str(port), "--quiet"]
    options += ["--state", str(state)] if state is not None else []
    options += ["--calls-per-minute", str(calls_per_minute)] if calls_per_minute is not None else []
    with tempfile.TemporaryFile("w+") as complaints:
        process = _spawn(options, complaints)
        line = _first_line(process)
        if line.startswith(GREETING):
            return SandboxProcess(process, url=line.removeprefix(GREETING).strip())
        SandboxProcess(process, url="").stop()
        complaints.seek(0)
        raise SandboxNotStartedError(complaints.read().strip() or f"no answer within {START_SECONDS:.0f} s")


def _spawn(options: Sequence[str], complaints: IO[str]) -> "subprocess.Popen[str]":
    """The child finds this very package, wherever it was imported from."""
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(  # noqa: S603 - our own module, an argument list, no shell
        [sys.executable, "-m", "mailjet_sandbox", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def _first_line(process: "subprocess.Popen[str]") -> str:
    """What the child says first; "" if it ends, or says nothing in time."""
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    try:
        return process.stdout.readline() if process.stdout is not None else ""
    finally:
        timer.cancel()
