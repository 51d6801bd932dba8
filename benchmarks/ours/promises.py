"""Figures that no peer has: how fast emails come in, memory, the budget, security mail before half a million others.

`python -m benchmarks.ours.promises NAME` measures one, in a process of its own; `make bench` runs them all.
"""

import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psutil
import psycopg

from benchmarks.ours.installation import enqueue_invoices, set_up
from benchmarks.services import new_database, running_sink
from mailjet_sandbox.control import SandboxControl
from mailjet_sandbox.process import start_sandbox

WINDOW_SECONDS = 60


@contextmanager
def database() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="omnicrm-benchmark-") as folder, new_database(Path(folder) / "data") as it:
        yield it.url


@contextmanager
def working(config: Path, *, workers: int = 1) -> Iterator[list[psutil.Process]]:
    command = [sys.executable, "-m", "omnicrm", "--config", str(config), "worker"]
    processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(workers)]
    try:
        yield [psutil.Process(process.pid) for process in processes]
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def count(dsn: str, condition: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(f"SELECT count(*) FROM outbox_message WHERE {condition}").fetchone()  # noqa: S608 - ours
    assert row is not None
    return int(row[0])


def enqueue() -> None:
    """`enqueue_many`, with validation, formatting in the recipient's language, keys and durable rows."""
    with database() as dsn:
        set_up(dsn=dsn, mailjet_url="http://127.0.0.1:9")
        enqueue_invoices(5_000)
        started = time.monotonic()
        enqueue_invoices(100_000, first=5_000)
        print(f"enqueue_many: {100_000 / (time.monotonic() - started):,.0f} messages/s (at least 30,000)")


def memory() -> None:
    """The worker's highest resident memory while it drains 50,000 and 500,000 messages."""
    peaks = [_in_a_process_of_its_own("peak_memory", str(messages)) for messages in (50_000, 500_000)]
    print(f"worker memory: {peaks[0]:.0f} MiB at 50,000, {peaks[1]:.0f} MiB at 500,000 queued ", end="")
    print(f"(ratio {peaks[1] / peaks[0]:.2f}, at most 1.20)")


def _in_a_process_of_its_own(name: str, *arguments: str) -> float:
    """A config can be set up once in a process."""
    command = [sys.executable, "-m", "benchmarks.ours.promises", name, *arguments]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def peak_memory(messages: str) -> None:
    """Prints the worker's highest resident memory, in MiB, while it drains so many messages."""
    with database() as dsn, running_sink(0) as sink:
        config = set_up(dsn=dsn, mailjet_url=sink.url)
        enqueue_invoices(int(messages))
        peak = 0
        with working(config) as (worker,):
            while count(dsn, "state IN ('queued', 'claimed') LIMIT 1"):
                peak = max(peak, worker.memory_info().rss)
                time.sleep(0.2)
    print(peak / 2**20)


def budget() -> None:
    """Four worker processes, 200 calls a minute, a backlog: what arrives at Mailjet, by Mailjet's own clock."""
    with database() as dsn, start_sandbox() as mailjet:
        config = set_up(dsn=dsn, mailjet_url=mailjet.url, calls_per_minute=200)
        SandboxControl(mailjet.url).put_template(6759851, html="<p>{{var:customer_name}}</p>", text="")
        enqueue_invoices(30_000)
        with working(config, workers=4):
            time.sleep(2 * WINDOW_SECONDS + 10)
        calls = SandboxControl(mailjet.url).calls()
    arrivals = sorted(call.arrived_at for call in calls)
    fullest = max(bisect_left(arrivals, start + WINDOW_SECONDS) - at for at, start in enumerate(arrivals))
    first_minute = sum(call.messages for call in calls if call.arrived_at < arrivals[0] + WINDOW_SECONDS)
    print(f"budget: {fullest} calls in the fullest {WINDOW_SECONDS} s, 4 workers (at most 200); ", end="")
    print(f"{first_minute:,} messages in the first minute (at least 10,000); ", end="")
    print(f"{sum(call.messages == 50 for call in calls)} of {len(calls)} calls carried 50 messages")


def urgency() -> None:
    """500,000 bulk messages queued, 200 calls a minute: from a security message's commit to its acceptance."""
    with database() as dsn, running_sink(0.1) as sink:
        config = set_up(dsn=dsn, mailjet_url=sink.url, calls_per_minute=200)
        enqueue_invoices(500_000)
        with working(config):
            time.sleep(5)
            waits = sorted(_until_accepted(dsn, number) for number in range(100))
    print(f"urgency: security mail accepted after {waits[50]:.2f} s in the median, ", end="")
    print(f"{waits[98]:.2f} s at p99 of {len(waits)} (at most 2), behind 500,000 queued")


def _until_accepted(dsn: str, number: int) -> float:
    message_id = _enqueue_reset(number)
    committed = time.monotonic()
    with psycopg.connect(dsn, autocommit=True) as connection:
        while True:
            row = connection.execute("SELECT state FROM outbox_message WHERE id = %s", [message_id]).fetchone()
            if row == ("accepted",):
                return time.monotonic() - committed
            time.sleep(0.01)


def _enqueue_reset(number: int) -> UUID:
    from omnicrm.emails.users import UserPasswordReset  # noqa: PLC0415 - needs `set_up`
    from omnicrm.outbox.email import Recipient  # noqa: PLC0415 - as above
    from omnicrm.outbox.operations import enqueue as enqueue_one  # noqa: PLC0415 - as above

    to = Recipient(email=f"user{number}@example.com", name="", language="fr")
    email = UserPasswordReset.sample("fr")
    return enqueue_one(email, to=to, key=f"reset:{number}", now=datetime.now(UTC)).message_id


PROMISES: Mapping[str, Callable[..., None]] = {
    "enqueue": enqueue,
    "peak_memory": peak_memory,
    "memory": memory,
    "budget": budget,
    "urgency": urgency,
}

if __name__ == "__main__":
    PROMISES[sys.argv[1]](*sys.argv[2:])
