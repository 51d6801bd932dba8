"""The calendar that invoices live by: that of the company."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from omnicrm.config import current_config


def local_day(now: datetime) -> date:
    """The date at the company at this moment."""
    return now.astimezone(ZoneInfo(current_config().server.timezone)).date()
