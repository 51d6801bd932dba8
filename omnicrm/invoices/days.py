"""The calendar that invoices live by: that of the company."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays

from omnicrm.config import current_config


def local_day(now: datetime) -> date:
    """The date at the company at this moment."""
    return now.astimezone(ZoneInfo(current_config().server.timezone)).date()


def is_holiday(day: date, *, calendar: str) -> bool:
    """Whether it is a public holiday of a country, or of a region of it: "FR", "FR-57"."""
    return day in _holidays(calendar, day.year)


@lru_cache(maxsize=16)
def _holidays(calendar: str, year: int) -> frozenset[date]:
    country, _dash, region = calendar.partition("-")
    return frozenset(country_holidays(country, subdiv=region or None, years=year))
