"""Whoever starts the server, PostgreSQL never runs as root, and nobody else gets in."""

import os
import pwd
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from omnicrm.database.account import Account
from omnicrm.database.cluster import programs
from tests.integration.database.users import Server, User, remember, remembered

Join = Callable[..., User]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")


@pytest.fixture
def ordinary(state_dir: Path) -> int:
    """An ordinary user, who owns the state directory and can reach PostgreSQL's programs."""
    if os.geteuid() != 0:
        return os.geteuid()
    user = pwd.getpwnam("nobody")
    Account(uid=user.pw_uid, gid=user.pw_gid).open_way_to(programs() / "postgres")
    os.chown(state_dir, user.pw_uid, user.pw_gid)
    return user.pw_uid


@pytest.fixture
def join_as_ordinary(join: Join, ordinary: int) -> Join:
    return lambda data_dir: join(data_dir, uid=ordinary if os.geteuid() == 0 else None)


def test_an_ordinary_user_runs_it_under_their_own_account(
    join_as_ordinary: Join, data_dir: Path, server: Server, ordinary: int
) -> None:
    user = join_as_ordinary(data_dir)
    remember(user.address, "kept")
    assert {process.uids().real for process in server.processes} == {ordinary}
    assert user.leave() == ""
    assert not server.is_running()
    assert remembered(join_as_ordinary(data_dir).address) == ["kept"]


def test_only_its_account_can_reach_it(join_as_ordinary: Join, data_dir: Path) -> None:
    join_as_ordinary(data_dir)
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert (data_dir / ".s.PGSQL.5432").is_socket()


@as_root
def test_root_runs_it_under_another_account(join: Join, data_dir: Path, server: Server) -> None:
    join(data_dir)
    assert {process.uids().real for process in server.processes} == {pwd.getpwnam("omnicrm").pw_uid}


@as_root
def test_root_lets_that_account_pass_and_nothing_more(join: Join, state_dir: Path) -> None:
    private = state_dir / "private"
    private.mkdir(mode=0o700)
    (private / "neighbour").mkdir(mode=0o700)
    join(private / "state" / "postgres")
    modes = {path: stat.S_IMODE((private / path).stat().st_mode) for path in (".", "neighbour", "state")}
    assert modes == {".": 0o701, "neighbour": 0o700, "state": 0o701}


@as_root
def test_root_and_the_owner_use_the_same_server(
    join: Join, join_as_ordinary: Join, data_dir: Path, server: Server, ordinary: int
) -> None:
    root = join(data_dir)
    remember(root.address, "from root")
    user = join_as_ordinary(data_dir)
    assert remembered(user.address) == ["from root"]
    assert {process.uids().real for process in server.processes} == {ordinary}
    root.leave()
    assert server.is_running()
    assert user.leave() == ""
    assert not server.is_running()


@as_root
def test_what_belongs_to_another_account_is_refused(
    join: Join, join_as_ordinary: Join, data_dir: Path, server: Server
) -> None:
    owner = join_as_ordinary(data_dir)
    stranger = join(data_dir, uid=pwd.getpwnam("daemon").pw_uid)
    assert stranger.address == ""
    assert stranger.leave() == (f"refused: embedded PostgreSQL in {data_dir}: Permission denied: {data_dir}.lock\n")
    owner.leave()
    assert not server.is_running()


@as_root
def test_root_does_not_write_through_links_an_account_has_placed(
    join: Join, join_as_ordinary: Join, data_dir: Path, state_dir: Path
) -> None:
    join_as_ordinary(data_dir).leave()
    precious = state_dir / "precious"
    precious.write_text("precious")
    for name in ("omnicrm.conf", "postmaster.pid"):
        (data_dir / name).unlink(missing_ok=True)
        (data_dir / name).symlink_to(precious)
    join(data_dir)
    assert precious.read_text() == "precious"
    assert precious.stat().st_uid == 0
