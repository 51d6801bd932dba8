"""celery + anymail through Redis, one job per email.

Tuning: two workers, one per core, of the `threads` pool: `prefork` needs a process per email in flight, which no small
machine has at 100 ms. No results, events, gossip, mingle or heartbeats. Acknowledged early, celery's default and its
fastest: a killed worker loses what it was sending.
"""

import sys
from collections.abc import Sequence
from typing import ClassVar

import redis
from celery import Celery

from benchmarks import emails
from benchmarks.context import Context
from benchmarks.peer import Command, Peer
from benchmarks.peers.django_anymail import send_template, set_up_django

WORKERS = 2
THREADS = {0.0: 4, 0.1: 48}

_context = Context.from_environment()
set_up_django(_context)
app = Celery("benchmark", broker=_context.redis_url)
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=16, worker_disable_rate_limits=True)


@app.task(name="send")  # type: ignore[untyped-decorator]  # celery has no types
def send(address: str, variables: dict[str, str]) -> None:
    send_template(address, variables)


class CeleryQueue:
    per_second: ClassVar = {0.0: 600, 0.1: 540}

    def prepare(self, context: Context, count: int) -> Sequence[Command]:
        with app.producer_pool.acquire(block=True) as producer:
            for number in range(count):
                send.apply_async((emails.recipient(number), emails.variables(number)), producer=producer)
        return [self._worker(context, number) for number in range(WORKERS)]

    def remaining(self, context: Context) -> int:
        with redis.Redis.from_url(context.redis_url) as client:
            return int(client.llen("celery")) + int(client.hlen("unacked"))

    def _worker(self, context: Context, number: int) -> Command:
        threads = str(THREADS[context.latency])
        quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR")
        worker = ("worker", "--pool", "threads", "--concurrency", threads, "--hostname", f"worker{number}")
        return [sys.executable, "-m", "celery", "--app", __name__, *worker, *quiet]


PEER: Peer = CeleryQueue()
