"""One server for everyone who uses it, and none once nobody does."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from omnicrm.database import ensure_embedded
from tests.integration.database.users import Server, User, remember, remembered

Begin = Callable[..., subprocess.Popen[str]]
Join = Callable[..., User]


def test_started_twice_it_is_the_same_server(join: Join, data_dir: Path, server: Server) -> None:
    first = join(data_dir)
    pid = server.pid
    second = join(data_dir)
    assert second.address == first.address
    assert server.pid == pid


def test_many_processes_at_once_start_one_server(begin: Begin, data_dir: Path, server: Server) -> None:
    users = [User.of(process) for process in [begin(data_dir) for _ in range(4)]]
    assert len({user.address for user in users}) == 1
    remember(users[0].address, "shared")
    assert remembered(users[3].address) == ["shared"]
    for user in users:
        user.leave()
    assert not server.is_running()


def test_it_stops_with_its_last_user_and_not_before(join: Join, data_dir: Path, server: Server) -> None:
    first, second, third = join(data_dir), join(data_dir), join(data_dir)
    first.leave()
    assert server.is_running()
    third.leave()
    assert server.is_running()
    second.leave()
    assert not server.is_running()


def test_a_killed_user_does_not_keep_it(join: Join, data_dir: Path, server: Server) -> None:
    killed, other = join(data_dir), join(data_dir)
    killed.kill()
    assert server.is_running()
    other.leave()
    assert not server.is_running()


def test_who_comes_while_it_stops_has_it_started_again(join: Join, begin: Begin, data_dir: Path) -> None:
    leaving = join(data_dir)
    remember(leaving.address, "kept")
    coming = begin(data_dir)
    leaving.leave()
    assert remembered(User.of(coming).address) == ["kept"]


FORKING = """
import os, sys
from pathlib import Path
from omnicrm.database import ensure_embedded

print(ensure_embedded(Path(sys.argv[1]), durable=False), flush=True)
if os.fork() == 0:
    sys.stdin.read()
"""


def test_a_forked_child_keeps_it_when_its_parent_has_ended(data_dir: Path, server: Server) -> None:
    command = [sys.executable, "-W", "error", "-c", FORKING, str(data_dir)]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdout.readline()
    assert parent.wait(timeout=60) == 0
    assert server.is_running()
    parent.stdin.close()
    parent.stdout.read()  # until the child has ended, too
    assert not server.is_running()
    parent.stdout.close()


def test_threads_share_it(data_dir: Path, server: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        addresses = set(pool.map(lambda _: ensure_embedded(data_dir, durable=False), range(16)))
    assert len(addresses) == 1
    pid = server.pid
    ensure_embedded(data_dir, durable=False)
    assert server.pid == pid


def test_a_killed_server_is_back_at_the_next_call_of_the_same_process(data_dir: Path, server: Server) -> None:
    remember(ensure_embedded(data_dir, durable=False), "kept")
    server.kill()
    assert remembered(ensure_embedded(data_dir, durable=False)) == ["kept"]


def test_data_directories_do_not_share_a_server(data_dir: Path, state_dir: Path, server: Server) -> None:
    other = Server(data_dir=state_dir / "other")
    ensure_embedded(data_dir, durable=False)
    ensure_embedded(other.data_dir, durable=False)
    other.kill()
    assert server.is_running()
