"""Claiming: taking due messages out of the queue under a lease, most urgent first, so that no two workers share one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg import AsyncConnection

from omnicrm.outbox.states import Lane

LEASE = timedelta(minutes=3)
"""Longer than a call's time-out and a database restart together: past it the claimer counts as dead."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message as the call needs it. `variables` is JSON text; `tries` counts the attempts made before."""

    id: UUID
    section: str
    lane: int
    language: str
    to_email: str
    to_name: str
    subject: str
    variables: str
    tries: int
    created_at: datetime
    is_expired: bool
    suppression: str | None


async def claim(connection: AsyncConnection, *, limit: int, now: datetime) -> list[Claimed]:
    """Claims up to `limit` due messages: all due security mail before any transactional, that before any bulk."""
    claimed: list[Claimed] = []
    for lane in Lane:
        cursor = await connection.execute(
            _CLAIM,
            {"lane": lane.value, "now": now, "lease_until": now + LEASE, "limit": limit - len(claimed)},
            binary=True,
        )
        claimed += [Claimed(*row) for row in await cursor.fetchall()]
        if len(claimed) == limit:
            break
    return claimed


async def is_anything_due(connection: AsyncConnection, *, now: datetime) -> bool:
    cursor = await connection.execute(_ANY_DUE, {"now": now})
    return await cursor.fetchone() is not None


_CLAIM = """
WITH due AS (
    SELECT id FROM outbox_message
    WHERE state = 'queued' AND lane = %(lane)s AND not_before <= %(now)s
    ORDER BY not_before, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE outbox_message AS message
SET state = 'claimed', lease_until = %(lease_until)s
FROM due
WHERE message.id = due.id
RETURNING message.id, section, lane, language, to_email, to_name, subject, variables::text,
    jsonb_array_length(attempts), created_at, coalesce(expires_at <= %(now)s, false),
    (SELECT reason FROM outbox_suppression WHERE address = to_email AND scope = 'everything')
"""

_ANY_DUE = """
SELECT 1 FROM unnest(ARRAY[0, 1, 2]) AS urgency (lane)
WHERE EXISTS (
    SELECT FROM outbox_message AS message
    WHERE message.state = 'queued' AND message.lane = urgency.lane AND message.not_before <= %(now)s
)
LIMIT 1
"""
