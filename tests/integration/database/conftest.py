import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from tests.integration.database.users import Server, User

USER_PROCESS = Path(__file__).with_name("user_process.py")
CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
def state_dir() -> Iterator[Path]:
    # Not pytest's tmp_path: that one is closed to other accounts again whenever another test run begins.
    directory = Path(tempfile.mkdtemp(prefix="omnicrm-database-")).resolve()
    yield directory
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd().startswith(str(directory)):
                process.kill()
        except psutil.Error:
            continue
    shutil.rmtree(directory)


@pytest.fixture
def data_dir(state_dir: Path) -> Path:
    return state_dir / "postgres"


@pytest.fixture
def server(data_dir: Path) -> Server:
    return Server(data_dir=data_dir)


@pytest.fixture
def begin() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a user process without waiting for it."""
    begun: list[subprocess.Popen[str]] = []

    def begin_user(data_dir: Path, *, uid: int | None = None) -> subprocess.Popen[str]:
        arguments = [sys.executable, "-W", "error", str(USER_PROCESS), str(data_dir)]
        process = subprocess.Popen(
            arguments if uid is None else [*arguments, str(uid)],
            env={**_without_coverage(os.environ), "PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        return process

    yield begin_user
    for process in begun:
        process.kill()
        process.communicate()


def _without_coverage(environment: Mapping[str, str]) -> dict[str, str]:
    """Another account may not write the coverage of its process into the checkout."""
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}


@pytest.fixture
def join(begin: Callable[..., subprocess.Popen[str]]) -> Callable[..., User]:
    """Start a user process and wait until it can use the server, or cannot."""

    def join_server(data_dir: Path, *, uid: int | None = None) -> User:
        return User.of(begin(data_dir, uid=uid))

    return join_server
