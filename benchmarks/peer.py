"""How a peer is run, in a process of its own: `python -m benchmarks.peer MODULE:NAME` prints what was measured."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pkgutil import resolve_name
from typing import IO, Protocol

from benchmarks.clock import measure
from benchmarks.context import LATENCIES, Context, Measured, NotMeasured

Command = Sequence[str]
LOG_TAIL_BYTES = 4000
SECONDS_TO_END = 5


class Peer(Protocol):
    """Something that sends emails from worker processes."""

    @property
    def per_second(self) -> Mapping[float, int]:
        """About what to expect, by latency: it only decides how many messages a run sends."""

    def prepare(self, context: Context, count: int) -> Sequence[Command]:
        """Fills the queue with `count` emails and returns the commands of the workers that will send them."""

    def remaining(self, context: Context) -> int:
        """How many emails are not yet recorded as done."""


@dataclass(frozen=True, kw_only=True)
class DirectSender:
    """A peer without a queue: `python -m MODULE … COUNT` sends at once, then calls `wait_to_be_measured`."""

    module: str
    per_second: Mapping[float, int]
    arguments: Sequence[str] = ()

    def prepare(self, _context: Context, count: int) -> Sequence[Command]:
        return [[sys.executable, "-m", self.module, *self.arguments, str(count)]]

    def remaining(self, _context: Context) -> int:
        return 0


@dataclass(frozen=True, kw_only=True)
class PeerRunner:
    """Runs the peer named "module:attribute" apart from the other peers' settings and patches."""

    name: str
    group: str
    peer: str
    packages: tuple[str, ...] = ()
    latencies: tuple[float, ...] = LATENCIES
    needs_redis: bool = False

    def run(self, context: Context) -> Measured:
        command = [sys.executable, "-m", "benchmarks.peer", self.peer]
        done = subprocess.run(command, env=context.environment(), capture_output=True, check=False, text=True)
        if done.returncode:
            raise NotMeasured(done.stderr.strip())
        return Measured.model_validate_json(done.stdout.splitlines()[-1])


def wait_to_be_measured() -> None:
    """A direct sender's last call: its CPU time can only be read while it lives."""
    sys.stdin.read()


def run(peer: Peer, context: Context) -> Measured:
    count = context.count(peer.per_second)
    commands = peer.prepare(context, count)
    with tempfile.TemporaryFile() as log, _workers(commands, context, log) as workers:
        try:
            return measure(context, workers, count=count, remaining=partial(peer.remaining, context))
        except NotMeasured as error:
            log.seek(max(0, log.seek(0, 2) - LOG_TAIL_BYTES))
            raise NotMeasured(f"{error}\n{log.read().decode(errors='replace')}") from error


@contextmanager
def _workers(commands: Sequence[Command], context: Context, log: IO[bytes]) -> Iterator[list[subprocess.Popen[bytes]]]:
    workers = [_start(command, context, log) for command in commands]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            _end(worker)


def _start(command: Command, context: Context, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, env=context.environment(), stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT
    )


def _end(worker: subprocess.Popen[bytes]) -> None:
    try:
        worker.communicate(timeout=SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.communicate()


def main() -> None:
    try:
        measured = run(resolve_name(sys.argv[1]), Context.from_environment())
    except NotMeasured as error:
        sys.exit(str(error))
    print(measured.model_dump_json())


if __name__ == "__main__":
    main()
