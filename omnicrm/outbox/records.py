"""Recording: what became of claimed messages, durable before anyone relies on it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from omnicrm.outbox.states import State

log = structlog.get_logger()

RETRY_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one claimed message goes on. `not_before` matters for `queued` and `unknown`, the id for `accepted`."""

    id: UUID
    state: State
    reason: str = ""
    mailjet_message_id: int | None = None
    not_before: datetime | None = None


async def record(
    connection: AsyncConnection, outcomes: Sequence[Outcome], *, now: datetime, before: State = State.CLAIMED
) -> None:
    """Writes outcomes of messages in the state `before` and adds each to its message's attempts.

    A message that has moved on meanwhile stays as it is, except that an acceptance is recorded even if the message
    had been put back: Mailjet has it. Where an event was quicker, the message keeps the state it has from that. Rows
    are locked in the order of their ids, as by everybody who changes messages that Mailjet may have.
    """
    ids = [outcome.id for outcome in outcomes]
    await connection.execute(
        _RECORD,
        {
            "now": now,
            "before": before.value,
            "ids": ids,
            "states": [outcome.state.value for outcome in outcomes],
            "reasons": [outcome.reason for outcome in outcomes],
            "mailjet_ids": [outcome.mailjet_message_id for outcome in outcomes],
            "not_befores": [outcome.not_before for outcome in outcomes],
            "lowest": min(ids),
            "highest": max(ids),
        },
    )


@dataclass(frozen=True, slots=True)
class _Write:
    """Outcomes that go out together, and the future that tells when they are durable."""

    outcomes: list[Outcome] = field(default_factory=list)
    done: asyncio.Future[None] = field(default_factory=asyncio.Future)


class Recorder:
    """Records for many calls at once: while one write is under way the next outcomes gather, and go out together."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool
        self._next = _Write()
        self._writing = asyncio.Lock()

    async def record(self, outcomes: Sequence[Outcome], *, now: datetime) -> None:
        """Returns once the outcomes are durable. Waits out a database that is away: they are worth keeping."""
        write = self._next
        write.outcomes.extend(outcomes)
        async with self._writing:
            if not write.done.done():
                self._next = _Write()
                await self._carry_out(write, now=now)
        write.done.result()

    async def _carry_out(self, write: _Write, *, now: datetime) -> None:
        try:
            await self._until_written(write.outcomes, now=now)
        except BaseException as error:
            write.done.set_exception(error)
            raise
        write.done.set_result(None)

    async def _until_written(self, outcomes: Sequence[Outcome], *, now: datetime) -> None:
        while True:
            try:
                async with self._pool.connection() as connection:
                    return await record(connection, outcomes, now=now)
            except (OperationalError, PoolTimeout) as error:
                log.warning("outcomes_wait_for_database", messages=len(outcomes), error=str(error))
                await asyncio.sleep(RETRY_SECONDS)


# The rows are locked by a condition that is asked once, before any of them is looked for: joined with what is updated,
# it would have the planner read whole months.
_RECORD = """
WITH locked AS (
    SELECT id FROM outbox_message
    WHERE id = ANY(%(ids)s) AND id BETWEEN %(lowest)s AND %(highest)s
    ORDER BY id
    FOR NO KEY UPDATE
)
UPDATE outbox_message AS message
SET state = CASE WHEN message.state IN {moved_on} THEN message.state ELSE outcome.state END,
    reason = CASE WHEN message.state IN {moved_on} THEN message.reason ELSE outcome.reason END,
    lease_until = NULL,
    not_before = coalesce(outcome.not_before, message.not_before),
    accepted_at = CASE WHEN outcome.state = 'accepted' THEN %(now)s ELSE message.accepted_at END,
    mailjet_message_id = coalesce(outcome.mailjet_message_id, message.mailjet_message_id),
    attempts = message.attempts || jsonb_build_object(
        'at', %(now)s::timestamptz, 'outcome', outcome.state, 'detail', outcome.reason)
FROM unnest(
    %(ids)s::uuid[], %(states)s::text[], %(reasons)s::text[], %(mailjet_ids)s::bigint[], %(not_befores)s::timestamptz[]
) AS outcome (id, state, reason, mailjet_message_id, not_before)
WHERE (SELECT count(*) FROM locked) > 0
    AND message.id = outcome.id
    AND message.id BETWEEN %(lowest)s AND %(highest)s
    AND (
        message.state = %(before)s
        OR (outcome.state = 'accepted' AND (message.state IN {moved_on} OR message.state IN ('queued', 'unknown')))
    )
""".format(moved_on="('deferred', 'delivered', 'bounced', 'blocked', 'complained')")  # noqa: S608 - nothing from outside
