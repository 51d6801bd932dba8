"""Files of PDFs that no invoice names go after a day, and no other file does."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from omnicrm.customers.models import Customer
from omnicrm.invoices import pdf_sweeping
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pdf_sweeping import sweep_pdfs
from omnicrm.invoices.tasks import sweep
from tests.integration.invoices.conftest import NOW, fresh, issue

LATER = datetime.now(NOW.tzinfo) + timedelta(days=2)


def pdfs(files: Path) -> set[str]:
    return {str(found.relative_to(files)) for found in files.rglob("*.pdf")}


def orphan(files: Path, name: str = "left.pdf", *, age: timedelta = timedelta(days=2), year: str = "2024") -> Path:
    path = files / "invoices" / year / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"%PDF")
    at = (datetime.now(NOW.tzinfo) - age).timestamp()
    os.utime(path, (at, at))
    return path


def test_what_a_rolled_back_transaction_drew_goes(files: Path, martin: Customer) -> None:
    kept = issue(martin)
    with transaction.atomic():
        issue(martin)
        transaction.set_rollback(True)
    assert len(pdfs(files)) == 2
    assert sweep_pdfs(now=LATER) == 1
    assert pdfs(files) == {fresh(kept).pdf_path}
    assert sweep_pdfs(now=LATER) == 0


def test_a_file_younger_than_a_day_may_still_get_its_invoice(files: Path, martin: Customer) -> None:
    young, old = orphan(files, "young.pdf", age=timedelta(hours=23)), orphan(files, age=timedelta(hours=25))
    assert sweep_pdfs(now=datetime.now(NOW.tzinfo)) == 1
    assert young.exists()
    assert not old.exists()


def test_a_night_deletes_so_many_and_the_next_goes_on(
    files: Path, martin: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_sweeping, "_LOOKED_UP_AT_ONCE", 2)
    kept = issue(martin)
    for number in range(5):
        orphan(files, f"{number}.pdf", year=f"202{number % 2}")
    assert [sweep_pdfs(limit=3, now=LATER) for _night in range(3)] == [3, 2, 0]
    assert pdfs(files) == {kept.pdf_path}


def test_other_rooms_files_are_left_alone(files: Path, martin: Customer) -> None:
    elsewhere = files / "exports" / "a.pdf"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(b"%PDF")
    assert sweep_pdfs(now=LATER) == 0
    assert elsewhere.exists()


@pytest.mark.django_db
def test_the_nightly_job_sweeps_and_an_empty_storage_is_no_trouble(files: Path) -> None:
    sweep(timestamp=int(LATER.timestamp()))
    path = orphan(files)
    sweep(timestamp=int(LATER.timestamp()))
    assert not path.exists()
    assert not Invoice.objects.exists()
