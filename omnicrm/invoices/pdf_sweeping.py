"""Files of PDFs that belong to no invoice: their transaction was rolled back, or whoever drew them was killed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from django.core.files.storage import default_storage

from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pdf_files import FOLDER

UNTOUCHED: Final = timedelta(days=1)
"""A younger file may belong to an invoice that is about to be committed."""
SWEPT_AT_ONCE: Final = 10_000
"""Files per night; what is left goes the night after."""
_LOOKED_UP_AT_ONCE: Final = 1_000


def sweep_pdfs(*, limit: int = SWEPT_AT_ONCE, now: datetime) -> int:
    """Deletes files older than a day that no invoice names, at most `limit`, and returns how many."""
    orphans = (path for path in _unnamed() if _is_older(path, than=now - UNTOUCHED))
    swept = 0
    for path in islice(orphans, limit):
        default_storage.delete(path)
        swept += 1
    return swept


def _unnamed() -> Iterator[str]:
    """Whether an invoice names a file is asked first: another storage takes a request to tell the age of each."""
    for folder in _folders():
        _inner, names = default_storage.listdir(folder)
        for start in range(0, len(names), _LOOKED_UP_AT_ONCE):
            yield from _without_invoice([f"{folder}/{name}" for name in names[start : start + _LOOKED_UP_AT_ONCE]])


def _folders() -> list[str]:
    """One per year."""
    try:
        years, _files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return []
    return [f"{FOLDER}/{year}" for year in years]


def _without_invoice(paths: Sequence[str]) -> list[str]:
    named = set(Invoice.objects.filter(pdf_path__in=paths).values_list("pdf_path", flat=True))
    return [path for path in paths if path not in named]


def _is_older(path: str, *, than: datetime) -> bool:
    try:
        return default_storage.get_modified_time(path) < than
    except FileNotFoundError:
        return False
