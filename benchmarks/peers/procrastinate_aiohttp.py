"""procrastinate + aiohttp on PostgreSQL, one job per email.

Tuning: two worker processes, one per core; enough jobs in flight to cover the latency; no listening, which brings
nothing while the queue is full, and a short poll, since now and then two workers get in each other's way and one waits;
finished jobs deleted; its tables analysed once they are filled.
"""

import asyncio
import sys
from collections.abc import Sequence
from typing import ClassVar

import aiohttp
from procrastinate import App, PsycopgConnector
from procrastinate.types import JSONDict

from benchmarks import emails
from benchmarks.context import Context
from benchmarks.peer import Command, Peer
from benchmarks.peers.one_call import keep_alive_session, send_one
from benchmarks.peers.tables import analyse, count_rows

WORKERS = 2
JOBS_IN_FLIGHT = {0.0: 20, 0.1: 80}
DATABASE_CONNECTIONS = 10
TABLE = "procrastinate_jobs"

_context = Context.from_environment()
app = App(
    connector=PsycopgConnector(conninfo=_context.dsn, min_size=DATABASE_CONNECTIONS, max_size=DATABASE_CONNECTIONS)
)
_sessions: list[aiohttp.ClientSession] = []


@app.task(name="send")
async def send(*, number: int, variables: dict[str, str]) -> None:  # noqa: ARG001 - carried as a real job would
    await send_one(_sessions[0], number)


class ProcrastinateQueue:
    per_second: ClassVar = {0.0: 730, 0.1: 640}

    def prepare(self, context: Context, count: int) -> Sequence[Command]:
        with app.open():
            app.schema_manager.apply_schema()
            send.batch_defer(*(_job(number) for number in range(count)))
        analyse(context, TABLE)
        return [[sys.executable, "-m", __name__]] * WORKERS

    def remaining(self, context: Context) -> int:
        return count_rows(context, TABLE)


PEER: Peer = ProcrastinateQueue()


def _job(number: int) -> JSONDict:
    return {"number": number, "variables": {**emails.variables(number)}}


async def work() -> None:
    in_flight = JOBS_IN_FLIGHT[_context.latency]
    async with app.open_async(), keep_alive_session(_context, connections=in_flight) as session:
        _sessions.append(session)
        await app.run_worker_async(
            concurrency=in_flight, listen_notify=False, fetch_job_polling_interval=0.05, delete_jobs="successful"
        )


if __name__ == "__main__":
    asyncio.run(work())
