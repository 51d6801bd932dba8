"""Writes to the outbox: enqueue, cancel, retry."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
import uuid_utils
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Func, JSONField, Q, Value
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from omnicrm.customers.addresses import is_plain, normalise
from omnicrm.outbox import reasons
from omnicrm.outbox.attachments import LARGEST_ATTACHED, StoredFile, to_columns
from omnicrm.outbox.email import Email, Recipient
from omnicrm.outbox.models import Message, MessageKey
from omnicrm.outbox.states import CANCELLABLE, RETRYABLE, Lane, State
from omnicrm.outbox.tasks import wake

CHUNK = 5_000
MAX_SUBJECT_LENGTH = 255
MAX_NAME_LENGTH = 200


class UnsendableEmail(ValueError):
    """The email breaks a rule of Mailjet's that no retry mends; str() says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """One email to one recipient under its business key, e.g. `invoice:42:issued`.

    `not_before` holds it back until then; past `expires_at` it is not sent any more. Both aware. `lane` replaces the
    email's own, say for one that goes to very many at once.
    """

    email: Email
    to: Recipient
    key: str
    not_before: datetime | None = None
    expires_at: datetime | None = None
    lane: Lane | None = None
    attachments: Sequence[StoredFile] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Enqueued:
    """`created` is False when the key was spent before; `message_id` is then the first message's."""

    message_id: UUID
    created: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BulkEnqueued:
    created: int
    already_enqueued: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """What a staff action did: how many messages changed, and why each of the others did not."""

    changed: int
    skipped: dict[UUID, str]


@transaction.atomic
def enqueue(
    email: Email,
    *,
    to: Recipient,
    key: str,
    now: datetime,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    lane: Lane | None = None,
    attachments: Sequence[StoredFile] = (),
) -> Enqueued:
    """Queues one email in the caller's transaction: it exists if and only if the caller's change does.

    A key that was spent before queues nothing. Raises UnsendableEmail for an email that could never be sent.
    """
    outgoing = Outgoing(
        email=email,
        to=to,
        key=key,
        not_before=not_before,
        expires_at=expires_at,
        lane=lane,
        attachments=attachments,
    )
    message = Message(**_columns(uuid7(), outgoing, now))
    spent, fresh = MessageKey.objects.get_or_create(key=key, defaults={"message_id": message.id})
    if fresh:
        message.save(force_insert=True)
        wake(message.not_before if not_before else None)
    return Enqueued(message_id=spent.message_id, created=fresh)


@transaction.atomic
def enqueue_many(items: Iterable[Outgoing], *, now: datetime) -> BulkEnqueued:
    """Queues any number of emails in the caller's transaction, in constant memory. Spent keys queue nothing.

    Raises UnsendableEmail for the first email that could never be sent; then nothing is queued.
    """
    created = seen = 0
    stream = iter(items)
    with connection.cursor() as cursor:
        while chunk := list(islice(stream, CHUNK)):
            fresh = _spend_keys(cursor, chunk)
            with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
                for message_id, item in fresh:
                    copy.write_row(_copy_row(message_id, item, now))
            created += len(fresh)
            seen += len(chunk)
    if created:
        wake()
    return BulkEnqueued(created=created, already_enqueued=seen - created)


@transaction.atomic
def cancel(messages: Q, *, reason: str, now: datetime) -> int:
    """Cancels those of the messages that have not left yet, with the reason staff will read; returns how many."""
    return Message.objects.filter(messages, state__in=CANCELLABLE).update(
        state=State.CANCELLED, reason=reason, attempts=_with_attempt(State.CANCELLED, reason, now)
    )


@transaction.atomic
def retry(message_ids: Collection[UUID], *, now: datetime) -> Changed:
    """Queues messages again that ended without having been accepted."""
    locked = list(Message.objects.select_for_update().filter(id__in=message_ids).order_by("id"))
    skipped = {message.id: refusal for message in locked if (refusal := _why_not_again(message))}
    skipped |= dict.fromkeys(set(message_ids) - {message.id for message in locked}, _("There is no such message."))
    changed = Message.objects.filter(id__in={message.id for message in locked} - set(skipped)).update(
        state=State.QUEUED, reason="", not_before=now, expires_at=None, attempts=_with_attempt("retried", "", now)
    )
    if changed:
        wake()
    return Changed(changed=changed, skipped=skipped)


