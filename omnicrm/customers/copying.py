"""Inserting records by COPY: several times as fast as INSERT, with the same constraints and triggers."""

from collections.abc import Sequence

import orjson
from django.db import connection
from django.db.models import JSONField, Model


def take_ids(records: Sequence[Model]) -> None:
    """Gives new records of one model their ids ahead of their insertion."""
    if not records:
        return
    table = records[0]._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(records)]
        )
        for record, (pk,) in zip(records, cursor.fetchall(), strict=True):
            record.pk = pk


def copy_in(records: Sequence[Model]) -> None:
    """Inserts new records of one model as they are. Those without an id are given one that they do not learn."""
    if not records:
        return
    options = records[0]._meta
    fields = [
        field for field in options.concrete_fields if not (field.generated or (field.primary_key and not records[0].pk))
    ]
    names = [field.attname for field in fields]
    documents = {field.attname for field in fields if isinstance(field, JSONField)}
    columns = ", ".join(f'"{field.column}"' for field in fields)
    statement = f"COPY {options.db_table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for record in records:
            values = record.__dict__
            copy.write_row(
                [orjson.dumps(values[name]).decode() if name in documents else values[name] for name in names]
            )
