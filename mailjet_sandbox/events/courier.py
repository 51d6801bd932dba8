"""Tells events: POSTs of JSON to the callbacks, beside whatever else the sandbox does. Only a 200 counts as told."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import orjson
from yarl import URL

from mailjet_sandbox.events.log import Event, Flushed, Queue
from mailjet_sandbox.sandbox import Sandbox

LOG = logging.getLogger("mailjet_sandbox")
POST_SECONDS = 20
"""How long a POST waits for its answer."""


@asynccontextmanager
async def telling(sandbox: Sandbox) -> AsyncIterator[None]:
    """Events are told within the block."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POST_SECONDS)) as session:
        courier = Courier(sandbox, session)
        sandbox.courier = courier
        rounds = asyncio.create_task(courier.make_rounds())
        try:
            yield
        finally:
            rounds.cancel()
            with suppress(asyncio.CancelledError):
                await rounds


class Courier:
    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self._sandbox = sandbox
        self._session = session

    async def make_rounds(self) -> None:
        """Tells what is due, for ever. A slow receiver holds up no other one."""
        visits = set[asyncio.Task[None]]()
        try:
            while True:
                self._sandbox.events.woken.clear()
                for queue in self._due():
                    visit = asyncio.create_task(self._visit(queue))
                    visits.add(visit)
                    visit.add_done_callback(visits.discard)
                await self._wait()
        finally:
            for visit in visits:
                visit.cancel()
            await asyncio.gather(*visits, return_exceptions=True)

    async def flush(self, *, reverse: bool = False, times: int = 1) -> Flushed:
        """Tells all that is pending, held or to be retried later, now. A receiver that fails is asked once.

        `reverse` turns the order round, `times` tells each event so often.
        """
        told, problems = 0, list[str]()
        for queue in self._sandbox.events.queues:
            async with queue.lock:
                if reverse:
                    queue.events.reverse()
                queue.events.extend(list(queue.events) * (times - 1))
                while queue.events:
                    batch = queue.take()
                    problem = await self._post(queue, batch)
                    if problem:
                        problems.append(problem)
                        break
                    told += len(batch)
        return Flushed(told=told, pending=self._sandbox.events.pending_count, problems=tuple(problems))

    def _due(self) -> list[Queue]:
        if self._sandbox.settings.hold_events:
            return []
        now = self._sandbox.now()
        return [queue for queue in self._sandbox.events.queues if queue.is_due(now) and not queue.lock.locked()]

    async def _visit(self, queue: Queue) -> None:
        async with queue.lock:
            while queue.is_due(self._sandbox.now()) and not self._sandbox.settings.hold_events:
                await self._post(queue, queue.take())
        self._sandbox.events.woken.set()

    async def _wait(self) -> None:
        """Until something changes, or the next queue is due."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._sandbox.events.woken.wait(), self._seconds_to_next())

    def _seconds_to_next(self) -> float | None:
        if self._sandbox.settings.hold_events:
            return None
        waiting = [queue for queue in self._sandbox.events.queues if queue.events and not queue.lock.locked()]
        moments = [queue.not_before for queue in waiting if queue.not_before is not None]
        return max(0.0, (min(moments) - self._sandbox.now()).total_seconds()) if moments else None

    async def _post(self, queue: Queue, batch: list[Event]) -> str:
        """Returns what went wrong, or ""."""
        problem = await self._attempt(queue, batch)
        if problem:
            LOG.info("%s", problem)
            self._sandbox.events.give_back(queue, batch, now=self._sandbox.now())
        else:
            self._sandbox.events.settle(queue, batch, now=self._sandbox.now())
        return problem

    async def _attempt(self, queue: Queue, batch: list[Event]) -> str:
        payloads = [event.payload for event in batch]
        body = orjson.dumps(payloads[0] if queue.to.version == 1 else payloads)
        url = URL(queue.to.url)
        place = f"events to {url.with_user(None)}"
        try:
            async with self._session.post(
                url, data=body, headers={"Content-Type": "application/json"}, allow_redirects=False
            ) as answer:
                return "" if answer.status == 200 else f"{place}: HTTP {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return f"{place}: {str(error) or type(error).__name__}"
