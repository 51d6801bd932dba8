"""The demo's own server and worker: child processes of the real commands, stopped with the demo."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STOP_SECONDS = 15


class DemoFailedError(Exception):
    """The demo cannot go on; str() says why and what to do."""


@contextmanager
def running(*command: str, config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `omnicrm COMMAND` for the length of the block, its log in a file beside the config."""
    log = config.parent / f"{command[0]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "omnicrm", "--config", str(config), *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for_port(port: int, process: subprocess.Popen[bytes], *, log: Path, seconds: float = 60) -> None:
    """Returns once the process answers on the port. Raises DemoFailedError if it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise DemoFailedError(f"the server did not start; its log is {log}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise DemoFailedError(f"the server did not answer within {seconds:.0f} s; its log is {log}")


def free_port(preferred: int) -> int:
    """The preferred port if nobody listens on it, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            free: int = probe.getsockname()[1]
            return free
    raise DemoFailedError("no free port on 127.0.0.1")
