"""A server that answers one call with given bytes, or none, to see what the client concludes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from omnicrm.mailjet.transport import Timeouts, Transport

API_SECRET = "f3d1c2b4a5968778"
Answering = Callable[..., AbstractAsyncContextManager[Transport]]


@pytest.fixture
def answering() -> Answering:
    """`async with answering(raw) as transport`: the transport talks to a server that answers `raw` and closes."""

    @asynccontextmanager
    async def serve(raw: bytes | None, *, delay: float = 0, total: float = 5) -> AsyncIterator[Transport]:
        ended = asyncio.Event()

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(delay)
            if raw is not None:
                writer.write(raw)
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)
            ended.set()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        transport = Transport(
            base_url=f"http://127.0.0.1:{port}",
            api_key="key",
            api_secret=API_SECRET,
            timeouts=Timeouts(connect=1, total=total),
        )
        async with server, transport:
            yield transport
            await ended.wait()

    return serve


def http(status: int, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
