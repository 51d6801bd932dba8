"""What a claimed message says to Mailjet, or why it must not be said."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection

from omnicrm.config import Config
from omnicrm.mailjet.send import Address, CallWriter, Parcel, TemplateMessage, call_body
from omnicrm.outbox import attachments, reasons
from omnicrm.outbox.attachments import FileUnusable, StoredFile
from omnicrm.outbox.claims import Claimed
from omnicrm.outbox.consent import unsubscribe_headers
from omnicrm.outbox.guards import no_longer_true
from omnicrm.outbox.records import Outcome
from omnicrm.outbox.retries import try_later
from omnicrm.outbox.states import Lane, State

log = structlog.get_logger()

CHECK_AGAIN = timedelta(minutes=1)
LONGEST_READING_SECONDS = 60
"""For all the files of a call: far within the lease of its messages."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed message together with what is said to Mailjet for it. Its files are read just before the call."""

    message: Claimed
    request: TemplateMessage
    files: tuple[StoredFile, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A call's body with the content of all files, the letters in it, and what becomes of those that stay behind."""

    letters: Sequence[Letter]
    body: bytes
    held_back: Sequence[Outcome] = ()


async def sift(
    connection: AsyncConnection, claimed: Sequence[Claimed], *, config: Config, now: datetime
) -> tuple[list[Letter], list[Outcome]]:
    """Parts claimed messages into letters to send and outcomes of those that must not leave (now), each with why."""
    held_back = {message.id: outcome for message in claimed if (outcome := _own_obstacle(message, config))}
    held_back |= await _untrue(connection, [message for message in claimed if message.id not in held_back], now=now)
    letters = [_letter(message, config) for message in claimed if message.id not in held_back]
    return letters, list(held_back.values())


async def fill(letters: Sequence[Letter], parcel: Parcel, *, now: datetime) -> Filled:
    """Reads the files of one call's letters, on a thread of its own: only now, so that few are in memory at a time."""
    if not any(letter.files for letter in letters):
        return Filled(letters, call_body(parcel.parts))
    try:
        async with asyncio.timeout(LONGEST_READING_SECONDS):
            return await asyncio.to_thread(_fill, letters, parcel.parts, now)
    except TimeoutError:
        log.warning("attachments_take_too_long", messages=len(letters))
        return Filled([], b"", [try_later(letter.message, reasons.FILE_UNREADABLE, now=now) for letter in letters])


def _fill(letters: Sequence[Letter], parts: Sequence[bytes], now: datetime) -> Filled:
    body, sendable, held_back = CallWriter(), list[Letter](), list[Outcome]()
    for letter, part in zip(letters, parts, strict=True):
        try:
            contents = [(file.announced(), file.encoded()) for file in letter.files]
        except FileUnusable as fault:
            held_back.append(Outcome(id=letter.message.id, state=State.FAILED, reason=str(fault)))
        except Exception:  # whatever a storage raises, the neighbours go on
            log.exception("attachment_not_read", message_id=str(letter.message.id))
            held_back.append(try_later(letter.message, reasons.FILE_UNREADABLE, now=now))
        else:
            sendable.append(letter)
            body.add(part, contents)
    return Filled(sendable, body.finished(), held_back)


def _own_obstacle(message: Claimed, config: Config) -> Outcome | None:
    if message.is_expired:
        return Outcome(id=message.id, state=State.EXPIRED, reason=reasons.EXPIRED)
    if not message.to_email:
        return Outcome(id=message.id, state=State.CANCELLED, reason=reasons.ERASED)
    if message.suppression is not None:
        return Outcome(id=message.id, state=State.SUPPRESSED, reason=message.suppression)
    section = config.section(message.section)
    if section is None:
        return Outcome(id=message.id, state=State.FAILED, reason=reasons.NOT_CONFIGURED)
    if not section.for_language(message.language).template_id:
        return Outcome(id=message.id, state=State.FAILED, reason=reasons.NEVER_PUSHED)
    return None


async def _untrue(connection: AsyncConnection, messages: Sequence[Claimed], *, now: datetime) -> dict[UUID, Outcome]:
    by_section: dict[str, list[UUID]] = defaultdict(list)
    for message in messages:
        by_section[message.section].append(message.id)
    held_back: dict[UUID, Outcome] = {}
    for section, ids in by_section.items():
        try:
            untrue = await no_longer_true(connection, section, ids)
        except psycopg.DatabaseError:
            log.exception("guard_failed", section=section)
            held_back |= {
                id_: Outcome(id=id_, state=State.QUEUED, reason=reasons.CHECK_FAILED, not_before=now + CHECK_AGAIN)
                for id_ in ids
            }
        else:
            held_back |= {id_: Outcome(id=id_, state=State.CANCELLED, reason=why) for id_, why in untrue.items()}
    return held_back


def _letter(message: Claimed, config: Config) -> Letter:
    section = config.section(message.section)
    assert section is not None  # noqa: S101 - `_own_obstacle` has held those back
    template = section.for_language(message.language)
    files = attachments.from_json(message.attachments) if message.attached else ()
    request = TemplateMessage(
        custom_id=str(message.id),
        sender=Address(email=template.from_email, name=template.from_name),
        to=Address(email=message.to_email, name=message.to_name),
        template_id=template.template_id,
        subject=message.subject,
        variables=message.variables,
        is_tracked=message.lane != Lane.SECURITY,
        headers=unsubscribe_headers(message.to_email) if message.is_marketing else {},
        attachments=tuple(file.announced() for file in files),
    )
    return Letter(message, request, files)
