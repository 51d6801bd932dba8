"""Months of the message table. A UUIDv7 begins with its time, so `id` alone is both primary key and partition key."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db import connection, transaction

MONTHS_AHEAD = 3
_CREATION_LOCK = 7_300_001
"""Advisory lock: two processes that start together make each month once."""


def lowest_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: ids made at or after it are not lower."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def ensure_partitions(*, now: datetime) -> list[str]:
    """Makes the table's partitions for this month and the next three; returns the names of those it made.

    Messages of a month that was not there in time, say of a clock gone astray, lie in the rest; such a month stays so.
    """
    made = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CREATION_LOCK])
        for start, end in pairwise(_month_starts(now.astimezone(UTC), count=MONTHS_AHEAD + 2)):
            name = f"outbox_message_{start:%Y_%m}"
            cursor.execute(_IS_MISSING_AND_FREE, [name, lowest_id(start), lowest_id(end)])
            if cursor.fetchone() == (True,):
                cursor.execute(
                    f"CREATE TABLE {name} PARTITION OF outbox_message FOR VALUES FROM ('{lowest_id(start)}') "
                    f"TO ('{lowest_id(end)}') WITH (autovacuum_vacuum_scale_factor = 0.02, "
                    "autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05)"
                )
                made.append(name)
    return made


def _month_starts(moment: datetime, *, count: int) -> Iterator[datetime]:
    start = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(count):
        yield start
        start = (start + timedelta(days=32)).replace(day=1)


_IS_MISSING_AND_FREE = """
SELECT to_regclass(%s) IS NULL
    AND NOT EXISTS (SELECT FROM outbox_message_rest WHERE id >= %s AND id < %s)
"""
