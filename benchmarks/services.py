"""What the runs need on this machine: a sink, PostgreSQL, Redis. Each in a process of its own, on loopback."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
from psycopg import sql

from omnicrm.database.embedded import ensure_embedded

SECONDS_TO_START = 10


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running service: its http:, postgresql: or redis: address, and the process whose tree does its work."""

    url: str
    pid: int


@contextmanager
def running_sink(latency: float) -> Iterator[Service]:
    """A sink that has counted nothing; `latency` is in seconds."""
    command = [sys.executable, "-m", "benchmarks.sink", "--latency-ms", str(latency * 1000)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Service(url=f"http://127.0.0.1:{int(process.stdout.readline())}", pid=process.pid)
        finally:
            process.terminate()


@contextmanager
def new_database(data_dir: Path) -> Iterator[Service]:
    """An empty database on the embedded PostgreSQL, set up as in production: durable. It stops with this process."""
    name = f"benchmark_{uuid4().hex}"
    url = ensure_embedded(data_dir, database=name, durable=True)
    with psycopg.connect(url) as connection:
        postmaster = psutil.Process(connection.info.backend_pid).ppid()
    try:
        yield Service(url=url, pid=postmaster)
    finally:
        maintenance = ensure_embedded(data_dir, database="benchmark")
        with psycopg.connect(maintenance, autocommit=True) as connection:
            _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    """Waits for an autovacuum that is under way in the database: its process belongs to the superuser."""
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


@contextmanager
def running_redis(directory: Path) -> Iterator[Service | None]:
    """A Redis that writes nothing to disk, which is where its peers are fastest; None where it cannot be had."""
    program = _redis_program()
    if program is None:
        yield None
        return
    port = _free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen([*command, "--dir", str(directory)], stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield Service(url=f"redis://127.0.0.1:{port}/0", pid=process.pid)
        finally:
            process.terminate()


def _redis_program() -> str | None:
    program = shutil.which("redis-server")
    apt_get = shutil.which("apt-get")
    if program is None and apt_get is not None and os.geteuid() == 0:
        subprocess.run([apt_get, "install", "-y", "-qq", "redis-server"], check=False, capture_output=True)
        program = shutil.which("redis-server")
    return program


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
