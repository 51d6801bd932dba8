"""The course of a balance as a picture: a line of steps, thresholds, and the days below it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Final

from babel.dates import format_date, format_time
from django.utils.timezone import get_current_timezone, localtime

from omnicrm.backoffice.balances.wording import amount
from omnicrm.backoffice.wording import current_locale
from omnicrm.balances.models import Balance
from omnicrm.balances.queries import Point, points, value_before

WIDTH: Final = 1_000
HEIGHT: Final = 100
DAYS: Final = (1, 7, 30, 90)
"""Periods that can be looked at, in days."""
_HOURS_BETWEEN_TICKS: Final = 6
_DAYS_BETWEEN_TICKS: Final = {7: 1, 30: 5, 90: 15}
_ROOM_FOR_LABEL: Final = 4
"""Percent of the width that a label needs beside either edge."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A moment on the axis, in percent of the width."""

    at: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """`line` is an SVG path in a box of WIDTH by HEIGHT, `levels` are heights of thresholds in it. `points` are what
    was reported within the period, oldest first. Without a line there is nothing to show."""

    line: str
    levels: Sequence[str]
    ticks: Sequence[Tick]
    top: str
    bottom: str
    points: Sequence[Point]


def plot(balance: Balance, *, days: int, thresholds: Sequence[Decimal], now: datetime) -> Plot:
    """The last `days` of a balance, up to now; in the time zone that is in use."""
    since = now - timedelta(days=days)
    within = points(balance_id=balance.pk, since=since, until=now)
    before = value_before(balance_id=balance.pk, moment=since)
    led_through = [*([Point(since, before.value)] if before else ()), *within]
    known = [value for value in (balance.initial_value, *(point.value for point in led_through)) if value is not None]
    heights = [*known, *thresholds, Decimal(0)]
    box = _Box(since, now, lowest=min(heights), highest=max(heights))
    return Plot(
        line=box.line(led_through),
        levels=[_number(box.y(threshold)) for threshold in thresholds],
        ticks=list(_ticks(since, now, days)),
        top=amount(balance, box.highest),
        bottom=amount(balance, box.lowest),
        points=within,
    )


@dataclass(frozen=True, slots=True)
class _Box:
    since: datetime
    until: datetime
    lowest: Decimal
    highest: Decimal

    def x(self, moment: datetime) -> float:
        return WIDTH * ((moment - self.since) / (self.until - self.since))

    def y(self, value: Decimal) -> float:
        span = self.highest - self.lowest
        return HEIGHT - float(HEIGHT * (value - self.lowest) / span) if span else float(HEIGHT)

    def line(self, led_through: Sequence[Point]) -> str:
        """A value holds until the next one; where there is no end to it, the line is interrupted."""
        drawn: list[str] = []
        is_drawing = False
        for point in led_through:
            x = _number(self.x(point.at))
            if is_drawing:
                drawn.append(f"H{x}")
            if point.value is not None:
                y = _number(self.y(point.value))
                drawn.append(f"V{y}" if is_drawing else f"M{x} {y}")
            is_drawing = point.value is not None
        return "".join(drawn) + (f"H{WIDTH}" if is_drawing else "")


def _ticks(since: datetime, until: datetime, days: int) -> Iterator[Tick]:
    """Full hours or midnights, those of the reader's clock also on days of 23 or 25 hours."""
    for moment in _round_moments(since, until, days):
        share = 100 * ((moment - since) / (until - since))
        if _ROOM_FOR_LABEL <= share <= 100 - _ROOM_FOR_LABEL:
            yield Tick(at=_number(share), label=_label(moment, days))


def _round_moments(since: datetime, until: datetime, days: int) -> Iterator[datetime]:
    zone = get_current_timezone()
    first, last = localtime(since).date(), localtime(until).date()
    hours = range(0, 24, _HOURS_BETWEEN_TICKS) if days == 1 else (0,)
    for number in range(0, (last - first).days + 1, _DAYS_BETWEEN_TICKS.get(days, 1)):
        for hour in hours:
            yield datetime.combine(last - timedelta(days=number), time(hour), tzinfo=zone)


def _label(moment: datetime, days: int) -> str:
    local = localtime(moment)
    if days == 1:
        return format_time(local, "short", locale=current_locale())
    return format_date(local, "d MMM", locale=current_locale())


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
