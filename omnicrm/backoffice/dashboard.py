"""What the front page shows: how much email waits and leaves, and what needs somebody's attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from babel.numbers import format_decimal
from django.urls import reverse
from django.utils.translation import gettext as _

from omnicrm.backoffice.customers.reach import newest_unreachable
from omnicrm.backoffice.email.delivery_cards import delivery
from omnicrm.backoffice.wording import STATE_COLOURS, clock, current_locale, moment, reason_text, span
from omnicrm.outbox.queries import COUNT_LIMIT, LaneFigures, MinuteFigures, QueueFigures, latest_troubles, queue_figures
from omnicrm.outbox.states import State

CHART_HEIGHT: Final = 100
BAR_STEP: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneCard:
    """Texts about one lane. `oldest` is empty when nothing is due."""

    name: str
    waiting: str
    later: str
    oldest: str
    link: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One minute in the chart, in units of its view box."""

    x: int
    y: float
    height: float
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """`total` and `peak` are of the whole hour; `last_minute` is the last complete one."""

    bars: Sequence[Bar]
    width: int
    first: str
    last: str
    total: str
    last_minute: str
    peak: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """Messages in a troubled state: how many, and the list of them."""

    state: str
    count: str
    colour: str
    link: str


def dashboard(now: datetime) -> dict[str, Any]:
    """The template's context."""
    figures = queue_figures(now=now)
    oldest = figures.oldest_since
    return {
        "at": moment(now, seconds=True),
        "lanes": [_lane(lane, now) for lane in figures.lanes],
        "oldest": span(now - oldest) if oldest else "",
        "chart": _chart(figures.minutes),
        "budget": figures.budget,
        "budget_percent": min(100, round(100 * figures.budget.used / figures.budget.limit))
        if figures.budget.limit
        else 0,
        "pause": figures.pause,
        "pause_reason": reason_text(figures.pause.reason) if figures.pause else "",
        "pause_since": moment(figures.pause.since, seconds=True) if figures.pause else "",
        "pause_until": moment(figures.pause.until, seconds=True) if figures.pause else "",
        "alarms": _alarms(figures),
        "troubles": latest_troubles(now=now),
        "messages_link": reverse("admin:outbox_message_changelist"),
        "unreachable": newest_unreachable(),
        "suppressions_link": reverse("admin:outbox_suppression_changelist"),
        **delivery(now),
    }


def _lane(lane: LaneFigures, now: datetime) -> LaneCard:
    later = _("%(count)s later") % {"count": _number(lane.later)}
    query = f"?state__exact={State.QUEUED}&lane__exact={lane.lane.value}"
    return LaneCard(
        name=str(lane.lane.label),
        waiting=_number(lane.waiting),
        later=later if lane.later else "",
        oldest=span(now - lane.oldest_since) if lane.oldest_since else "",
        link=reverse("admin:outbox_message_changelist") + query,
    )


def _chart(minutes: Sequence[MinuteFigures]) -> Chart:
    peak = max(minute.accepted for minute in minutes)
    bars = []
    for position, minute in enumerate(minutes):
        height = CHART_HEIGHT * minute.accepted / peak if peak else 0
        label = f"{clock(minute.start)}: {_number(minute.accepted)}"
        bars.append(Bar(x=position * BAR_STEP, y=CHART_HEIGHT - height, height=height, label=label))
    return Chart(
        bars=bars,
        width=BAR_STEP * len(bars),
        first=clock(minutes[0].start),
        last=clock(minutes[-1].start),
        total=_number(sum(minute.accepted for minute in minutes)),
        last_minute=_number(minutes[-2].accepted),
        peak=_number(peak),
    )


def _alarms(figures: QueueFigures) -> list[Alarm]:
    return [
        Alarm(
            state=str(state.label),
            count=_number(count),
            colour=STATE_COLOURS[state],
            link=f"{reverse('admin:outbox_message_changelist')}?state__exact={state}",
        )
        for state, count in figures.troubles.items()
        if count
    ]


def _number(count: int) -> str:
    """In the user's language; "10 000+" for what was counted only up to a limit."""
    counted = format_decimal(min(count, COUNT_LIMIT), locale=current_locale())
    return counted if count <= COUNT_LIMIT else f"{counted}+"
