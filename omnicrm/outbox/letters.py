"""What a claimed message says to Mailjet, or why it must not be said."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection

from omnicrm.config import Config
from omnicrm.mailjet.send import Address, TemplateMessage
from omnicrm.outbox import reasons
from omnicrm.outbox.claims import Claimed
from omnicrm.outbox.guards import no_longer_true
from omnicrm.outbox.records import Outcome
from omnicrm.outbox.states import State

log = structlog.get_logger()

CHECK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed message together with what is said to Mailjet for it."""

    message: Claimed
    request: TemplateMessage


async def sift(
    connection: AsyncConnection, claimed: Sequence[Claimed], *, config: Config, now: datetime
) -> tuple[list[Letter], list[Outcome]]:
    """Parts claimed messages into letters to send and outcomes of those that must not leave (now), each with why."""
    held_back = {message.id: outcome for message in claimed if (outcome := _own_obstacle(message, config))}
    held_back |= await _untrue(connection, [message for message in claimed if message.id not in held_back], now=now)
    letters = [Letter(message, _request(message, config)) for message in claimed if message.id not in held_back]
    return letters, list(held_back.values())


def _own_obstacle(message: Claimed, config: Config) -> Outcome | None:
    if message.is_expired:
        return Outcome(id=message.id, state=State.EXPIRED, reason=reasons.EXPIRED)
    if not message.to_email:
        return Outcome(id=message.id, state=State.CANCELLED, reason=reasons.ERASED)
    if message.suppression is not None:
        return Outcome(id=message.id, state=State.SUPPRESSED, reason=message.suppression)
    if config.section(message.section) is None:
        return Outcome(id=message.id, state=State.FAILED, reason=reasons.NOT_CONFIGURED)
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


def _request(message: Claimed, config: Config) -> TemplateMessage:
    section = config.section(message.section)
    assert section is not None  # noqa: S101 - `_own_obstacle` has held those back
    template = section.for_language(message.language)
    return TemplateMessage(
        custom_id=str(message.id),
        sender=Address(email=template.from_email, name=template.from_name),
        to=Address(email=message.to_email, name=message.to_name),
        template_id=template.template_id,
        subject=message.subject,
        variables=message.variables,
    )
