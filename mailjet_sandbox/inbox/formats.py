"""Times, counts and sizes as people of a language write them. Times are in UTC; the page's script makes them local."""

from datetime import datetime
from typing import Final

from mailjet_sandbox.inbox.texts import Texts

KILO: Final = 1024
SMALL: Final = 10
"""Below it one decimal is shown."""


def short_time(moment: datetime, *, now: datetime, texts: Texts) -> str:
    """The hour of today, the day of this year, else the full date."""
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return _day(moment, texts.day_month if moment.year == now.year else texts.day_month_year, texts)


def long_time(moment: datetime, *, texts: Texts) -> str:
    return f"{_day(moment, texts.day_month_year, texts)}, {moment:%H:%M:%S}"


def count(number: int, *, texts: Texts) -> str:
    return f"{number:,}".replace(",", texts.thousands)


def size(octets: int, *, texts: Texts) -> str:
    value, *larger = texts.byte_units
    amount = float(octets)
    for unit in larger:
        if amount < KILO:
            break
        amount, value = amount / KILO, unit
    is_round = value == texts.byte_units[0] or amount >= SMALL
    return f"{amount:.0f}\u00a0{value}" if is_round else f"{amount:.1f}\u00a0{value}".replace(".", texts.decimal)


def _day(moment: datetime, pattern: str, texts: Texts) -> str:
    return pattern.format(day=moment.day, month=texts.months[moment.month - 1], year=moment.year)
