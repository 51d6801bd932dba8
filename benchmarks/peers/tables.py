"""What is asked of the tables that the peers on PostgreSQL keep their queues in."""

import psycopg
from psycopg import sql

from benchmarks.context import Context


def analyse(context: Context, table: str) -> None:
    """A queue just filled has no statistics, and a peer should not be measured on the plans that come of it."""
    with psycopg.connect(context.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))


def count_rows(context: Context, table: str) -> int:
    with psycopg.connect(context.dsn) as connection:
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])
