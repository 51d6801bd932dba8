"""The floor that PostgreSQL sets: one durable row per message, and nothing else done.

The table is shaped like an outbox. Rows come in by COPY, 5,000 to a transaction. They go out as an outbox must do it:
50 are claimed in one transaction, because none may stay open during a call, and recorded in the next. Each is tried
with few connections and with more, and the best is taken.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import orjson
import psycopg
from uuid_utils.compat import uuid7

from benchmarks import emails
from benchmarks.clock import cpu_seconds
from benchmarks.context import Context, Measured

ROWS_PER_COPY = 5_000
FIRST_MESSAGE_ID = 2**60

TABLE = (
    """
    CREATE TABLE outbox (
        id uuid PRIMARY KEY, lane smallint NOT NULL, not_before timestamptz NOT NULL, state text NOT NULL,
        lease_until timestamptz, mailjet_message_id bigint, variables jsonb NOT NULL
    )
    """,
    "CREATE INDEX outbox_due ON outbox (lane, not_before, id) WHERE state = 'queued'",
)
CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT id FROM outbox WHERE state = 'queued' AND not_before <= now()
        ORDER BY lane, not_before, id LIMIT 50 FOR UPDATE SKIP LOCKED
    )
    UPDATE outbox SET state = 'claimed', lease_until = now() + interval '1 minute'
    FROM due WHERE outbox.id = due.id RETURNING outbox.id, outbox.variables
"""
RECORD = """
    UPDATE outbox SET state = 'accepted', lease_until = NULL, mailjet_message_id = done.message_id
    FROM unnest(%s::uuid[], %s::bigint[]) AS done (id, message_id) WHERE outbox.id = done.id
"""


T = TypeVar("T")
Share = Sequence[bytes]
"""Bodies of COPY commands, each a transaction of its own."""


@dataclass(frozen=True, kw_only=True)
class PostgresRunner:
    """Tries `attempt` with each number of connections, dividing the rows of one run between the tries."""

    name: str
    group: str
    attempt: Callable[[Context, Share, int], Measured]
    connections: tuple[int, ...]
    per_second: int
    latencies: tuple[float, ...] = (0.0,)
    packages: tuple[str, ...] = ()
    needs_redis: bool = False

    def run(self, context: Context) -> Measured:
        share = _bodies(context.count({0.0: self.per_second}) // len(self.connections))
        attempts = [self.attempt(context, share, connections) for connections in self.connections]
        return max(attempts, key=lambda measured: measured.per_second)


def copy_in(context: Context, bodies: Share, connections: int) -> Measured:
    _make_table(context)
    shares = [bodies[start::connections] for start in range(connections)]
    return _measure(context, partial(_copy, context), shares)


def claim_and_record(context: Context, bodies: Share, connections: int) -> Measured:
    _make_table(context)
    _copy(context, bodies)
    with psycopg.connect(context.dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE outbox")
    return _measure(context, partial(_drain, context), range(connections))


RUNNERS = (
    PostgresRunner(name="COPY in", group="PostgreSQL alone", attempt=copy_in, connections=(1, 2), per_second=150_000),
    PostgresRunner(
        name="claim 50, record 50",
        group="PostgreSQL alone",
        attempt=claim_and_record,
        connections=(2, 4),
        per_second=32_000,
    ),
)


def _measure(context: Context, work: Callable[[T], int], shares: Sequence[T]) -> Measured:
    """`work` answers how many rows it did; each share gets a thread, and a connection, of its own."""
    postgresql, client, started = cpu_seconds(context.postmaster_pid), time.process_time(), time.monotonic()
    with ThreadPoolExecutor(len(shares)) as threads:
        messages = sum(threads.map(work, shares))
    return Measured(
        messages=messages,
        seconds=time.monotonic() - started,
        cpu={
            "client": time.process_time() - client,
            "postgresql": cpu_seconds(context.postmaster_pid) - postgresql,
        },
        note=f"{len(shares)} connections",
    )


def _make_table(context: Context) -> None:
    with psycopg.connect(context.dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS outbox")
        for statement in TABLE:
            connection.execute(statement)


def _bodies(count: int) -> Share:
    rows = [
        f"{uuid7()}\t2\t2026-01-01T00:00Z\tqueued\t\\N\t\\N\t{orjson.dumps(emails.variables(number)).decode()}\n"
        for number in range(count)
    ]
    return ["".join(rows[start : start + ROWS_PER_COPY]).encode() for start in range(0, count, ROWS_PER_COPY)]


def _copy(context: Context, bodies: Share) -> int:
    rows = 0
    with psycopg.connect(context.dsn, autocommit=True) as connection, connection.cursor() as cursor:
        for body in bodies:
            with cursor.copy("COPY outbox FROM STDIN") as copy:
                copy.write(body)
            rows += cursor.rowcount
    return rows


def _drain(context: Context, _: int) -> int:
    rows = 0
    with psycopg.connect(context.dsn, autocommit=True) as connection:
        while claimed := connection.execute(CLAIM, prepare=True).fetchall():
            message_ids = [FIRST_MESSAGE_ID + rows + offset for offset in range(len(claimed))]
            rows += connection.execute(RECORD, [[row[0] for row in claimed], message_ids], prepare=True).rowcount
    return rows
