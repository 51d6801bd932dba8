"""Reads of the audit log, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from omnicrm.audit.models import ActorKind, Entry, TargetKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """`older_than` is what to ask for the next page with, or None on the last."""

    entries: Sequence[Entry]
    older_than: int | None


def find_entries(
    *,
    action: str = "",
    actor: tuple[ActorKind, int] | None = None,
    target: tuple[TargetKind, int] | None = None,
    ip: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Entry]:
    """Entries that fulfil all that is given; the time is in [since, until)."""
    entries = Entry.objects.all()
    if action:
        entries = entries.filter(action=action)
    if actor:
        entries = entries.filter(actor_kind=actor[0], actor_id=actor[1])
    if target:
        entries = entries.filter(target_kind=target[0], target_id=target[1])
    if ip:
        entries = entries.filter(ip=ip)
    if since:
        entries = entries.filter(at__gte=since)
    if until:
        entries = entries.filter(at__lt=until)
    return entries


def page_of(entries: QuerySet[Entry], *, older_than: int | None = None, limit: int = 50) -> Page:
    """A page that costs the same however far back it lies. `older_than` is an entry's id."""
    wanted = entries.filter(id__lt=older_than) if older_than else entries
    found = list(wanted.order_by("-id")[: limit + 1])
    shown = found[:limit]
    return Page(entries=shown, older_than=shown[-1].pk if len(found) > limit else None)
