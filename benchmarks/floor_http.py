"""The floor that HTTP sets: bodies of 50 messages built beforehand, posted and answered, nothing else done.

`python -m benchmarks.floor_http LIBRARY COUNT`. Tuning: one process on uvloop, with as many connections as serve it
best. niquests is kept out of the venv and on a path of its own, because its urllib3-future takes the place of urllib3
for everybody who shares site-packages with it.
"""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import uvloop

from benchmarks import emails
from benchmarks.context import Context, NotMeasured
from benchmarks.peer import Command, DirectSender, wait_to_be_measured

DIFFERENT_BODIES = 64
HEADERS = {"Content-Type": "application/json"}
NIQUESTS_LOCK = Path(__file__).with_name("niquests.lock")

Post = Callable[[bytes], Awaitable[int]]
"""Posts a body, reads the whole answer, returns its status."""


@asynccontextmanager
async def with_aiohttp(url: str, connections: int) -> AsyncIterator[Post]:
    import aiohttp  # noqa: PLC0415 - each process holds only the library that it measures

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as session:

        async def post(body: bytes) -> int:
            async with session.post(url, data=body, headers=HEADERS) as response:
                await response.read()
                return response.status

        yield post


@asynccontextmanager
async def with_httpx(url: str, connections: int) -> AsyncIterator[Post]:
    import httpx  # noqa: PLC0415 - same reason

    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx.AsyncClient(limits=limits) as client:

        async def post(body: bytes) -> int:
            response = await client.post(url, content=body, headers=HEADERS)
            return response.status_code

        yield post


@asynccontextmanager
async def with_niquests(url: str, connections: int) -> AsyncIterator[Post]:
    import niquests  # noqa: PLC0415 - same reason

    async with niquests.AsyncSession(pool_connections=1, pool_maxsize=connections) as session:

        async def post(body: bytes) -> int:
            response = await session.post(url, data=body, headers=HEADERS)
            return int(response.status_code or 0)

        yield post


@dataclass(frozen=True, kw_only=True)
class Library:
    """`connections`, by latency, is what serves it best: httpx wastes time on finding one among many."""

    open: Callable[[str, int], AbstractAsyncContextManager[Post]]
    connections: dict[float, int]


LIBRARIES = {
    "aiohttp": Library(open=with_aiohttp, connections={0.0: 64, 0.1: 64}),
    "niquests": Library(open=with_niquests, connections={0.0: 4, 0.1: 64}),
    "httpx": Library(open=with_httpx, connections={0.0: 2, 0.1: 24}),
}


@dataclass(frozen=True, kw_only=True)
class NiquestsSender(DirectSender):
    def prepare(self, context: Context, count: int) -> Sequence[Command]:
        [command] = super().prepare(context, count)
        return [["env", f"PYTHONPATH={niquests_directory()}", *command]]


AIOHTTP = DirectSender(module=__name__, arguments=["aiohttp"], per_second={0.0: 450_000, 0.1: 31_000})
NIQUESTS = NiquestsSender(module=__name__, arguments=["niquests"], per_second={0.0: 75_000, 0.1: 28_000})
HTTPX = DirectSender(module=__name__, arguments=["httpx"], per_second={0.0: 50_000, 0.1: 7_500})


def niquests_directory() -> Path:
    """Installs niquests under `var/`, as its lock file says, unless it is there. Raises NotMeasured."""
    digest = hashlib.sha256(NIQUESTS_LOCK.read_bytes()).hexdigest()[:12]
    directory = Path("var", f"niquests-{digest}").resolve()
    if not directory.exists():
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps"]
        command = [*pip, "--require-hashes", "--target", str(directory), "-r", str(NIQUESTS_LOCK)]
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        if done.returncode:
            raise NotMeasured(f"niquests cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    return directory


async def post_all(library: Library, context: Context, count: int) -> None:
    connections = library.connections[context.latency]
    bodies = _bodies(count)
    async with library.open(f"{context.sink_url}/v3.1/send", connections) as post:
        await asyncio.gather(*(_post_in_turn(post, bodies) for _ in range(connections)))


async def _post_in_turn(post: Post, bodies: Iterator[bytes]) -> None:
    for body in bodies:
        status = await post(body)
        assert status == 200


def _bodies(count: int) -> Iterator[bytes]:
    built = [emails.body(numbers) for numbers in emails.batches(DIFFERENT_BODIES * emails.PER_CALL)]
    return islice(cycle(built), count // emails.PER_CALL)


def main() -> None:
    uvloop.run(post_all(LIBRARIES[sys.argv[1]], Context.from_environment(), int(sys.argv[2])))
    wait_to_be_measured()


if __name__ == "__main__":
    main()
