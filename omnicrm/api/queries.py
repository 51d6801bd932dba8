"""Reads of messages as the API asks for them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from omnicrm.outbox.models import Message
from omnicrm.outbox.queries import created_between
from omnicrm.outbox.states import Lane


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageCount:
    """How many messages of one email, in one lane and state."""

    section: str
    lane: str
    state: str
    count: int


def find_messages(
    *, customer_id: int | None, section: str, state: str | None, to_email: str, lane: Lane | None
) -> QuerySet[Message]:
    """Messages that fulfil all that is given, newest first. `to_email` is in its normal form."""
    messages = Message.objects.all()
    if customer_id is not None:
        messages = messages.filter(customer_id=customer_id)
    if section:
        messages = messages.filter(section=section)
    if state:
        messages = messages.filter(state=state)
    if to_email:
        messages = messages.filter(to_email__in={to_email, to_email.lower()})
    if lane is not None:
        messages = messages.filter(lane=lane)
    return messages


def count_messages(*, start: datetime | None, end: datetime | None) -> list[MessageCount]:
    """Messages created in [start, end), counted."""
    rows = (
        Message.objects.filter(created_between(start, end))
        .order_by("section", "lane", "state")
        .values_list("section", "lane", "state")
        .annotate(count=Count("id"))
    )
    return [
        MessageCount(section=section, lane=Lane(lane).name.lower(), state=state, count=count)
        for section, lane, state, count in rows
    ]


def sums(counts: Iterable[MessageCount], *, by: str) -> dict[str, int]:
    """The counts added up by one of their fields."""
    total: Counter[str] = Counter()
    for each in counts:
        total[getattr(each, by)] += each.count
    return dict(total)
