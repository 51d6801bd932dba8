"""Reconciling: asking Mailjet what became of messages whose call had no answer, before any of them is sent again."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from omnicrm.mailjet.errors import MailjetError
from omnicrm.mailjet.messages import find_by_custom_id
from omnicrm.mailjet.transport import Transport
from omnicrm.outbox import reasons
from omnicrm.outbox.budget import Budget
from omnicrm.outbox.records import Outcome, record
from omnicrm.outbox.states import State

log = structlog.get_logger()

LOOK_UPS = (timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=10))
"""Moments after the loss at which Mailjet is asked. Its listing lags by minutes: only the last "no" is believed."""
CLOCKS_APART = timedelta(minutes=5)
"""How far Mailjet's clock and ours may differ."""
MESSAGES_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message whose outcome was lost. `attempts` as in Message."""

    id: UUID
    created_at: datetime
    attempts: Sequence[dict[str, Any]]

    @property
    def lost_at(self) -> datetime:
        """When the call ended without an answer: the last attempt that was not itself a look-up."""
        losses = [a["at"] for a in self.attempts if a["detail"] != reasons.NOT_LISTED_YET]
        return datetime.fromisoformat(losses[-1])


async def end_leases(connection: AsyncConnection, *, now: datetime) -> int:
    """Turns messages whose worker was lost in mid-call into `unknown`; returns how many."""
    cursor = await connection.execute(
        _END_LEASES, {"now": now, "ask_at": now + LOOK_UPS[0], "reason": reasons.WORKER_LOST}
    )
    return cursor.rowcount


async def reconcile(
    *,
    pool: AsyncConnectionPool,
    transport: Transport,
    budget: Budget,
    clock: Callable[[], datetime],
    stopping: asyncio.Event,
) -> bool:
    """Asks Mailjet about unknown messages whose time has come. True if any of them is to be sent again."""
    again = False
    async with pool.connection() as connection:
        cursor = await connection.execute(_DUE_UNKNOWN, {"now": clock(), "limit": MESSAGES_AT_A_TIME})
        due = [Unknown(*row) for row in await cursor.fetchall()]
    for message in due:
        grant = await budget.wait(stopping)
        if grant is None:
            break
        try:
            mailjet_id = await find_by_custom_id(
                transport, str(message.id), since=message.created_at - CLOCKS_APART, until=clock() + CLOCKS_APART
            )
        except MailjetError as error:
            log.warning("look_up_failed", message_id=str(message.id), error=str(error))
            await budget.pause(error)
            break
        finally:
            await budget.finish(grant)
        await budget.resume(grant)
        outcome = conclude(message, mailjet_id, now=clock())
        async with pool.connection() as connection:
            await record(connection, [outcome], now=clock(), before=State.UNKNOWN)
        again |= outcome.state == State.QUEUED
    return again


def conclude(message: Unknown, mailjet_id: int | None, *, now: datetime) -> Outcome:
    """What a look-up's answer means: accepted, ask again later, or, after the last "no", send again."""
    if mailjet_id is not None:
        return Outcome(id=message.id, state=State.ACCEPTED, reason=reasons.FOUND, mailjet_message_id=mailjet_id)
    later = [message.lost_at + delay for delay in LOOK_UPS if message.lost_at + delay > now]
    if later:
        return Outcome(id=message.id, state=State.UNKNOWN, reason=reasons.NOT_LISTED_YET, not_before=later[0])
    return Outcome(id=message.id, state=State.QUEUED, reason=reasons.NEVER_ARRIVED, not_before=now)


_END_LEASES = """
UPDATE outbox_message
SET state = 'unknown', reason = %(reason)s, lease_until = NULL, not_before = %(ask_at)s,
    attempts = attempts || jsonb_build_object(
        'at', %(now)s::timestamptz, 'outcome', 'unknown', 'detail', %(reason)s::text)
WHERE state = 'claimed' AND lease_until < %(now)s
"""

_DUE_UNKNOWN = """
SELECT id, created_at, attempts FROM outbox_message
WHERE state = 'unknown' AND not_before <= %(now)s
ORDER BY lane, not_before
LIMIT %(limit)s
"""
