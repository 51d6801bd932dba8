"""How a charge is cut to a period.

The rule: months are counted from the first day of the period, so that 15 November to 14 December is one month. A month
that is charged in full costs the charge's amount. One that is charged in part costs the amount times its charged days
divided by its days, rounded half up to the currency's decimals. Days that are billed already are left out.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Days:
    """A stretch of days; both ends are included."""

    start: date
    end: date

    def __len__(self) -> int:
        return (self.end - self.start).days + 1

    def overlap(self, other: "Days") -> "Days | None":
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Days(start=start, end=end) if start <= end else None

    def without(self, taken: Iterable["Days"]) -> Iterator["Days"]:
        """What is left of it, in order. `taken` stretches do not overlap each other."""
        start = self.start
        for other in sorted(taken):
            if other.end < start or other.start > self.end:
                continue
            if start < other.start:
                yield Days(start=start, end=other.start - _DAY)
            start = other.end + _DAY
        if start <= self.end:
            yield Days(start=start, end=self.end)


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """A month of a period. `days` end with the period; `length` is that of the entire month, in days."""

    days: Days
    length: int

    @property
    def is_whole(self) -> bool:
        return len(self.days) == self.length


def months_of(period: Days) -> list[Month]:
    months: list[Month] = []
    start = period.start
    while start <= period.end:
        following = _months_later(period.start, len(months) + 1)
        days = Days(start=start, end=min(following - _DAY, period.end))
        months.append(Month(days=days, length=(following - start).days))
        start = following
    return months


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
