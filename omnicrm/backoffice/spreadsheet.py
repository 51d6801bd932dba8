"""Lists as CSV files for spreadsheets, of any length and in constant memory."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet
from django.utils import translation

AnyModel = TypeVar("AnyModel", bound=Model)

CHUNK: Final = 1_000
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(
    records: QuerySet[AnyModel],
    *,
    head: Callable[[], Sequence[str]],
    row: Callable[[AnyModel], Sequence[Any]],
    language: str,
) -> Iterator[bytes]:
    """`head` names the columns and `row` fills them, in this language."""
    with translation.override(language):
        first = _written([head()])
    yield f"{BYTE_ORDER_MARK}{first}".encode()
    stream = records.iterator(chunk_size=CHUNK)
    while chunk := list(islice(stream, CHUNK)):
        with translation.override(language):  # each chunk is made at a moment of its own, between other requests
            written = _written(row(record) for record in chunk)
        yield written.encode()


def _written(rows: Iterable[Sequence[Any]]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def _harmless(cell: object) -> object:
    """Names and addresses are typed by strangers: none may begin a formula that a spreadsheet would run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
