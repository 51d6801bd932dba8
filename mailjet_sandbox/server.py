"""HTTP: carries requests to an Application and its responses back.

aiohttp's bare server rather than an ASGI server, because a fault has to close the connection in the middle of things.
ASGI has no word for that: granian answers 500 for an application that sends nothing, and keeps a half-sent answer open.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from mailjet_sandbox.app import Application
from mailjet_sandbox.errors import gateway_error
from mailjet_sandbox.events.courier import telling
from mailjet_sandbox.http import Request, Response

MAX_BODY = 64 * 1024 * 1024
STOP_SECONDS = 0.2
"""How long a stopping server waits for calls in progress."""


@asynccontextmanager
async def serving(application: Application, *, host: str, port: int) -> AsyncIterator[str]:
    """Serves until the block ends; yields the URL. Port 0 takes a free one. OSError: the address cannot be had."""
    server = web.Server(_Carrier(application).carry, access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound = runner.addresses[0]
        async with telling(application.sandbox):
            yield f"http://{host}:{bound[1]}"
    finally:
        await runner.cleanup()


class _Carrier:
    def __init__(self, application: Application) -> None:
        self._application = application

    async def carry(self, raw: web.BaseRequest) -> web.StreamResponse:
        arrived_at = time.time()
        if raw.headers.get("Expect", "").lower() == "100-continue":
            await raw.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            raw.writer.output_size = 0
        body = await _read(raw)
        if body is None:
            return await _send(raw, gateway_error(400, "The payload is too large.", code="mj-0011"))
        path, _, query_string = raw.raw_path.partition("?")
        request = Request(
            method=raw.method,
            path=path,
            query_string=query_string,
            headers={name.lower(): value for name, value in raw.headers.items()},
            body=body,
            arrived_at=arrived_at,
        )
        return await _send(raw, await self._application.answer(request))


async def _read(raw: web.BaseRequest) -> bytes | None:
    """The body, or None if there is no end to it."""
    body = bytearray()
    async for chunk in raw.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


async def _send(raw: web.BaseRequest, response: Response) -> web.StreamResponse:
    answer = web.StreamResponse(status=response.status, reason=response.reason, headers=dict(response.headers))
    if response.delivery == "none":
        _hang_up(raw)
        return answer
    if response.status not in {204, 304}:
        answer.headers["Content-Type"] = response.content_type
        answer.content_length = len(response.body)
    await answer.prepare(raw)
    if response.delivery == "half":
        await answer.write(response.body[: len(response.body) // 2])
        _hang_up(raw)
        return answer
    await answer.write(response.body)
    await answer.write_eof()
    return answer


def _hang_up(raw: web.BaseRequest) -> None:
    if raw.transport is not None:
        raw.transport.close()
