"""Months of the tables that grow: made ahead, whatever already lies astray."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from omnicrm.delivery.models import DeliveryEvent
from omnicrm.delivery.operations import take_events
from omnicrm.mailjet.events import Event, Kind
from omnicrm.outbox.partitions import ensure_partitions

pytestmark = pytest.mark.django_db
YEARS_AHEAD = datetime(2051, 11, 15, 12, tzinfo=UTC)
TABLES = ("outbox_message", "delivery_event")


def partition_of(event: Event) -> str:
    take_events([event], now=YEARS_AHEAD)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text FROM delivery_event WHERE fingerprint = %s", [event.fingerprint]
        )
        (name,) = cursor.fetchone()
        return str(name)


def opened(at: datetime) -> Event:
    return Event(kind=Kind.OPEN, happened_at=at, mailjet_message_id=None, custom_id="", email="")


def test_this_month_and_the_next_three_are_made_for_every_table() -> None:
    months = ("2051_11", "2051_12", "2052_01", "2052_02")
    assert ensure_partitions(now=YEARS_AHEAD) == [f"{table}_{month}" for table in TABLES for month in months]
    assert ensure_partitions(now=YEARS_AHEAD) == []


@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2051, 11, 1, tzinfo=UTC), "2051_11"),
        (datetime(2051, 11, 30, 23, 59, 59, tzinfo=UTC), "2051_11"),
        (datetime(2051, 12, 1, tzinfo=UTC), "2051_12"),
    ],
)
def test_an_event_lies_in_its_month_by_the_clock_of_the_world(at: datetime, month: str) -> None:
    ensure_partitions(now=YEARS_AHEAD)
    assert partition_of(opened(at)) == f"delivery_event_{month}"


def test_a_month_that_came_too_late_stays_in_the_rest() -> None:
    assert partition_of(opened(YEARS_AHEAD)) == "delivery_event_rest"
    assert "delivery_event_2051_11" not in ensure_partitions(now=YEARS_AHEAD)
    assert DeliveryEvent.objects.count() == 1
