"""What a worker process holds for the outbox: database pool, connections to Mailjet, budget and dispatcher."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool

from omnicrm.config import Config
from omnicrm.mailjet.transport import Transport
from omnicrm.outbox.budget import Budget
from omnicrm.outbox.dispatch import CALLS_IN_FLIGHT, Dispatcher
from omnicrm.outbox.reconcile import end_leases, reconcile

DATABASE_CONNECTIONS = 4


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """The running outbox of one process."""

    pool: AsyncConnectionPool
    transport: Transport
    budget: Budget
    dispatcher: Dispatcher
    clock: Callable[[], datetime]
    stopping: asyncio.Event

    def stop(self) -> None:
        """Begins no new call and lets those in flight end."""
        self.stopping.set()

    async def look_after(self) -> None:
        """Ends lost leases, reconciles what is unknown, and drains what has become due."""
        async with self.pool.connection() as connection:
            await end_leases(connection, now=self.clock())
        await reconcile(
            pool=self.pool,
            transport=self.transport,
            budget=self.budget,
            clock=self.clock,
            stopping=self.stopping,
        )
        await self.dispatcher.drain()


def conninfo() -> str:
    """The connection string of Django's database, for connections of our own."""
    parameters = connections["default"].get_connection_params()
    names = ("host", "port", "dbname", "user", "password", "sslmode")
    return make_conninfo(**{name: parameters[name] for name in names if parameters.get(name)})


@asynccontextmanager
async def running_outbox(
    config: Config, *, clock: Callable[[], datetime], connections: int = CALLS_IN_FLIGHT
) -> AsyncIterator[Outbox]:
    """Opens all of it for the length of the block."""
    pool = AsyncConnectionPool(
        conninfo(), min_size=1, max_size=DATABASE_CONNECTIONS, open=False, kwargs={"autocommit": True}
    )
    transport = Transport(
        base_url=config.mailjet.base_url,
        api_key=config.mailjet.api_key.get_secret_value(),
        api_secret=config.mailjet.api_secret.get_secret_value(),
        connections=connections,
    )
    async with pool, transport:
        budget = Budget(pool, calls=config.mailjet.calls_per_minute)
        stopping = asyncio.Event()
        dispatcher = Dispatcher(
            config=config, pool=pool, transport=transport, budget=budget, clock=clock, stopping=stopping
        )
        yield Outbox(
            pool=pool,
            transport=transport,
            budget=budget,
            dispatcher=dispatcher,
            clock=clock,
            stopping=stopping,
        )
