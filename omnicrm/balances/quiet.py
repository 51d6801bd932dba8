"""The customer's day: their time zone, the hours in which nobody writes to them, and when their day began."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from omnicrm.config import current_config
from omnicrm.config.balances import QuietHours
from omnicrm.customers.models import Customer

ATTRIBUTE = "timezone"
"""The custom attribute of a customer who lives by another clock than the server."""


def zone_of(customer: Customer) -> ZoneInfo:
    named = customer.attributes.get(ATTRIBUTE)
    is_known = isinstance(named, str) and named in available_timezones()
    return ZoneInfo(named if is_known else current_config().server.timezone)


def after_quiet_hours(moment: datetime, *, hours: QuietHours | None, zone: ZoneInfo) -> datetime:
    """The moment, or the end of the quiet hours it lies in."""
    if hours is None:
        return moment
    local = moment.astimezone(zone)
    at, is_over_midnight = local.time(), hours.start > hours.end
    is_quiet = (at >= hours.start or at < hours.end) if is_over_midnight else hours.start <= at < hours.end
    if not is_quiet:
        return moment
    day = local.date() + timedelta(days=is_over_midnight and at >= hours.start)
    return datetime.combine(day, hours.end, tzinfo=zone).astimezone(moment.tzinfo)


def day_began(now: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)
