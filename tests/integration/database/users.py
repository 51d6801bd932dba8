"""Processes that use the embedded server, and the server as one sees it from outside."""

import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg


@dataclass(frozen=True, kw_only=True)
class User:
    """A process that uses the embedded server until it leaves or is killed. Without an address it could not."""

    process: subprocess.Popen[str]
    address: str

    @classmethod
    def of(cls, process: subprocess.Popen[str]) -> "User":
        assert process.stdout is not None
        return cls(process=process, address=process.stdout.readline().strip())

    def leave(self) -> str:
        """End normally; answer what the process wrote to its standard error."""
        _, errors = self.process.communicate(timeout=60)
        return errors

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


@dataclass(frozen=True, kw_only=True)
class Server:
    """The server on a data directory, seen from outside."""

    data_dir: Path

    @property
    def pid(self) -> int:
        return int((self.data_dir / "postmaster.pid").read_text().split()[0])

    @property
    def processes(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter(["name"]) if self._is_ours(process)]

    def is_running(self) -> bool:
        return bool(self.processes)

    def kill(self) -> None:
        """As the machine would by losing power: the server and everything it started, at once."""
        processes = self.processes
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # some end by themselves when the first is killed
                process.kill()
        psutil.wait_procs(processes, timeout=10)

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.info["name"] == "postgres" and Path(process.cwd()) == self.data_dir
        except psutil.Error:
            return False


def remember(address: str, word: str) -> None:
    with psycopg.connect(address) as connection:
        connection.execute("SET synchronous_commit = on")  # off spares tests the wait; here a kill must not lose it
        connection.execute("CREATE TABLE IF NOT EXISTS note (word text)")
        connection.execute("INSERT INTO note VALUES (%s)", [word])


def remembered(address: str) -> list[str]:
    with psycopg.connect(address) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM note ORDER BY word")]