def _why_not_again(message: Message) -> str:
    if message.state not in RETRYABLE:
        return _("It is %(state)s: only a message that ended without being accepted can be queued again.") % {
            "state": State(message.state).label
        }
    if not message.to_email:
        return _(reasons.ERASED)
    if message.secrets:
        return _("Its link or code has been erased: ask for a new one instead.")
    return ""


def _with_attempt(outcome: str, detail: str, now: datetime) -> Func:
    attempt = [{"at": now.isoformat(), "outcome": outcome, "detail": detail}]
    return Func(F("attempts"), Value(attempt, JSONField()), function="jsonb_concat", output_field=JSONField())


def _columns(message_id: UUID | str, item: Outgoing, now: datetime) -> dict[str, Any]:
    """The message's columns, in the order of _COPY. Raises UnsendableEmail."""
    language = item.to.language
    subject = item.email.subject(language)
    if len(subject) > MAX_SUBJECT_LENGTH:
        raise UnsendableEmail(f"{item.key}: the subject has {len(subject)} characters, at most {MAX_SUBJECT_LENGTH}")
    if not is_plain(item.to.email) and normalise(item.to.email) != item.to.email:
        raise UnsendableEmail(f'{item.key}: "{item.to.email}" is not in its normal form')
    if item.attachments:
        _check_attachments(item)
    return {
        "id": message_id,
        "key": item.key,
        "section": item.email.section,
        "lane": int(item.email.lane if item.lane is None else item.lane),
        "is_marketing": item.email.is_marketing,
        "customer_id": item.to.customer_id,
        "language": language,
        "to_email": item.to.email,
        "to_name": item.to.name[:MAX_NAME_LENGTH],
        "subject": subject,
        "variables": item.email.variables(language),
        "secrets": sorted(item.email.secrets),
        "attachments": to_columns(item.attachments),
        "created_at": now,
        "not_before": item.not_before or now,
        "expires_at": item.expires_at,
    }


def _check_attachments(item: Outgoing) -> None:
    for file in item.attachments:
        if not file.size or not file.filename.isprintable() or not file.filename or "/" not in file.content_type:
            raise UnsendableEmail(f"{item.key}: {file.path} needs a content, a file name in one line and a media type")
    size = sum(file.size for file in item.attachments)
    if size > LARGEST_ATTACHED:
        raise UnsendableEmail(f"{item.key}: the attachments have {size} bytes, at most {LARGEST_ATTACHED}")


def _spend_keys(cursor: CursorWrapper, chunk: Sequence[Outgoing]) -> list[tuple[str, Outgoing]]:
    """Spends the keys; returns those whose key was fresh, each with its message's new id."""
    numbered = [(str(uuid_utils.uuid7()), item) for item in chunk]
    cursor.execute(_SPEND_KEYS, [[item.key for item in chunk], [message_id for message_id, _ in numbered]])
    if cursor.rowcount == len(chunk):
        return numbered
    fresh = {message_id for (message_id,) in cursor.fetchall()}
    return [(message_id, item) for message_id, item in numbered if message_id in fresh]


def _copy_row(message_id: str, item: Outgoing, now: datetime) -> tuple[Any, ...]:
    """As text wherever that is cheaper than what psycopg would make of the value."""
    columns = _columns(message_id, item, now)
    columns["created_at"] = stamp = now.isoformat()
    columns["not_before"] = item.not_before or stamp
    columns["variables"] = orjson.dumps(columns["variables"]).decode()
    columns["attachments"] = orjson.dumps(columns["attachments"]).decode() if columns["attachments"] else "[]"
    columns["secrets"] = f"{{{','.join(columns['secrets'])}}}"
    return tuple(columns.values())


_SPEND_KEYS = """
INSERT INTO outbox_messagekey (key, message_id) SELECT * FROM unnest(%s::text[], %s::uuid[])
ON CONFLICT DO NOTHING
RETURNING message_id::text
"""

_COPY = """
COPY outbox_message (
    id, key, section, lane, is_marketing, customer_id, language, to_email, to_name, subject, variables, secrets,
    attachments, created_at, not_before, expires_at
) FROM STDIN
"""
