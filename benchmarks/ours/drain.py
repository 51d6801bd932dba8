"""OmniCRM's outbox: one durable row per message, fifty to a call, one worker process, no limit of calls.

`omnicrm worker` as operators run it, nothing tuned for the benchmark.
"""

import sys
from collections.abc import Sequence
from typing import ClassVar

import psycopg

from benchmarks.context import Context
from benchmarks.ours.installation import enqueue_invoices, set_up
from benchmarks.peer import Command


class Peer:
    per_second: ClassVar = {0.0: 15_000, 0.1: 12_000}

    def prepare(self, context: Context, count: int) -> Sequence[Command]:
        config = set_up(dsn=context.dsn, mailjet_url=context.sink_url)
        enqueue_invoices(count)
        return [[sys.executable, "-m", "omnicrm", "--config", str(config), "worker"]]

    def remaining(self, context: Context) -> int:
        with psycopg.connect(context.dsn) as connection:
            row = connection.execute("SELECT count(*) FROM outbox_message WHERE state <> 'accepted'").fetchone()
        assert row is not None
        return int(row[0])


PEER = Peer()
