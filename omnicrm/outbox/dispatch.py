"""Dispatch: from due messages to recorded outcomes, many calls in flight, one drain at a time in a process.

    grant -> claim -> sift (expired, suppressed, no longer true) -> pack -> read files -> call Mailjet -> record

No transaction is open during a call. Whatever happens to one message, its neighbours go on.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import structlog
from psycopg import OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from omnicrm.config import Config
from omnicrm.mailjet.errors import MailjetError, OutcomeUnknown, RequestRejected
from omnicrm.mailjet.send import LARGEST_ATTACHED, MAX_MESSAGES, Accepted, Parcel, Verdict, pack, send
from omnicrm.mailjet.transport import Transport
from omnicrm.outbox.budget import Budget, Grant
from omnicrm.outbox.claims import claim, is_anything_due
from omnicrm.outbox.letters import Letter, fill, sift
from omnicrm.outbox.reconcile import LOOK_UPS
from omnicrm.outbox.records import Outcome, Recorder
from omnicrm.outbox.retries import try_later
from omnicrm.outbox.states import State

log = structlog.get_logger()

CALLS_IN_FLIGHT = 128
CALLS_PER_CLAIM = 16
"""Where calls are unlimited: enough to keep the database's part cheap, few enough for security mail to come through."""
ATTACHED_PER_CLAIM = 2 * LARGEST_ATTACHED
ATTACHED_IN_FLIGHT = 4 * LARGEST_ATTACHED
"""Bytes of files that a worker holds; on their way they take up to four times as much memory."""
DATABASE_RETRY_SECONDS = 1.0


