"""dramatiq + anymail through Redis, one job per email.

Tuning: two worker processes, one per core. Without latency 4 threads each, since more only queue up for the GIL; at
100 ms enough threads to cover it. Each thread keeps its own connection to Mailjet. Middleware as dramatiq ships it.
"""

import sys
from collections.abc import Sequence
from typing import ClassVar

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

from benchmarks import emails
from benchmarks.context import Context
from benchmarks.peer import Command, Peer
from benchmarks.peers.django_anymail import send_template, set_up_django

PROCESSES = 2
THREADS = {0.0: 4, 0.1: 64}

_context = Context.from_environment()
set_up_django(_context)
dramatiq.set_broker(RedisBroker(url=_context.redis_url))  # type: ignore[no-untyped-call]  # its only untyped part


@dramatiq.actor
def send(address: str, variables: dict[str, str]) -> None:
    send_template(address, variables)


class DramatiqQueue:
    per_second: ClassVar = {0.0: 1120, 0.1: 780}

    def prepare(self, context: Context, count: int) -> Sequence[Command]:
        for number in range(count):
            send.send(emails.recipient(number), emails.variables(number))
        threads = str(THREADS[context.latency])
        return [[sys.executable, "-m", "dramatiq", __name__, "--processes", str(PROCESSES), "--threads", threads]]

    def remaining(self, context: Context) -> int:
        with redis.Redis.from_url(context.redis_url) as client:
            return int(client.hlen("dramatiq:default.msgs"))


PEER: Peer = DramatiqQueue()
