"""What the server that starts by itself is like."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from omnicrm.config import Database
from omnicrm.database import ensure_embedded
from tests.integration.database.users import Server, remember, remembered


@pytest.fixture(scope="module")
def standing() -> Iterator[Path]:
    """The data directory of a server that the tests here only look at."""
    with tempfile.TemporaryDirectory(prefix="omnicrm-database-") as directory:
        data_dir = Path(directory).resolve() / "postgres"
        ensure_embedded(data_dir, durable=False)
        yield data_dir
        Server(data_dir=data_dir).kill()


def test_each_database_is_created_when_it_is_missing(standing: Path) -> None:
    first = ensure_embedded(standing, durable=False)
    second = ensure_embedded(standing, database='odd "name"/é', durable=False)
    remember(first, "first")
    remember(second, "second")
    assert remembered(first) == ["first"]
    with psycopg.connect(second) as connection:
        assert connection.info.dbname == 'odd "name"/é'


def test_text_is_unicode_whatever_the_machines_language(standing: Path) -> None:
    with psycopg.connect(ensure_embedded(standing, durable=False)) as connection:
        row = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocale, upper('équipe') FROM pg_database WHERE datname = %s",
            [connection.info.dbname],
        ).fetchone()
    assert row == ("UTF8", "C.UTF-8", "ÉQUIPE")


def test_its_user_owns_the_database_and_is_no_superuser(standing: Path) -> None:
    with psycopg.connect(ensure_embedded(standing, durable=False), autocommit=True) as connection:
        connection.execute("CREATE DATABASE test_omnicrm")  # as a test run does
        assert connection.info.parameter_status("is_superuser") == "off"


def test_the_settings_for_a_queue_are_in_force(standing: Path) -> None:
    expected = {"jit": "off", "max_connections": "200", "shared_buffers": "256MB", "autovacuum_naptime": "10s"}
    with psycopg.connect(ensure_embedded(standing, durable=False)) as connection:
        found = {name: connection.execute(f"SHOW {name}").fetchone() for name in expected}
    assert found == {name: (value,) for name, value in expected.items()}


def test_a_directory_reached_through_a_link_is_the_same(standing: Path, tmp_path: Path) -> None:
    address = ensure_embedded(standing, durable=False)
    link = tmp_path / "link"
    link.symlink_to(standing.parent)
    assert ensure_embedded(link / "postgres", durable=False) == address


def test_variables_meant_for_clients_do_not_disturb_it(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGDATABASE", "elsewhere")
    remember(ensure_embedded(data_dir, durable=False), "kept")


@pytest.mark.parametrize(("durable", "value"), [(True, "on"), (False, "off")])
def test_only_a_durable_server_waits_for_the_disk(data_dir: Path, durable: bool, value: str) -> None:
    with psycopg.connect(ensure_embedded(data_dir, durable=durable)) as connection:
        settings = ("fsync", "full_page_writes", "synchronous_commit")
        assert [connection.execute(f"SHOW {name}").fetchone() for name in settings] == [(value,)] * 3


@pytest.mark.parametrize("name", ["d" * 150, "with space, comma", "with 'quotes\" and $(é%)"])
def test_any_path_will_do(state_dir: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(state_dir))  # where a short link to a long path is made
    address = ensure_embedded(state_dir / name / "postgres", durable=False)
    remember(address, "kept")
    configured = Database.from_url(address)
    with psycopg.connect(configured.conninfo()) as connection:
        assert connection.execute("SELECT word FROM note").fetchall() == [("kept",)]
    assert len(os.fsencode(configured.host)) < 100
