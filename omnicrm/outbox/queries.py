"""Reads of the outbox: its figures, its troubles, and finding messages among any number of them.

Everything here is bounded by an index and a limit, because the table grows by millions and pages ask again and again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMinute

from omnicrm.config import current_config
from omnicrm.customers.addresses import InvalidAddress, normalise
from omnicrm.outbox.models import Call, Message, MessageKey, Pause
from omnicrm.outbox.partitions import lowest_id, made_at
from omnicrm.outbox.states import Lane, State

COUNT_LIMIT = 10_000
"""Nothing is counted beyond this: the figure then means "more than"."""
MINUTES_SHOWN = 60
SECTION_WINDOW = timedelta(days=30)
COUNTED_BY_SECTION = 50_000
TROUBLE_WINDOW = timedelta(days=7)
TROUBLES: Sequence[State] = (State.UNKNOWN, State.REFUSED, State.FAILED)
"""States in which an email did not leave, or perhaps not, and staff should look."""

_CLOCKS_AGREE = timedelta(days=1)
_LIKE_A_MESSAGE_ID = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneFigures:
    """`waiting` messages are due; `oldest_since` is when the first of them became so. `later` ones are due at a time
    to come."""

    lane: Lane
    waiting: int
    later: int
    oldest_since: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MinuteFigures:
    start: datetime
    accepted: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetFigures:
    """Calls that count at present; `limit` is calls per minute, None when unlimited (then none is counted)."""

    used: int
    limit: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PauseFigures:
    reason: str
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueFigures:
    """The outbox at one moment. `minutes` are the last 60, oldest first; `troubles` counts those of the last 7 days."""

    at: datetime
    lanes: Sequence[LaneFigures]
    minutes: Sequence[MinuteFigures]
    budget: BudgetFigures
    pause: PauseFigures | None
    troubles: dict[State, int]

    @property
    def waiting(self) -> int:
        return sum(lane.waiting for lane in self.lanes)

    @property
    def oldest_since(self) -> datetime | None:
        return min((lane.oldest_since for lane in self.lanes if lane.oldest_since), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class SectionFigures:
    """How many messages of each email were created since a moment: 30 days ago, or later where there were so many that
    only the newest are counted (`is_shortened`)."""

    since: datetime
    is_shortened: bool
    messages: dict[str, int]


def queue_figures(*, now: datetime) -> QueueFigures:
    return QueueFigures(
        at=now,
        lanes=[_lane(lane, now) for lane in Lane],
        minutes=accepted_per_minute(now=now),
        budget=budget_figures(now=now),
        pause=pause_in_force(now=now),
        troubles={state: _count(_recent(state, now)) for state in TROUBLES},
    )


def accepted_per_minute(*, now: datetime) -> list[MinuteFigures]:
    """How many messages Mailjet accepted in each of the last 60 minutes, the current one included; oldest first."""
    this_minute = now.replace(second=0, microsecond=0)
    starts = [this_minute - timedelta(minutes=ago) for ago in reversed(range(MINUTES_SHOWN))]
    accepted = dict(
        Message.objects.filter(accepted_at__gte=starts[0])
        .order_by()
        .annotate(minute=TruncMinute("accepted_at", tzinfo=now.tzinfo))
        .values_list("minute")
        .annotate(accepted=Count("*"))
    )
    return [MinuteFigures(start=start, accepted=accepted.get(start, 0)) for start in starts]


def budget_figures(*, now: datetime) -> BudgetFigures:
    used = Call.objects.filter(counts_until__gt=now).count()
    return BudgetFigures(used=used, limit=current_config().mailjet.calls_per_minute)


def pause_in_force(*, now: datetime) -> PauseFigures | None:
    pause = Pause.objects.filter(until__gt=now).first()
    return PauseFigures(reason=pause.reason, since=pause.since, until=pause.until) if pause else None


def latest_troubles(*, now: datetime, limit: int = 10) -> list[Message]:
    """The newest messages of the last 7 days that did not leave, or perhaps not, with their customers."""
    each = [_recent(state, now).order_by("-id")[:limit] for state in TROUBLES]
    ids = reduce(lambda first, other: first.union(other, all=True), (messages.values("id") for messages in each))
    newest = [row["id"] for row in ids.order_by("-id")[:limit]]
    return list(Message.objects.filter(id__in=newest).select_related("customer"))


def section_figures(*, now: datetime, limit: int = COUNTED_BY_SECTION) -> SectionFigures:
    """Counts the newest `limit` messages of the last 30 days by their sections.

    No index knows sections: one would slow down every enqueue for a page that is seldom read.
    """
    since = now - SECTION_WINDOW
    recent = Message.objects.filter(id__gte=lowest_id(since))
    beyond = next(iter(recent.order_by("-id").values_list("id", flat=True)[limit : limit + 1]), None)
    if beyond:
        recent, since = recent.filter(id__gt=beyond), made_at(beyond)
    counted = recent.order_by().values_list("section").annotate(messages=Count("*"))
    return SectionFigures(since=since, is_shortened=beyond is not None, messages=dict(counted))


def messages_of_customer(customer_id: int, *, limit: int = 20) -> list[Message]:
    """The newest messages to a customer's contacts."""
    return list(Message.objects.filter(customer=customer_id)[:limit])


def matching(search: str) -> Q:
    """Messages with this business key, recipient, id (CustomID) or Mailjet MessageID: all of them exact.

    One condition, never several under OR, so that one index answers. Looks the key up by itself.
    """
    search = search.strip()
    if key := MessageKey.objects.filter(key=search).first():
        return Q(id=key.message_id)
    if "@" in search:
        return Q(to_email__in=_spellings(search))
    if uuid := _as_uuid(search):
        return Q(id=uuid)
    if _LIKE_A_MESSAGE_ID.fullmatch(search):
        return Q(mailjet_message_id=int(search))
    return Q(pk__in=[])


def created_between(start: datetime | None, end: datetime | None) -> Q:
    """Messages created in [start, end). The bounds on `id`, which is in order of time, spare the other months."""
    found = Q()
    if start:
        found &= Q(created_at__gte=start, id__gte=lowest_id(start - _CLOCKS_AGREE))
    if end:
        found &= Q(created_at__lt=end, id__lt=lowest_id(end + _CLOCKS_AGREE))
    return found


def _lane(lane: Lane, now: datetime) -> LaneFigures:
    queued = Message.objects.filter(state=State.QUEUED, lane=lane)
    due = queued.filter(not_before__lte=now)
    return LaneFigures(
        lane=lane,
        waiting=_count(due),
        later=_count(queued.filter(not_before__gt=now)),
        oldest_since=due.order_by("not_before").values_list("not_before", flat=True).first(),
    )


def _recent(state: State, now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(state=state, id__gte=lowest_id(now - TROUBLE_WINDOW))


def _count(messages: QuerySet[Message]) -> int:
    return messages.order_by()[: COUNT_LIMIT + 1].count()


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _spellings(address: str) -> set[str]:
    """The address as the outbox may hold it: the domain is always lower case there, the rest as it was handed in."""
    try:
        normal = normalise(address)
    except InvalidAddress:
        return {address}
    return {normal, normal.lower()}
