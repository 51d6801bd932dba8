"""An expiry is told once, whether the charging system speaks of it or not."""

from datetime import timedelta

from django.db import connection

from omnicrm.balances.expiry import look_for_expired
from omnicrm.balances.models import Alert, AlertKind, Outcome
from omnicrm.customers.models import Service
from omnicrm.emails.balances import BalanceExpired, BalanceType
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.balances.conftest import (
    NOW,
    accept,
    balance_of,
    configured,
    event,
    new_service,
    outcomes,
    waiting_emails,
)

HOUR = timedelta(hours=1)


def expiring(service: Service, in_: timedelta, value: object = 90, at: int = 0, **fields: object) -> None:
    accept(event(service, value, at=at, expiry=NOW + in_, tells_expiry=True, **fields))


def test_an_expiry_is_noticed_though_the_charging_system_is_silent(service: Service) -> None:
    expiring(service, HOUR)
    assert look_for_expired(now=NOW) == 0
    assert look_for_expired(now=NOW + 2 * HOUR) == 1
    (message,) = waiting_emails(service)
    assert message.section == BalanceExpired.section
    assert message.variables["balance_type"] == "SMS"
    assert "/renew/?t=" in message.variables["renewal_url"]


def test_an_expiry_is_told_once(service: Service) -> None:
    expiring(service, -HOUR)
    look_for_expired(now=NOW)
    expiring(service, -HOUR, value=80, at=1)
    assert look_for_expired(now=NOW + HOUR) == 0
    assert outcomes(service) == [Outcome.EMAILED]


def test_an_expiry_moved_away_and_back_is_told_once(service: Service) -> None:
    expiring(service, -HOUR)
    look_for_expired(now=NOW)
    expiring(service, HOUR, at=1)
    expiring(service, -HOUR, at=2)
    assert look_for_expired(now=NOW + HOUR) == 1
    assert outcomes(service) == [Outcome.EMAILED]


def test_the_next_expiry_is_told_again(service: Service) -> None:
    expiring(service, -HOUR)
    look_for_expired(now=NOW)
    expiring(service, HOUR, at=1)
    look_for_expired(now=NOW + 2 * HOUR)
    assert outcomes(service) == [Outcome.EMAILED, Outcome.EMAILED]


def test_within_the_grace_period_a_renewal_comes_in_time(service: Service) -> None:
    expiring(service, -timedelta(minutes=9))
    assert look_for_expired(now=NOW) == 0
    expiring(service, 30 * 24 * HOUR, at=1)
    assert look_for_expired(now=NOW + HOUR) == 0
    assert outcomes(service) == []


def test_a_balance_that_had_been_empty_for_long_is_not_told(service: Service) -> None:
    long_ago = -40 * 86_400
    then = NOW - timedelta(days=40)
    accept(event(service, 50, at=long_ago), event(service, 0, at=long_ago + 1), now=then)
    expiring(service, -HOUR, value=0)
    look_for_expired(now=NOW)
    assert Alert.objects.get(kind=AlertKind.EXPIRED).outcome == Outcome.EMPTY


def test_a_balance_that_became_empty_only_lately_is_told(service: Service) -> None:
    accept(event(service, 50, at=-86_400))
    expiring(service, -HOUR, value=0)
    look_for_expired(now=NOW)
    assert Alert.objects.get(kind=AlertKind.EXPIRED).outcome == Outcome.EMAILED


def test_an_expiry_of_long_ago_is_recorded_and_not_told(service: Service) -> None:
    expiring(service, -timedelta(days=3))
    look_for_expired(now=NOW)
    assert outcomes(service) == [Outcome.TOO_LATE]


def test_a_service_as_such_can_expire(service: Service) -> None:
    expiring(service, -HOUR, value=None, balance_type=BalanceType.SERVICE, unit="")
    look_for_expired(now=NOW)
    (message,) = waiting_emails(service)
    assert message.variables["balance_type"] == "Service"


def test_balances_of_one_service_that_expire_on_one_day_make_one_email(service: Service) -> None:
    expiring(service, -HOUR)
    expiring(service, -HOUR, balance_id="data", balance_type=BalanceType.DATA, unit="B")
    look_for_expired(now=NOW)
    (message,) = waiting_emails(service)
    assert message.variables["balance_type"] == "SMS et Données"


def test_the_expiry_date_is_that_of_the_customers_own_calendar(db: None) -> None:
    service = new_service("Kanak", attributes={"timezone": "Pacific/Noumea"})
    at = (NOW + timedelta(days=1)).replace(hour=14, minute=0, second=0)
    accept(event(service, 90, expiry=at, tells_expiry=True))
    with configured(tell_within=timedelta(days=3)):
        look_for_expired(now=at + HOUR)
    (message,) = waiting_emails(service)
    assert message.variables["expiry_date"].startswith(f"{(at + timedelta(hours=11)).day} ")


def test_a_look_takes_expiries_from_the_index_only(service: Service) -> None:
    expiring(service, HOUR)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM balances_balance WHERE expiry_due <= now() ORDER BY expiry_due LIMIT 1000"
        )
        assert "balance_expiry_due" in str(cursor.fetchall())


def test_a_judged_balance_is_out_of_the_index(service: Service) -> None:
    expiring(service, -HOUR)
    look_for_expired(now=NOW)
    assert balance_of(service).expiry_due is None
    assert Message.objects.get().state == State.QUEUED
