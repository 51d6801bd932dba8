"""Whether people get into their accounts as quickly behind a long queue.

`python -m benchmarks.ours.signing_in [COUNT]`: two installations on one PostgreSQL, one with COUNT messages queued
(500,000 unless told) and one with none, each with a server and a worker at 200 calls a minute. Requests go to them in
turn, so that whatever else the machine does slows both.
"""

import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import orjson

from benchmarks.ours.installation import enqueue_invoices, set_up
from benchmarks.ours.promises import working
from benchmarks.services import new_database, running_sink
from omnicrm.ops.demo.processes import free_port

ROUNDS = 400
WARM_UP = 20
SECONDS_TO_START = 60
AT_MOST = 1.5
"""Ratio of the two p95: more than chance between two runs, less than anybody would notice."""

_visitors = count(1)


@dataclass(frozen=True, kw_only=True)
class Server:
    port: int

    def sign_in_page(self) -> float:
        return self._seconds("GET", "/account/sign-in/", None, expected=200)

    def reset_request(self) -> float:
        body = orjson.dumps({"email": f"nobody{next(_visitors)}@example.com"})
        return self._seconds("POST", "/crm/auth/forgot_password", body, expected=202)

    def _seconds(self, method: str, path: str, body: bytes | None, *, expected: int) -> float:
        """Of one request with a connection of its own, from a visitor whom no limit knows yet."""
        number = next(_visitors)
        visitor = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        headers = {"Host": f"localhost:{self.port}", "X-Forwarded-For": visitor, "Content-Type": "application/json"}
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == expected, (answer.status, content[:300])
        return time.perf_counter() - started


@contextmanager
def serving(config: Path) -> Iterator[Server]:
    port = free_port(0)
    with config.open("a", encoding="utf-8") as file:
        file.write(f"server: {{port: {port}, trusted_proxies: 1}}\n")
    command = [sys.executable, "-m", "omnicrm", "--config", str(config), "serve"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield Server(port=port)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            Server(port=port).sign_in_page()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def main(messages: int) -> None:
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omnicrm-benchmark-"))) / "data"
        full, empty = (stack.enter_context(new_database(data)).url for _ in range(2))
        sink = stack.enter_context(running_sink(0.1))
        config = set_up(dsn=full, mailjet_url=sink.url, calls_per_minute=200)
        enqueue_invoices(messages)
        configs = (_another(config, dsn=full, instead=empty), config)
        servers = [stack.enter_context(serving(each)) for each in configs]
        for each in configs:
            stack.enter_context(working(each))
        time.sleep(3)  # until the workers send
        _tell("sign-in page", [server.sign_in_page for server in servers], messages)
        _tell("reset request", [server.reset_request for server in servers], messages)


def _another(config: Path, *, dsn: str, instead: str) -> Path:
    """The same installation without a message in its database."""
    path = Path(tempfile.mkdtemp(prefix="omnicrm-benchmark-")) / config.name
    path.write_text(config.read_text(encoding="utf-8").replace(dsn, instead), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "omnicrm", "--config", str(path), "migrate"], check=True, capture_output=True)
    return path


def _tell(what: str, requests: list[Callable[[], float]], messages: int) -> None:
    for _ in range(WARM_UP):
        for request in requests:
            request()
    rounds = [[request() for request in requests] for _ in range(ROUNDS)]
    without, behind = (sorted(seconds)[ROUNDS * 95 // 100] for seconds in zip(*rounds, strict=True))
    print(
        f"{what}: p95 {without * 1000:.1f} ms with nothing queued, {behind * 1000:.1f} ms behind {messages:,} ", end=""
    )
    print(f"(ratio {behind / without:.2f}, at most {AT_MOST}) in {ROUNDS} rounds")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
