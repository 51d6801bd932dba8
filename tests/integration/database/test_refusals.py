"""What cannot work is refused with one line that says why."""

import ctypes
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omnicrm.database import EmbeddedDatabaseError, ensure_embedded
from tests.integration.database.users import User


def refusal(data_dir: Path) -> str:
    with pytest.raises(EmbeddedDatabaseError) as caught:
        ensure_embedded(data_dir, durable=False)
    message = str(caught.value)
    assert "\n" not in message
    assert str(data_dir) in message
    return message


def test_data_of_another_major_version_is_left_alone(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "PG_VERSION").write_text("16\n")
    assert "holds data of PostgreSQL 16, and this is PostgreSQL 18; dump it" in refusal(data_dir)
    assert [file.name for file in data_dir.iterdir()] == ["PG_VERSION"]


def test_a_directory_of_something_else_is_left_alone(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "thesis.txt").touch()
    assert "holds something else than PostgreSQL data" in refusal(data_dir)
    assert [file.name for file in data_dir.iterdir()] == ["thesis.txt"]


def test_an_empty_directory_is_used(data_dir: Path) -> None:
    data_dir.mkdir()
    assert ensure_embedded(data_dir, durable=False)


def test_a_file_in_its_place_is_left_alone(data_dir: Path) -> None:
    data_dir.touch()
    assert "Not a directory" in refusal(data_dir)


def test_a_setting_postgresql_does_not_take_is_named(join: Callable[..., User], data_dir: Path) -> None:
    join(data_dir).leave()
    with (data_dir / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    assert "no_such_setting" in refusal(data_dir)


@pytest.fixture
def tiny_disk(state_dir: Path) -> Iterator[Path]:
    """A disk of 8 MB, where the system lets this process mount one."""
    libc = ctypes.CDLL(None, use_errno=True)
    disk = state_dir / "disk"
    disk.mkdir()
    if libc.mount(b"tmpfs", os.fsencode(disk), b"tmpfs", 0, b"size=8m") != 0:
        pytest.skip(f"cannot mount a disk here: {os.strerror(ctypes.get_errno())}")
    yield disk
    libc.umount2(os.fsencode(disk), 2)


def test_a_full_disk_is_told(tiny_disk: Path) -> None:
    assert "No space left on device" in refusal(tiny_disk / "postgres")
    assert not (tiny_disk / "postgres").exists()
