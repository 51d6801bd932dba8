"""The PostgreSQL server that starts by itself, on Linux and macOS, and stops with the last process that uses it.

Two files beside the data directory coordinate any number of processes by `flock`, which the kernel gives back however
a process ends. `<data_dir>.lock`: only one at a time looks whether the server runs, and starts it. `<data_dir>.users`:
every process that uses the server shares this lock while it lives, so who gets it alone is the last.
"""

import atexit
import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from omnicrm.database.account import server_account
from omnicrm.database.cluster import SUPERUSER, Cluster
from omnicrm.database.errors import EmbeddedDatabaseError

_ROLE = "omnicrm"
_LONGEST_SOCKET_DIR = 85  # bytes; with the socket's own name still within the 103 that macOS allows and Linux's 107
_ATTEMPTS = 300
_PAUSE_SECONDS = 0.1

_in_use: dict[Path, int] = {}  # data directory -> descriptor that shares its .users lock
_prepared: set[tuple[Path, str]] = set()  # the databases known to exist


def ensure_embedded(data_dir: Path, *, database: str = "omnicrm", durable: bool = True) -> str:
    """Make sure that the embedded server of `data_dir` runs and has `database`; answer its `postgresql://` address.

    Many processes and threads may call this at once, and again at any time. The server runs until the last process
    that called it ends normally. The role in the address owns the database and may create others, but is no
    superuser. `durable` counts when this call starts the server. Raise EmbeddedDatabaseError.

    Called by root, the server runs under another account (`server_account` says which, and may create one), and
    directories above the data and above PostgreSQL's programs become passable (o+x) where that account needs it.
    """
    data_dir = data_dir.resolve()
    try:
        cluster = Cluster(data_dir=data_dir, account=server_account(data_dir))
        if (data_dir, database) not in _prepared or cluster.state() != "ready":
            _prepare(cluster, database=database, durable=durable)
        return _address(data_dir, role=_ROLE, database=database)
    except OSError as error:
        raise EmbeddedDatabaseError(f"embedded PostgreSQL in {data_dir}: {error.strerror}: {error.filename}") from error
    except psycopg.Error as error:
        raise EmbeddedDatabaseError(f"embedded PostgreSQL in {data_dir}: {str(error).splitlines()[0]}") from error


def _prepare(cluster: Cluster, *, database: str, durable: bool) -> None:
    cluster.data_dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(cluster.data_dir):
        _use(cluster.data_dir)
        cluster.create(durable=durable)
        with _connect(cluster, durable=durable) as connection:
            _create_missing(connection, database)
    _prepared.add((cluster.data_dir, database))


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    descriptor = _open(data_dir.with_name(f"{data_dir.name}.lock"))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        # Closing is not enough: a process forked meanwhile by another thread has the descriptor, and so the lock, too.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _use(data_dir: Path) -> None:
    if data_dir not in _in_use:
        descriptor = _open(_users(data_dir))
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits while the last user before us stops the server
        _in_use[data_dir] = descriptor
        atexit.register(_leave, data_dir)


def _leave(data_dir: Path) -> None:
    # Closed, not unlocked: processes forked from this one share the lock and go on using the server.
    os.close(_in_use.pop(data_dir))
    with suppress(FileNotFoundError):  # the whole directory was removed: the server notices, and ends by itself
        descriptor = _open(_users(data_dir))
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Cluster(data_dir=data_dir, account=None).stop()
        os.close(descriptor)


def _users(data_dir: Path) -> Path:
    return data_dir.with_name(f"{data_dir.name}.users")


def _open(lock: Path) -> int:
    # Read access is all flock needs, so a file made by root serves the other users of the directory as well.
    return os.open(lock, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)


def _connect(cluster: Cluster, *, durable: bool) -> psycopg.Connection:
    """A superuser's connection, starting the server if none runs and waiting for one that starts or stops."""
    address = _address(cluster.data_dir, role=SUPERUSER, database="postgres")
    attempts_left = _ATTEMPTS
    while True:
        state = cluster.state()
        if state is None:
            cluster.start(durable=durable)
        elif state == "ready":
            try:
                return psycopg.connect(address, autocommit=True)
            except psycopg.OperationalError:
                attempts_left -= 1
                if not attempts_left:
                    raise
        time.sleep(_PAUSE_SECONDS)


def _create_missing(connection: psycopg.Connection, database: str) -> None:
    if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [_ROLE]).rowcount:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(_ROLE)))
    if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount:
        names = map(sql.Identifier, (database, _ROLE))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))


def _address(data_dir: Path, *, role: str, database: str) -> str:
    place = quote(str(_socket_dir(data_dir)), safe="")
    return f"postgresql://{role}@/{quote(database, safe='')}?host={place}&port=5432"


def _socket_dir(data_dir: Path) -> Path:
    """The data directory, or a short link to it when libpq cannot take its path: too long, or with a comma."""
    if len(os.fsencode(data_dir)) <= _LONGEST_SOCKET_DIR and "," not in str(data_dir):
        return data_dir
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    link = Path(tempfile.gettempdir()) / f"omnicrm-{os.geteuid()}-{digest}"
    with suppress(FileExistsError):
        link.symlink_to(data_dir)
    if link.lstat().st_uid != os.geteuid() or link.readlink() != data_dir:
        raise EmbeddedDatabaseError(f"{link} should be OmniCRM's link to {data_dir}, and is not; remove it")
    return link
