"""After the worst end of a server, the next start finds the data, whatever was left lying about."""

import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.integration.database.users import Server, User, remember, remembered

Begin = Callable[..., subprocess.Popen[str]]
Join = Callable[..., User]


@pytest.fixture
def crashed(join: Join, data_dir: Path, server: Server) -> Server:
    """A server that was killed together with its users, after something was written to it."""
    users = [join(data_dir), join(data_dir)]
    remember(users[0].address, "kept")
    for user in users:
        user.kill()
    server.kill()
    return server


@pytest.mark.usefixtures("crashed")
def test_what_was_committed_before_everything_was_killed_is_there(join: Join, data_dir: Path) -> None:
    assert remembered(join(data_dir).address) == ["kept"]


def test_a_killed_postmaster_is_replaced_while_its_children_still_end(
    join: Join, data_dir: Path, server: Server
) -> None:
    user = join(data_dir)
    remember(user.address, "kept")
    with closing(psycopg.connect(user.address)) as connection:
        connection.execute("SELECT 1")  # leaves a transaction open
        psutil.Process(server.pid).kill()
        assert remembered(join(data_dir).address) == ["kept"]


def test_a_stale_pid_file_with_the_number_of_another_program_is_seen_through(
    join: Join, crashed: Server, data_dir: Path
) -> None:
    owner = data_dir.stat()
    other = subprocess.Popen(["/bin/sleep", "60"], user=owner.st_uid, group=owner.st_gid)  # of the server's own account
    try:
        for file in (data_dir / "postmaster.pid", data_dir / ".s.PGSQL.5432.lock"):
            _, rest = file.read_text().split("\n", 1)
            file.write_text(f"{other.pid}\n{rest}")
        assert remembered(join(data_dir).address) == ["kept"]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("content", ["", "garbage"])
@pytest.mark.usefixtures("crashed")
def test_a_damaged_pid_file_is_no_obstacle(join: Join, data_dir: Path, content: str) -> None:
    (data_dir / "postmaster.pid").write_text(content)
    assert remembered(join(data_dir).address) == ["kept"]


def test_an_unfinished_first_start_is_begun_again(join: Join, data_dir: Path) -> None:
    draft = data_dir.with_name("postgres.new")
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    remember(join(data_dir).address, "new")
    assert not draft.exists()


def recover_slowly(data_dir: Path, *, seconds: int) -> None:
    """Make the next start recover from an archive, whose first file takes some seconds not to come."""
    asked = data_dir / "asked"
    command = f"test -e {asked} || (touch {asked}; sleep {seconds}); false"
    with (data_dir / "postgresql.conf").open("a") as file:
        file.write(f"restore_command = '{command}'\n")
    (data_dir / "recovery.signal").touch()


@pytest.mark.usefixtures("crashed")
def test_a_recovery_longer_than_ten_seconds_is_waited_for(join: Join, data_dir: Path) -> None:
    recover_slowly(data_dir, seconds=11)
    begun = time.monotonic()
    assert remembered(join(data_dir).address) == ["kept"]
    assert time.monotonic() - begun > 10


def test_a_recovery_whose_starter_was_killed_is_waited_for(
    begin: Begin, join: Join, data_dir: Path, crashed: Server
) -> None:
    recover_slowly(data_dir, seconds=3)
    starter = begin(data_dir)
    while not (data_dir / "asked").exists():
        assert starter.poll() is None
        time.sleep(0.05)
    starter.kill()
    pid = crashed.pid
    assert remembered(join(data_dir).address) == ["kept"]
    assert crashed.pid == pid
