"""pgqueuer + aiohttp on PostgreSQL, one job per email.

Tuning: two worker processes, one per core, on asyncpg and uvloop; jobs fetched and recorded in batches; enough of them
in flight to cover the latency; its tables logged, as it installs them, and analysed once they are filled.
"""

import asyncio
import sys
from collections.abc import Sequence
from typing import ClassVar

import asyncpg
import orjson
import uvloop
from pgqueuer import AsyncpgDriver, Job, PgQueuer, Queries

from benchmarks import emails
from benchmarks.context import Context
from benchmarks.peer import Command, Peer
from benchmarks.peers.one_call import keep_alive_session, send_one
from benchmarks.peers.tables import analyse, count_rows

WORKERS = 2
BATCH = 250
JOBS_IN_FLIGHT = {0.0: 1000, 0.1: 2000}
ENTRYPOINT = "send"
TABLE = "pgqueuer"

_context = Context.from_environment()


class PgQueuerQueue:
    per_second: ClassVar = {0.0: 6750, 0.1: 5660}

    def prepare(self, context: Context, count: int) -> Sequence[Command]:
        asyncio.run(_fill(context, count))
        analyse(context, TABLE)
        return [[sys.executable, "-m", __name__]] * WORKERS

    def remaining(self, context: Context) -> int:
        return count_rows(context, TABLE)


PEER: Peer = PgQueuerQueue()


async def _fill(context: Context, count: int) -> None:
    connection = await asyncpg.connect(context.dsn)
    queries = Queries(AsyncpgDriver(connection))
    await queries.install()
    payloads: list[bytes | None] = [
        orjson.dumps({"number": number, "variables": emails.variables(number)}) for number in range(count)
    ]
    await queries.enqueue([ENTRYPOINT] * count, payloads, [0] * count)
    await connection.close()


async def work() -> None:
    in_flight = JOBS_IN_FLIGHT[_context.latency]
    queuer = PgQueuer(AsyncpgDriver(await asyncpg.connect(_context.dsn)))
    async with keep_alive_session(_context, connections=in_flight) as session:

        @queuer.entrypoint(ENTRYPOINT)
        async def send(job: Job) -> None:
            await send_one(session, orjson.loads(job.payload or b"")["number"])

        await queuer.run(batch_size=BATCH, max_concurrent_tasks=in_flight)


if __name__ == "__main__":
    uvloop.run(work())
