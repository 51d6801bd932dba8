"""The durable budget of calls to Mailjet, shared by every process on every machine, and the pause after trouble.

Strict: a call counts from its grant until 60 s after its end, so however long it travels, no 60 s seen from Mailjet's
side hold more calls than the limit. Even: calls keep a distance of 60 s / limit, so the window is never used up in a
burst and a place is never further away than that distance; security mail, first in every call, takes the next one.
A call that comes a little late does not shift the beat, so the whole limit is used. The database's clock decides,
because machines disagree about the time.
"""

import asyncio
import random
from dataclasses import dataclass

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from omnicrm.mailjet.errors import MailjetError, OutcomeUnknown, RateLimited, Unauthorized, Unreachable

LONGEST_CALL_SECONDS = 60
"""A call whose end nobody reported counts as ended after this."""
_LOCK = 7_300_002


@dataclass(frozen=True, kw_only=True, slots=True)
class Backoff:
    """Seconds of pause: doubles from `first` with each failure in a row, up to `longest`, with jitter."""

    first: float
    longest: float

    def seconds(self, failures: int) -> float:
        full = min(self.longest, self.first * 2.0 ** min(failures - 1, 20))
        return full * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing


BACKOFF: dict[type[MailjetError], Backoff] = {
    RateLimited: Backoff(first=5, longest=120),
    Unreachable: Backoff(first=1, longest=60),
    OutcomeUnknown: Backoff(first=2, longest=60),
    Unauthorized: Backoff(first=30, longest=300),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """Leave to make `calls` calls; `id` is None where nothing is counted. `is_probe`: the last call had failed."""

    calls: int
    id: int | None = None
    is_probe: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """No call now. `seconds` until it is worth asking again, and why."""

    seconds: float
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Calls that count at present, against the limit (None: unlimited)."""

    used: int
    limit: int | None


class Budget:
    """`calls` per `window` seconds over all processes; `calls=None` counts nothing but still honours pauses."""

    def __init__(self, pool: AsyncConnectionPool, *, calls: int | None, window: float = 60) -> None:
        self._pool = pool
        self._calls = calls
        self._window = window

    async def ask(self, *, wanted: int = 1) -> Grant | Wait:
        """Grants calls, `wanted` at most, or says how long to wait. Every Grant ends in `finish` or `give_back`."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_PAUSE_LEFT)).fetchone()
            if row is not None and row[0] > 0:
                return Wait(seconds=row[0], why=row[1])
            is_probe = row is not None
            if self._calls is None:
                return Grant(calls=1 if is_probe else wanted, is_probe=is_probe)
            async with connection.transaction():
                return await self._take(connection, self._calls, is_probe=is_probe)

    async def _take(self, connection: AsyncConnection, calls: int, *, is_probe: bool) -> Grant | Wait:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        bounds = {"window": self._window, "distance": self._window / calls, "calls": calls}
        row = await (await connection.execute(_WAIT, bounds)).fetchone()
        if row is not None and row[0] > 0:
            return Wait(seconds=row[0], why="budget")
        bounds["longest"] = LONGEST_CALL_SECONDS + self._window
        row = await (await connection.execute(_GRANT, bounds)).fetchone()
        return Grant(calls=1, id=row[0] if row else None, is_probe=is_probe)

    async def finish(self, grant: Grant) -> None:
        """The call has ended; from here it counts for one window more."""
        if grant.id is not None:
            async with self._pool.connection() as connection:
                await connection.execute(_FINISH, {"id": grant.id, "window": self._window})

    async def give_back(self, grant: Grant) -> None:
        """No call was made: the place is free again."""
        if grant.id is not None:
            async with self._pool.connection() as connection:
                await connection.execute("DELETE FROM outbox_call WHERE id = %s", [grant.id])

    async def pause(self, error: MailjetError) -> None:
        """Holds all calls of all processes back, longer with each failure in a row.

        Calls that fail while the pause is in force were under way before it: they are part of the same failure.
        """
        backoff = next(BACKOFF[kind] for kind in type(error).mro() if kind in BACKOFF)
        async with self._pool.connection() as connection, connection.transaction():
            row = await (await connection.execute(_FAILURES)).fetchone()
            failures = row[0] if row else 1
            seconds = error.retry_after or backoff.seconds(failures)
            await connection.execute(_PAUSE, {"seconds": seconds, "reason": str(error), "failures": failures})

    async def resume(self, grant: Grant) -> None:
        """This call went through: where it was a probe, the trouble is over."""
        if grant.is_probe:
            async with self._pool.connection() as connection:
                await connection.execute("DELETE FROM outbox_pause WHERE until <= clock_timestamp()")

    async def wait(self, stopping: asyncio.Event, *, wanted: int = 1) -> Grant | None:
        """Waits for a grant; None if `stopping` was set first."""
        while not stopping.is_set():
            answer = await self.ask(wanted=wanted)
            if isinstance(answer, Grant):
                return answer
            try:
                await asyncio.wait_for(stopping.wait(), timeout=answer.seconds)
            except TimeoutError:
                continue
        return None

    async def forget_old_calls(self) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(
                "DELETE FROM outbox_call WHERE counts_until < clock_timestamp() - interval '1 hour'"
            )

    async def usage(self) -> Usage:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_USED)).fetchone()
        return Usage(used=row[0] if row else 0, limit=self._calls)


_PAUSE_LEFT = """
SELECT extract(epoch FROM until - clock_timestamp())::float8, reason FROM outbox_pause
"""

_WAIT = """
SELECT greatest(
    CASE WHEN count(*) >= %(calls)s
        THEN extract(epoch FROM min(counts_until) - clock_timestamp()) END,
    extract(epoch FROM max(granted_at) - clock_timestamp()) + %(distance)s,
    0
)::float8
FROM outbox_call
WHERE counts_until > clock_timestamp()
"""

_GRANT = """
INSERT INTO outbox_call (granted_at, counts_until)
SELECT
    CASE WHEN clock_timestamp() - max(granted_at) < make_interval(secs => 2 * %(distance)s)
        THEN max(granted_at) + make_interval(secs => %(distance)s)
        ELSE clock_timestamp() END,
    clock_timestamp() + make_interval(secs => %(longest)s)
FROM outbox_call
WHERE counts_until > clock_timestamp()
RETURNING id
"""

_FINISH = (
    "UPDATE outbox_call SET counts_until = clock_timestamp() + make_interval(secs => %(window)s) WHERE id = %(id)s"
)

_USED = "SELECT count(*) FROM outbox_call WHERE counts_until > clock_timestamp()"

_FAILURES = "SELECT failures + (until <= clock_timestamp())::int FROM outbox_pause FOR UPDATE"

_PAUSE = """
INSERT INTO outbox_pause (id, until, reason, since, failures)
VALUES (1, clock_timestamp() + make_interval(secs => %(seconds)s), %(reason)s, clock_timestamp(), %(failures)s)
ON CONFLICT (id) DO UPDATE
SET until = greatest(outbox_pause.until, excluded.until), reason = excluded.reason, failures = excluded.failures
"""
