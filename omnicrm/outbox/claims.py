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
    """A message as the call needs it. `variables` and `attachments` are JSON text; `tries` counts earlier attempts."""

    id: UUID
    section: str
    lane: int
    is_marketing: bool
    language: str
    to_email: str
    to_name: str
    subject: str
    variables: str
    attachments: str
    attached: int
    """Bytes of all attachments."""
    tries: int
    created_at: datetime
    is_expired: bool
    suppression: str | None


async def claim(connection: AsyncConnection, *, limit: int, attached: int, now: datetime) -> list[Claimed]:
    """Claims up to `limit` due messages: all due security mail before any transactional, that before any bulk.

    Together they have at most `attached` bytes of files, or a single message has more; in each lane, what is too much
    waits for the next claim.
    """
    claimed: list[Claimed] = []
    for lane in Lane:
        bounds = {"limit": limit - len(claimed), "attached": attached - sum(message.attached for message in claimed)}
        cursor = await connection.execute(
            _CLAIM,
            {"lane": lane.value, "now": now, "lease_until": now + LEASE, **bounds, "is_first": not claimed},
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
WITH locked AS (
    SELECT id, not_before,
        CASE WHEN attachments = '[]' THEN 0
            ELSE (SELECT sum((file ->> 'size')::int)::int FROM jsonb_array_elements(attachments) AS file)
        END AS attached
    FROM outbox_message
    WHERE state = 'queued' AND lane = %(lane)s AND not_before <= %(now)s
    ORDER BY not_before, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), due AS (
    SELECT id, attached FROM (
        SELECT id, attached, sum(attached) OVER next AS together, row_number() OVER next AS place
        FROM locked WINDOW next AS (ORDER BY not_before, id)
    ) AS counted
    WHERE together <= %(attached)s OR (place = 1 AND %(is_first)s)
)
UPDATE outbox_message AS message
SET state = 'claimed', lease_until = %(lease_until)s
FROM due
WHERE message.id = due.id
RETURNING message.id, section, lane, is_marketing, language, to_email, to_name, subject, variables::text,
    attachments::text, attached, jsonb_array_length(attempts), created_at, coalesce(expires_at <= %(now)s, false),
    (
        SELECT reason FROM outbox_suppression
        WHERE address = to_email AND (scope = 'everything' OR (scope = 'marketing' AND is_marketing))
        ORDER BY scope
        LIMIT 1
    )
"""

_ANY_DUE = """
SELECT 1 FROM unnest(ARRAY[0, 1, 2]) AS urgency (lane)
WHERE EXISTS (
    SELECT FROM outbox_message AS message
    WHERE message.state = 'queued' AND message.lane = urgency.lane AND message.not_before <= %(now)s
)
LIMIT 1
"""
