"""Writes to the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from omnicrm.audit.models import Action, ActorKind, Entry, TargetKind

MAX_NAME_LENGTH: Final = 254


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts: a user or an API key with its id, the system, or somebody not signed in. `ip` is None off the web."""

    kind: ActorKind
    id: int | None = None
    name: str = ""
    ip: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What it was done to. An address that belongs to nobody we know has a name and no id."""

    kind: TargetKind
    id: int | None = None
    name: str = ""


SYSTEM: Final = Actor(kind=ActorKind.SYSTEM)
"""OmniCRM itself: jobs, imports, the command line."""


def anonymous(ip: str | None) -> Actor:
    """Somebody who is not signed in."""
    return Actor(kind=ActorKind.ANONYMOUS, ip=ip)


def record(
    *,
    action: Action,
    by: Actor,
    target: Target | None = None,
    detail: Mapping[str, object] | None = None,
    now: datetime,
) -> Entry:
    """Writes one entry in the caller's transaction. `detail` holds JSON values, and never a secret."""
    return Entry.objects.create(
        at=now,
        action=action,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=_fitting(by.name),
        target_kind=target.kind if target else "",
        target_id=target.id if target else None,
        target_name=_fitting(target.name) if target else "",
        ip=by.ip,
        detail=dict(detail or {}),
    )


@transaction.atomic
def forget(*, kind: TargetKind, record_id: int, addresses: tuple[str, ...] = ()) -> None:
    """Takes a person out of the log: names, IP addresses and details go, what was done and when stays.

    `addresses` are those under which failed sign-ins and the like were noted. The database does this by itself when a
    customer, or a user of a customer, is deleted (see the migrations of accounts).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_forget(%s, %s, %s)", [kind.value, record_id, list(addresses)])


@transaction.atomic
def drop_older(*, than: timedelta, now: datetime) -> int:
    """Deletes entries older than that and returns how many. The database keeps the last 30 days whatever is asked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_drop_older(%s)", [now - than])
        (dropped,) = cursor.fetchone()
    return int(dropped)


def _fitting(name: str) -> str:
    return name.replace("\x00", "")[:MAX_NAME_LENGTH]
