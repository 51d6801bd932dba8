"""The front page: what waits, what leaves, what is in the way."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.outbox.models import Message, Pause
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import customer, message_of, secret_message

PAGES = pytest.mark.parametrize("page", [reverse("admin:index"), reverse("admin:figures")])


@PAGES
def test_shows_what_waits_in_each_lane_and_for_how_long(admin: Client, page: str) -> None:
    secret_message()
    Message.objects.update(not_before=now() - timedelta(minutes=7))
    message_of(customer())
    context = admin.get(page).context
    assert [(lane.name, lane.waiting) for lane in context["lanes"]] == [
        ("security", "1"),
        ("transactional", "1"),
        ("bulk", "0"),
    ]
    assert context["lanes"][0].oldest == "7 minutes"
    assert "lane__exact=0" in context["lanes"][0].link


@PAGES
def test_a_pause_is_told_with_its_reason(admin: Client, page: str) -> None:
    Pause.objects.create(until=now() + timedelta(minutes=1), since=now(), reason="Mailjet says: too many requests")
    shown = admin.get(page).content.decode()
    assert "Sending is paused." in shown
    assert "Mailjet says: too many requests" in shown


def test_a_pause_that_is_over_is_not_told(admin: Client) -> None:
    Pause.objects.create(until=now() - timedelta(seconds=1), since=now(), reason="Mailjet says: too many requests")
    assert "Sending is paused." not in admin.get(reverse("admin:index")).content.decode()


def test_a_known_reason_is_told_in_french(sign_in: SignIn) -> None:
    Pause.objects.create(until=now() + timedelta(minutes=1), since=now(), reason="Mailjet says: too many requests")
    assert "Mailjet signale trop de requêtes" in sign_in(language="fr").get(reverse("admin:index")).content.decode()


@PAGES
@pytest.mark.parametrize("state", [State.UNKNOWN, State.REFUSED, State.FAILED])
def test_email_that_did_not_leave_is_pointed_out(admin: Client, page: str, state: State) -> None:
    message = message_of(customer(), state=state, reason="because")
    shown = admin.get(page).content.decode()
    assert f"?state__exact={state}" in shown
    assert reverse("admin:outbox_message_change", args=[message.id]) in shown
    assert "because" in shown


def test_when_all_is_well_nothing_alarms(admin: Client) -> None:
    message_of(customer(), state=State.ACCEPTED)
    shown = admin.get(reverse("admin:index")).content.decode()
    assert "bo-banner" not in shown
    assert "None in the last 7 days." in shown


def test_accepted_messages_stand_in_the_chart_of_the_last_hour(admin: Client) -> None:
    message_of(customer(), state=State.ACCEPTED)
    Message.objects.update(accepted_at=now() - timedelta(minutes=3))
    chart = admin.get(reverse("admin:index")).context["chart"]
    assert chart.total == "1"
    assert len(chart.bars) == 60
    assert [bar.height for bar in chart.bars if bar.height] == [100]


def test_numbers_and_coordinates_survive_french(sign_in: SignIn) -> None:
    for number in range(3):
        message_of(customer(f"C{number}", email=f"c{number}@example.com"), state=State.ACCEPTED)
    ids = Message.objects.values_list("id", flat=True)
    Message.objects.filter(id__in=list(ids[:2])).update(accepted_at=now() - timedelta(minutes=3))
    Message.objects.filter(id=ids[2]).update(accepted_at=now() - timedelta(minutes=9))
    shown = sign_in(language="fr").get(reverse("admin:index")).content.decode()
    assert 'height="50.0"' in shown


@PAGES
def test_costs_the_same_however_much_there_is(admin: Client, page: str, django_assert_max_num_queries: object) -> None:
    for number in range(12):
        message_of(customer(f"C{number}", email=f"c{number}@example.com"), state=list(State)[number % 3 + 11])
    with django_assert_max_num_queries(25):  # type: ignore[operator]  # a fixture of pytest-django
        admin.get(page)
