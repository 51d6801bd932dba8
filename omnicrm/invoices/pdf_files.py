"""The PDFs of issued invoices, in Django's default storage. They are written once and never replaced."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from omnicrm.invoices.errors import PdfUnusable
from omnicrm.invoices.models import Invoice
from omnicrm.outbox.attachments import LARGEST_ATTACHED, StoredFile

CONTENT_TYPE: Final = "application/pdf"
FOLDER: Final = "invoices"
"""In the storage; it has a folder per year."""
_NOT_FOR_FILENAMES: Final = re.compile(r"[^\w.-]+")

_AT_ONCE: Final = 8

Keep = Callable[[Invoice, bytes], None]


@contextmanager
def keeping() -> Iterator[Keep]:
    """Gives a function that stores the PDF of an invoice and notes it there. If what follows fails, the files go."""
    stored: list[str] = []

    def keep(invoice: Invoice, content: bytes) -> None:
        path = default_storage.save(f"{FOLDER}/{invoice.issue_date:%Y}/{uuid4()}.pdf", ContentFile(content))
        stored.append(path)
        invoice.pdf_path, invoice.pdf_size = path, len(content)
        invoice.pdf_sha256 = hashlib.sha256(content).hexdigest()

    try:
        yield keep
        _make_durable(stored)
    except BaseException:
        for path in stored:
            default_storage.delete(path)
        raise


def read_pdf(invoice: Invoice) -> bytes:
    """The PDF as it was issued. Raises PdfUnusable."""
    try:
        with default_storage.open(invoice.pdf_path) as file:
            content: bytes = file.read(invoice.pdf_size + 1)
    except (FileNotFoundError, IsADirectoryError, SuspiciousOperation) as error:
        raise PdfUnusable(_("The PDF of %(number)s is gone.") % {"number": invoice.number}) from error
    if hashlib.sha256(content).hexdigest() != invoice.pdf_sha256:
        raise PdfUnusable(_("The PDF of %(number)s is not the one that was issued.") % {"number": invoice.number})
    return content


def attachment(invoice: Invoice) -> StoredFile:
    return StoredFile(
        path=invoice.pdf_path,
        filename=filename(invoice),
        content_type=CONTENT_TYPE,
        size=invoice.pdf_size,
        sha256=invoice.pdf_sha256,
    )


def filename(invoice: Invoice) -> str:
    return f"{_NOT_FOR_FILENAMES.sub('-', str(invoice))}.pdf"


def is_too_large_to_mail(invoice: Invoice) -> bool:
    """Mailjet would refuse it; the email goes without, and leads to it by its link."""
    return invoice.pdf_size > LARGEST_ATTACHED


def _make_durable(paths: Sequence[str]) -> None:
    """Files in our own file system are on the disk before their invoices are committed; other storages see to it.

    Several at a time: a disk takes little longer for eight than for one.
    """
    try:
        files = [Path(default_storage.path(path)) for path in paths]
    except NotImplementedError:
        return
    folders = {folder for file in files for folder in file.parents[:2]}
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="durable") as threads:
        list(threads.map(_sync, files))
    for folder in folders:
        _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
