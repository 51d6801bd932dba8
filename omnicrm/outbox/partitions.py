"""Tables by months: which there are, and their partitions, made ahead.

A UUIDv7 begins with its time, so the message table's `id` alone is both primary key and partition key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

MONTHS_AHEAD = 3
_CREATION_LOCK = 7_300_001
"""Advisory lock: two processes that start together make each month once."""


def lowest_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: ids made at or after it are not lower."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def made_at(message_id: UUID) -> datetime:
    """The moment in a UUIDv7."""
    return datetime.fromtimestamp((message_id.int >> 80) / 1000, UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthlyTable:
    """A table partitioned by ranges of `column`; `bound` is the column's lowest value of a moment, as a literal.

    What belongs to no month that is there lies in its partition `<name>_rest`.
    """

    name: str
    column: str
    bound: Callable[[datetime], str]


_TABLES = {"outbox_message": MonthlyTable(name="outbox_message", column="id", bound=lambda at: str(lowest_id(at)))}


def keep_monthly(table: MonthlyTable) -> None:
    """Has the table's months made together with those of the messages; a room calls it as the program starts."""
    _TABLES[table.name] = table


def ensure_partitions(*, now: datetime) -> list[str]:
    """Makes every table's partitions for this month and the next three; returns the names of those it made.

    Rows of a month that was not there in time, say of a clock gone astray, lie in the rest; such a month stays so.
    A table that no migration has made yet is left out.
    """
    months = list(pairwise(_month_starts(now.astimezone(UTC), count=MONTHS_AHEAD + 2)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CREATION_LOCK])
        there = [table for table in _TABLES.values() if _exists(cursor, table.name)]
        made = [_ensure_month(cursor, table, start, end) for table in there for start, end in months]
    return [name for name in made if name]


def _ensure_month(cursor: CursorWrapper, table: MonthlyTable, start: datetime, end: datetime) -> str:
    """The new partition's name, or "" where there is nothing to make."""
    name = f"{table.name}_{start:%Y_%m}"
    bounds = [table.bound(start), table.bound(end)]
    if _exists(cursor, name) or _has_rest(cursor, table, bounds):
        return ""
    cursor.execute(
        f"CREATE TABLE {name} PARTITION OF {table.name} FOR VALUES FROM ('{bounds[0]}') TO ('{bounds[1]}') "
        "WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, "
        "autovacuum_vacuum_insert_scale_factor = 0.05)"
    )
    return name


def _exists(cursor: CursorWrapper, name: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
    return bool(cursor.fetchone()[0])


def _has_rest(cursor: CursorWrapper, table: MonthlyTable, bounds: list[str]) -> bool:
    # S608: names and column are those given above, and by rooms at the start
    cursor.execute(
        f"SELECT EXISTS (SELECT FROM {table.name}_rest WHERE {table.column} >= %s AND {table.column} < %s)",  # noqa: S608
        bounds,
    )
    return bool(cursor.fetchone()[0])


def _month_starts(moment: datetime, *, count: int) -> Iterator[datetime]:
    start = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(count):
        yield start
        start = (start + timedelta(days=32)).replace(day=1)
