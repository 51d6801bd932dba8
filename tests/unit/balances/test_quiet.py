"""Quiet hours, by the customer's own clock."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from omnicrm.balances.quiet import after_quiet_hours, day_began
from omnicrm.config.balances import QuietHours

PARIS = ZoneInfo("Europe/Paris")
NIGHT = QuietHours(time(21), time(8))
NOON = QuietHours(time(12), time(14))


@pytest.mark.parametrize(
    ("moment", "hours", "expected"),
    [
        ("2026-05-31 20:59", NIGHT, "2026-05-31 20:59"),
        ("2026-05-31 21:00", NIGHT, "2026-06-01 08:00"),
        ("2026-06-01 03:00", NIGHT, "2026-06-01 08:00"),
        ("2026-06-01 08:00", NIGHT, "2026-06-01 08:00"),
        ("2026-06-01 12:30", NOON, "2026-06-01 14:00"),
        ("2026-06-01 14:00", NOON, "2026-06-01 14:00"),
        ("2026-03-29 01:30", NIGHT, "2026-03-29 08:00"),
        ("2026-10-24 23:00", NIGHT, "2026-10-25 08:00"),
    ],
    ids=str,
)
def test_an_alert_leaves_at_once_or_as_the_quiet_hours_end(moment: str, hours: QuietHours, expected: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=PARIS).astimezone(UTC)
    due = after_quiet_hours(now, hours=hours, zone=PARIS)
    assert due.astimezone(PARIS).strftime("%Y-%m-%d %H:%M") == expected


def test_it_is_the_customers_night_that_counts() -> None:
    noon_in_paris = datetime(2026, 5, 31, 10, tzinfo=UTC)
    due = after_quiet_hours(noon_in_paris, hours=NIGHT, zone=ZoneInfo("Pacific/Noumea"))
    assert due == datetime(2026, 5, 31, 21, tzinfo=UTC)


def test_a_day_begins_at_midnight_where_the_customer_lives() -> None:
    assert day_began(datetime(2026, 5, 31, 23, tzinfo=UTC), PARIS) == datetime(2026, 5, 31, 22, tzinfo=UTC)
