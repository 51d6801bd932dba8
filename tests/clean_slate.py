"""What tests have committed ends with them: the database is brought back to what the migrations left in it.

Django truncates all tables for that, each with new files for all its indexes, and then makes its content types and
permissions anew. Deleting the few rows that a test has left takes a tenth of the time.
"""

from django.db import connection, transaction

PATIENCE = "2min"
"""How long another session may stay in a transaction that has written, before that is taken for a fault."""


def keep_as_it_is() -> str:
    """Keeps a copy of what is in the tables now. Returns the SQL by which they get back to it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = [name for (name,) in cursor]
        cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
        filled = []
        for table in tables:
            cursor.execute(f"CREATE TABLE kept.{table} AS TABLE {table}")
            if cursor.rowcount:
                filled.append(table)
    return "".join(
        [
            _ALONE.format(patience=PATIENCE, tables=", ".join(tables)),
            *(_EMPTY.format(table=table) for table in tables if table not in filled),
            *(_GET_BACK.format(table=table) for table in filled),
        ]
    )


def get_back(way_back: str) -> None:
    """Runs what `keep_as_it_is` returned."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(way_back)


def changed_tables() -> list[str]:
    """The tables that hold something else than they were kept with."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT)
        tables = [name for (name,) in cursor]
        cursor.execute(" UNION ALL ".join(_CHANGED.format(table=table) for table in tables))
        return [name for (name,) in cursor]


def end_other_sessions() -> list[str]:
    """Ends them, since a database with sessions cannot be dropped. Returns the last statement of each."""
    with connection.cursor() as cursor:
        cursor.execute(_END_OTHERS)
        return [statement for _, statement in cursor]


ALLOW = "GRANT SET ON PARAMETER session_replication_role TO PUBLIC"
"""What the server's superuser must have run once."""

_TABLES = """
SELECT quote_ident(relname) FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
ORDER BY relname
"""

# As TRUNCATE does, it waits for transactions that have written, since what they commit later would stay. In the role
# of a replica neither foreign keys nor triggers are heeded, such as those that keep the audit log as it is.
_ALONE = """
SET LOCAL lock_timeout = '{patience}';
LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE;
SET LOCAL session_replication_role = replica;
"""

_EMPTY = "DELETE FROM {table};"

_GET_BACK = """
DELETE FROM {table} AS now WHERE now NOT IN (SELECT kept FROM kept.{table} AS kept);
INSERT INTO {table} TABLE kept.{table} EXCEPT TABLE {table};
"""

_KEPT = "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'kept'::regnamespace AND relkind = 'r'"

# As text: json has no equality.
_CHANGED = """
SELECT '{table}' WHERE EXISTS (
    (SELECT now::text FROM {table} AS now EXCEPT ALL SELECT kept::text FROM kept.{table} AS kept)
    UNION ALL
    (SELECT kept::text FROM kept.{table} AS kept EXCEPT ALL SELECT now::text FROM {table} AS now)
)
"""

_END_OTHERS = """
SELECT pg_terminate_backend(pid, 10000), query FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
