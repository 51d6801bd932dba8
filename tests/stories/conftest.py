"""A whole installation of its own: config, embedded PostgreSQL, server and workers as real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import psutil
import psycopg
import pytest

from mailjet_sandbox.control import SandboxControl
from omnicrm.database.embedded import ensure_embedded
from omnicrm.ops.demo.processes import free_port

PATIENCE = 240
"""Seconds that anything may take: a busy machine is slow, and what goes well never waits so long."""
UNASKED_PORTS = 20_000
"""Below those that the system gives to whoever asks for any: a server may stop, and start on its port again."""
CONFIG = """
mailjet:
  api_key: story-key
  api_secret: story-secret
  base_url: {sandbox_url}
  calls_per_minute: {calls_per_minute}
  api_crmCommunicationCustomerWelcome:
    from_email: support@yourcompany.com
    from_name: Support
    template_id: 5977509
    subject: Bienvenue
  api_crmCommunicationCustomerInvoice:
    {{from_email: books@yourcompany.com, from_name: Books, template_id: 6759851, subject: "Facture "}}
  api_crmCommunicationCustomerInvoiceReminder:
    {{from_email: books@yourcompany.com, from_name: Books, template_id: 6759852, subject: Rappel}}
  api_crmCommunicationUserWelcome: {{from_email: it@yourcompany.com, from_name: IT, template_id: 101, subject: Welcome}}
  api_crmCommunicationUserPasswordReset:
    {{from_email: it@yourcompany.com, from_name: IT, template_id: 102, subject: Reset}}
  api_crmCommunicationUserPasswordResetSuccess:
    {{from_email: it@yourcompany.com, from_name: IT, template_id: 103, subject: Done}}
  api_crmCommunicationUserPasswordChange:
    {{from_email: it@yourcompany.com, from_name: IT, template_id: 104, subject: Changed}}
  api_crmCommunicationEmailVerification:
    {{from_email: it@yourcompany.com, from_name: IT, template_id: 105, subject: Verify}}
server:
  port: {port}
"""


class Installation:
    """One installation. `run` runs a command to its end; `start` starts one and leaves it running until the test ends.

    The server that `serve` starts goes on for the tests that follow, since starting takes longest of all.
    """

    def __init__(self, home: Path, *, sandbox_url: str) -> None:
        self.home = home
        self.port = free_port(UNASKED_PORTS + os.getpid() % 10_000)
        self._sandbox_url = sandbox_url
        self._processes: list[subprocess.Popen[bytes]] = []
        self._server: subprocess.Popen[bytes] | None = None
        self.configure()
        self.run("migrate")
        self.key = self.run("apikey", "create", "stories", "--role", "Admin").strip()

    def configure(self, *, calls_per_minute: int | str = "unlimited") -> None:
        config = CONFIG.format(sandbox_url=self._sandbox_url, port=self.port, calls_per_minute=calls_per_minute)
        (self.home / "crm_config.yaml").write_text(config, encoding="utf-8")

    def run(self, *command: str) -> str:
        finished = subprocess.run(
            self._command(*command), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.home / f"{command[0]}.log").open("ab") as log:
            process = subprocess.Popen(self._command(*command), stdout=log, stderr=log)
        self._processes.append(process)
        return process

    def log(self, command: str) -> str:
        return (self.home / f"{command}.log").read_text()

    def stop_all(self) -> None:
        """All but the server."""
        while self._processes:
            _end(self._processes.pop())

    def serve(self) -> None:
        if self._server is None or self._server.poll() is not None:
            self._server = self.start("serve")
            self._processes.remove(self._server)
            wait_until(lambda: _listens(self.port))

    def stop_server(self) -> None:
        """For a test that needs one that starts under it, or leaves one that others should not go on with."""
        if self._server is not None:
            _end(self._server)
            self._server = None

    def call(self, method: str, path: str, body: object = None) -> Any:
        data = body if isinstance(body, bytes) else orjson.dumps(body) if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/crm{path}", method=method, data=data)
        request.add_header("X-API-KEY", self.key)
        request.add_header("Content-Type", "application/x-ndjson" if isinstance(body, bytes) else "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            raw = answer.read()
        return [orjson.loads(line) for line in raw.splitlines()] if isinstance(body, bytes) else orjson.loads(raw)

    def create_customer(self, number: int) -> Any:
        return self.call("POST", "/customer", _customer(number))

    def create_customers(self, count: int) -> None:
        """In bulk; their welcomes are queued."""
        rows = self.call("POST", "/customer/bulk", b"\n".join(orjson.dumps(_customer(n)) for n in range(count)))
        assert len([row for row in rows if row.get("status") == "created"]) == count

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(ensure_embedded(self.home / "var" / "postgres"), autocommit=True) as connection:
            yield connection

    def states(self) -> dict[str, int]:
        with self.database() as connection:
            return dict(connection.execute("SELECT state, count(*) FROM outbox_message GROUP BY state").fetchall())

    def clear(self) -> None:
        with self.database() as connection:
            connection.execute(
                "TRUNCATE outbox_message, outbox_messagekey, outbox_call, outbox_pause, procrastinate_jobs, "
                "customers_customer CASCADE"
            )

    def _command(self, *command: str) -> list[str]:
        return [sys.executable, "-m", "omnicrm", "--config", str(self.home / "crm_config.yaml"), *command]


def _end(process: subprocess.Popen[bytes]) -> None:
    for child in _children(process):
        with suppress(psutil.NoSuchProcess):
            child.kill()  # a server's own worker would go on answering under the old configuration
    process.kill()
    process.wait()


def _children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Those that the process started, but for the database, which all of them share."""
    try:
        return [each for each in psutil.Process(process.pid).children(recursive=True) if each.name() != "postgres"]
    except psutil.NoSuchProcess:
        return []


def _customer(number: int) -> dict[str, object]:
    contact = {"contact_type": "primary", "email": f"c{number}@example.com"}
    return {"customer_name": f"Customer {number}", "language": "fr", "contacts": [contact]}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that need an installation come first of all: a parallel run gives its first tests to one process.

    So only one installation is made, and what takes longest does not begin when the others are nearly done.
    """
    items.sort(key=lambda item: "installation" not in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def _installation(tmp_path_factory: pytest.TempPathFactory, sandbox_url: str) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("installation"), sandbox_url=sandbox_url)
    yield installation
    installation.stop_all()
    installation.stop_server()


@pytest.fixture
def installation(_installation: Installation, sandbox: SandboxControl) -> Iterator[Installation]:
    _installation.configure()
    _installation.clear()
    yield _installation
    _installation.stop_all()


def stop(process: subprocess.Popen[bytes]) -> int:
    """SIGTERM, as a service manager stops a process; returns its exit status."""
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE)


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
