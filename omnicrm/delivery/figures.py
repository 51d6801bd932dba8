"""How email fares, in figures, and whether Mailjet still tells of it. All of it is bounded by an index and a limit."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import OuterRef, QuerySet

from omnicrm.delivery.models import DeliveryEvent
from omnicrm.mailjet.events import Kind
from omnicrm.outbox.models import Message
from omnicrm.outbox.partitions import lowest_id, made_at
from omnicrm.outbox.states import Lane, State

WINDOW: Final = timedelta(days=7)
COUNTED: Final = 10_000
"""Of more messages in the window, only the newest are counted."""
PATIENCE: Final = timedelta(days=1)
GRACE: Final = timedelta(hours=1)
"""How long Mailjet may take to tell of a message that it accepted."""

CLOCKS_AGREE: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryFigures:
    """What became of the messages made since a moment, 7 days ago, that Mailjet accepted; or of the newest of them
    where there are more than are counted (`is_shortened`; `since` is then later).

    `delivered` includes what its reader reported as spam. Security mail is not tracked: `opened` is out of `trackable`,
    which are the others that were delivered.
    """

    since: datetime
    is_shortened: bool
    accepted: int
    states: Counter[State]
    opened: int
    trackable: int

    @property
    def delivered(self) -> int:
        return self.states[State.DELIVERED] + self.states[State.COMPLAINED]


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """Mailjet accepts messages and tells nothing of them; `heard_at` is when it told something last, if ever."""

    heard_at: datetime | None


def delivery_figures(*, now: datetime, limit: int = COUNTED) -> DeliveryFigures:
    since = now - WINDOW
    with connection.cursor() as cursor:
        cursor.execute(_FATES, {"since": since, "lowest": lowest_id(since), "limit": limit, "untracked": Lane.SECURITY})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    fates = [(State(state), is_tracked, count, opened) for state, is_tracked, count, opened, _oldest in rows]
    accepted = sum(count for _state, _is_tracked, count, _opened in fates)
    arrived = {State.DELIVERED, State.COMPLAINED}
    is_shortened = accepted >= limit
    return DeliveryFigures(
        since=min(made_at(oldest) for *_figures, oldest in rows) if is_shortened else since,
        is_shortened=is_shortened,
        accepted=accepted,
        states=sum((Counter({state: count}) for state, _is_tracked, count, _opened in fates), Counter[State]()),
        opened=sum(opened for state, is_tracked, _count, opened in fates if is_tracked and state in arrived),
        trackable=sum(count for state, is_tracked, count, _opened in fates if is_tracked and state in arrived),
    )


def openings() -> QuerySet[DeliveryEvent]:
    """Of a message, for a subquery: its opens and clicks. The bound on the time spares the months before it."""
    return DeliveryEvent.objects.filter(
        message_id=OuterRef("id"), happened_at__gte=OuterRef("created_at"), kind__in=[Kind.OPEN, Kind.CLICK]
    )


def heard_at(*, now: datetime) -> datetime | None:
    """When the newest event arrived. What claims to happen in the future is passed over."""
    events = DeliveryEvent.objects.filter(happened_at__lte=now + CLOCKS_AGREE)
    newest = events.order_by("-happened_at", "-fingerprint")
    return newest.values_list("received_at", flat=True).first()


def silence(*, now: datetime) -> Silence | None:
    """Whether Mailjet has told nothing for a day though it should have: it accepted messages since, an hour ago at
    least. None where all is well."""
    heard = heard_at(now=now)
    if heard and heard > now - PATIENCE:
        return None
    since = max(heard, now - WINDOW) if heard else now - WINDOW
    is_missed = Message.objects.filter(accepted_at__gt=since, accepted_at__lt=now - GRACE).exists()
    return Silence(heard_at=heard) if is_missed else None


# The newest accepted messages; of each whether it was opened. The bound on happened_at spares the older months.
_FATES = """
SELECT state, lane <> %(untracked)s, count(*), count(*) FILTER (WHERE is_opened), min(id::text)::uuid
FROM (
    SELECT id, state, lane, EXISTS (
        SELECT FROM delivery_event AS event
        WHERE event.message_id = message.id AND event.kind = 'open' AND event.happened_at >= %(since)s
    ) AS is_opened
    FROM outbox_message AS message
    WHERE id >= %(lowest)s AND accepted_at IS NOT NULL
    ORDER BY id DESC
    LIMIT %(limit)s
) AS message
GROUP BY 1, 2
"""
