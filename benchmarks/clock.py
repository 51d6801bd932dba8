"""The clock everybody is measured with, from outside: it watches the sink, the queue and the processes.

It runs from the first message's arrival at the sink, so that nobody pays for imports, until the sink has answered the
last one and the queue says that nothing is left to do or to record. CPU time is taken over the same span.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from subprocess import Popen
from typing import Self
from urllib.parse import urlsplit

import orjson
import psutil

from benchmarks.context import Context, Measured, NotMeasured

POLL_SECONDS = 0.01
PATIENCE_SECONDS = 150


@dataclass(frozen=True, kw_only=True)
class SinkCounts:
    """What the sink knows; the times are of the monotonic clock, which all processes share."""

    messages: int
    first_at: float | None
    last_at: float | None


def measure(context: Context, workers: Sequence[Popen[bytes]], *, count: int, remaining: Callable[[], int]) -> Measured:
    """Waits until `workers` have sent `count` messages and `remaining()` is 0. Raises NotMeasured."""
    with closing(HTTPConnection(urlsplit(context.sink_url).netloc)) as connection:
        sink = _Watch(connection=connection, workers=workers)
        started = sink.wait_for(1)
        before = _CpuTimes.of(context, workers)
        ended = sink.wait_for(count).last_at
        ended = _wait_until_recorded(remaining) or ended
        spent = _CpuTimes.of(context, workers).since(before)
        messages = sink.counts().messages
    if messages != count:
        raise NotMeasured(f"{count} messages were queued, the sink counted {messages}")
    assert started.first_at is not None
    assert ended is not None
    seconds = ended - started.first_at
    return Measured(
        messages=count,
        seconds=seconds,
        cpu=spent.parts,
        sink_cpu=spent.sink,
        other_cores=max(0.0, spent.machine - spent.sink - sum(spent.parts.values())) / seconds,
    )


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its descendants, those that have ended and were waited for included."""
    total = 0.0
    root = psutil.Process(pid)
    for process in (root, *root.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # it has just ended: its parent counts it from now on
        total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass(frozen=True, kw_only=True)
class _Watch:
    connection: HTTPConnection
    workers: Sequence[Popen[bytes]]

    def counts(self) -> SinkCounts:
        self.connection.request("GET", "/counts")
        return SinkCounts(**orjson.loads(self.connection.getresponse().read()))

    def wait_for(self, messages: int) -> SinkCounts:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (counts := self.counts()).messages < messages:
            if ended := [worker for worker in self.workers if worker.poll() is not None]:
                raise NotMeasured(f"a worker ended with status {ended[0].returncode}: {ended[0].args!r}")
            if time.monotonic() > deadline:
                raise NotMeasured(f"after {PATIENCE_SECONDS} s the sink had counted {counts.messages} of {messages}")
            time.sleep(POLL_SECONDS)
        return counts


def _wait_until_recorded(remaining: Callable[[], int]) -> float | None:
    """Returns when the queue was empty, or None if it was so at once."""
    if not remaining():
        return None
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := remaining():
        if time.monotonic() > deadline:
            raise NotMeasured(f"everything was sent, but {left} messages were not recorded")
        time.sleep(POLL_SECONDS)
    return time.monotonic()


@dataclass(frozen=True, kw_only=True)
class _CpuTimes:
    """In seconds. `machine` is what all processes together have used."""

    parts: dict[str, float]
    sink: float
    machine: float

    @classmethod
    def of(cls, context: Context, workers: Sequence[Popen[bytes]]) -> Self:
        parts = {
            "workers": sum(cpu_seconds(worker.pid) for worker in workers),
            "postgresql": cpu_seconds(context.postmaster_pid),
        }
        if context.redis_pid is not None:
            parts["redis"] = cpu_seconds(context.redis_pid)
        whole = psutil.cpu_times()
        return cls(parts=parts, sink=cpu_seconds(context.sink_pid), machine=whole.user + whole.system)

    def since(self, before: Self) -> Self:
        return replace(
            self,
            parts={part: seconds - before.parts[part] for part, seconds in self.parts.items()},
            sink=self.sink - before.sink,
            machine=self.machine - before.machine,
        )