class Dispatcher:
    """Drains the outbox. One per process; `clock` returns the present moment, aware.

    Once `stopping` is set no new call begins; those in flight are finished and recorded, then `drain` returns.
    """

    def __init__(
        self,
        *,
        config: Config,
        pool: AsyncConnectionPool,
        transport: Transport,
        budget: Budget,
        clock: Callable[[], datetime],
        stopping: asyncio.Event,
    ) -> None:
        self._config = config
        self._pool = pool
        self._transport = transport
        self._budget = budget
        self._clock = clock
        self._recorder = Recorder(pool)
        self._is_draining = self._is_asked = False
        self._stopping = stopping
        self._in_flight: dict[asyncio.Task[None], int] = {}
        """Calls, with the bytes of files each of them holds."""

    async def drain(self) -> None:
        """Dispatches until nothing is due. Where a drain is under way already it takes over this one's work too."""
        self._is_asked = True
        if self._is_draining:
            return
        self._is_draining = True
        try:
            while self._is_asked and not self._stopping.is_set():
                self._is_asked = False
                await self._drain()
        finally:
            self._is_draining = False

    async def _drain(self) -> None:
        while not self._stopping.is_set():
            try:
                if not await self._dispatch_some():
                    break
            except (OperationalError, PoolTimeout) as error:
                log.warning("outbox_waits_for_database", error=str(error))
                await asyncio.sleep(DATABASE_RETRY_SECONDS)
        while self._in_flight:
            await asyncio.wait(self._in_flight)

    async def _dispatch_some(self) -> bool:
        """Starts as many calls as one grant allows; False when nothing is due."""
        async with self._pool.connection() as connection:
            if not await is_anything_due(connection, now=self._clock()):
                return False
        await self._room_for_calls()
        grant = await self._budget.wait(self._stopping, wanted=CALLS_PER_CLAIM)
        if grant is None:
            return False
        letters = await self._letters(grant.calls)
        if not letters:
            await self._budget.give_back(grant)
        await self._start_calls(letters, grant)
        return True

    async def _room_for_calls(self) -> None:
        while (
            len(self._in_flight) > CALLS_IN_FLIGHT - CALLS_PER_CLAIM
            or sum(self._in_flight.values()) > ATTACHED_IN_FLIGHT - ATTACHED_PER_CLAIM
        ):
            await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)

    async def _letters(self, calls: int) -> list[Letter]:
        """Claims until these calls are full with messages that may really leave, or nothing more is due."""
        letters: list[Letter] = []
        limit, attached = MAX_MESSAGES * calls, min(LARGEST_ATTACHED * calls, ATTACHED_PER_CLAIM)
        while len(letters) < limit and attached > 0:
            now, wanted = self._clock(), limit - len(letters)
            async with self._pool.connection() as connection:
                claimed = await claim(connection, limit=wanted, attached=attached, now=now)
                sendable, held_back = await sift(connection, claimed, config=self._config, now=now)
            letters += sendable
            attached -= sum(letter.message.attached for letter in sendable)
            if held_back:
                await self._recorder.record(held_back, now=now)
            if len(claimed) < wanted:
                break
        return letters

    async def _start_calls(self, letters: Sequence[Letter], grant: Grant) -> None:
        """Packs letters into calls. Where their size makes more calls than were granted, each asks for its own."""
        for number, (part, parcel) in enumerate(_packed(letters)):
            call = asyncio.create_task(self._call(part, parcel, grant if number < grant.calls else None))
            self._in_flight[call] = sum(letter.message.attached for letter in part)
            call.add_done_callback(self._in_flight.pop)
            if grant.is_probe:
                await asyncio.wait([call])

    async def _call(self, letters: Sequence[Letter], parcel: Parcel, grant: Grant | None) -> None:
        """Makes one call and records what became of each of its messages."""
        try:
            grant = grant or await self._budget.wait(self._stopping)
            if grant is None:
                outcomes = [Outcome(id=letter.message.id, state=State.QUEUED) for letter in letters]
                return await self._recorder.record(outcomes, now=self._clock())
            letters, body = await self._filled(letters, parcel)
            if not letters:
                return await self._budget.give_back(grant)
            try:
                outcomes = self._from_verdicts(letters, await send(self._transport, body, count=len(letters)))
            except RequestRejected as rejection:
                await self._reject(letters, rejection)
            except MailjetError as error:
                await self._pause(error)
                await self._recorder.record(self._after(error, letters), now=self._clock())
            else:
                await self._recorder.record(outcomes, now=self._clock())
                await self._budget.resume(grant)
            await self._budget.finish(grant)
        except Exception:  # a fault of ours; the lease brings these messages to `unknown`, and the rest goes on
            log.exception("call_failed", messages=len(letters))

    async def _filled(self, letters: Sequence[Letter], parcel: Parcel) -> tuple[Sequence[Letter], bytes]:
        """The call's body with all files in it, and the letters in it; those whose files cannot be had stay behind."""
        filled = await fill(letters, parcel, now=self._clock())
        if filled.held_back:
            await self._recorder.record(filled.held_back, now=self._clock())
        return filled.letters, filled.body

    async def _pause(self, error: MailjetError) -> None:
        """First the pause, so that nobody takes up at once what is put back; but without a database, go on."""
        try:
            await self._budget.pause(error)
        except (OperationalError, PoolTimeout):
            log.warning("pause_waits_for_database", reason=str(error))

    async def _reject(self, letters: Sequence[Letter], rejection: RequestRejected) -> None:
        """Mailjet refused a whole call: halves it until the message at fault stands alone."""
        if len(letters) == 1:
            refused = Outcome(id=letters[0].message.id, state=State.REFUSED, reason=str(rejection))
            return await self._recorder.record([refused], now=self._clock())
        middle = len(letters) // 2
        for half in (letters[:middle], letters[middle:]):
            for part, parcel in _packed(half):
                await self._call(part, parcel, None)
        return None

    def _after(self, error: MailjetError, letters: Sequence[Letter]) -> list[Outcome]:
        """Perhaps processed: ask first. Surely not: back into the queue, where the pause holds them."""
        if isinstance(error, OutcomeUnknown):
            ask_at = self._clock() + LOOK_UPS[0]
            return [
                Outcome(id=letter.message.id, state=State.UNKNOWN, reason=str(error), not_before=ask_at)
                for letter in letters
            ]
        return [Outcome(id=letter.message.id, state=State.QUEUED, reason=str(error)) for letter in letters]

    def _from_verdicts(self, letters: Sequence[Letter], verdicts: Sequence[Verdict]) -> list[Outcome]:
        return [self._outcome(letter, verdict) for letter, verdict in zip(letters, verdicts, strict=True)]

    def _outcome(self, letter: Letter, verdict: Verdict) -> Outcome:
        message = letter.message
        if isinstance(verdict, Accepted):
            return Outcome(id=message.id, state=State.ACCEPTED, mailjet_message_id=verdict.message_id)
        if not verdict.is_passing:
            return Outcome(id=message.id, state=State.REFUSED, reason=str(verdict))
        return try_later(message, str(verdict), now=self._clock())


def _packed(letters: Sequence[Letter]) -> Iterator[tuple[Sequence[Letter], Parcel]]:
    start = 0
    for parcel in pack([letter.request for letter in letters]):
        end = start + len(parcel.parts)
        yield letters[start:end], parcel
        start = end
