"""When an alert leaves, and where its link leads."""

from datetime import UTC, datetime, time, timedelta

from omnicrm.balances.links import LinkState, service_of, topup_url
from omnicrm.config.balances import QuietHours
from omnicrm.customers.models import Service
from tests.integration.balances.conftest import NOW, accept, configured, event, new_service, waiting_emails

NIGHT = QuietHours(time(21), time(8))
AT_NIGHT = datetime(2026, 5, 31, 22, 30, tzinfo=UTC)
"""Half past midnight in Paris."""


def test_an_alert_waits_a_moment_for_others(service: Service) -> None:
    accept(event(service, 10))
    (message,) = waiting_emails(service)
    assert message.not_before == NOW + timedelta(seconds=10)


def test_in_the_quiet_hours_an_alert_waits_for_the_morning(service: Service) -> None:
    with configured(quiet_hours=NIGHT):
        accept(event(service, 10, event_time=AT_NIGHT), now=AT_NIGHT)
    (message,) = waiting_emails(service)
    assert message.not_before == datetime(2026, 6, 1, 6, tzinfo=UTC)


def test_it_is_the_customers_own_night_that_is_quiet(db: None) -> None:
    service = new_service("Kanak", attributes={"timezone": "Pacific/Noumea"})
    with configured(quiet_hours=NIGHT):
        accept(event(service, 10, event_time=AT_NIGHT), now=AT_NIGHT)
    (message,) = waiting_emails(service)
    assert message.not_before == AT_NIGHT + timedelta(seconds=10)


def test_a_time_zone_nobody_knows_is_the_servers(db: None) -> None:
    service = new_service("Martian", attributes={"timezone": "Mars/Olympus"})
    with configured(quiet_hours=NIGHT):
        accept(event(service, 10, event_time=AT_NIGHT), now=AT_NIGHT)
    (message,) = waiting_emails(service)
    assert message.not_before == datetime(2026, 6, 1, 6, tzinfo=UTC)


def test_the_link_carries_a_token_that_names_the_service(service: Service) -> None:
    with configured(topup_url="https://selfcare.example.com/{service_uuid}?t={token}"):
        start, _, token = topup_url(service, now=NOW).partition("?t=")
    assert start == f"https://selfcare.example.com/{service.service_uuid}"
    assert service_of(token, now=NOW) == service.pk


def test_the_links_token_expires(service: Service) -> None:
    token = topup_url(service, now=NOW).partition("?t=")[2]
    assert service_of(token, now=NOW + timedelta(days=90, seconds=-1)) == service.pk
    assert service_of(token, now=NOW + timedelta(days=90)) is LinkState.EXPIRED


def test_a_token_that_is_not_ours_names_nothing(service: Service) -> None:
    token = topup_url(service, now=NOW).partition("?t=")[2]
    forged = token.replace(str(service.pk), str(service.pk + 1), 1)
    assert {service_of(each, now=NOW) for each in (forged, "", "7", "x~y")} == {LinkState.WRONG}
