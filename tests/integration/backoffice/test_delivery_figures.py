"""How email fares, in figures on the front page, and the warning where Mailjet tells nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now as moment

from omnicrm.backoffice.email.delivery_cards import Card, delivery
from omnicrm.config import current_config
from omnicrm.config.models import Webhook
from omnicrm.delivery.figures import delivery_figures, heard_at, silence
from omnicrm.mailjet.events import Kind
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import accepted, customer, message_of, secret_message, told

pytestmark = pytest.mark.django_db
PAGES = pytest.mark.parametrize("page", [reverse("admin:index"), reverse("admin:figures")])
NOW = moment()
HARD: dict[str, Any] = {"is_hard": True, "error": "user unknown"}
TELLS_NOTHING = "Mailjet tells nothing of what becomes of email."


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def taken(name: str, *, at: datetime = NOW) -> Message:
    """A message that Mailjet accepted."""
    return accepted(message_of(customer(name, email=f"{name.lower()}@example.com")), at=at)


@pytest.fixture
def _webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    webhook = Webhook.model_validate({"username": "mailjet", "password": "only for tests"})
    mailjet = current_config().mailjet.model_copy(update={"webhook": webhook})
    config = current_config().model_copy(update={"mailjet": mailjet})
    monkeypatch.setattr("omnicrm.backoffice.email.delivery_cards.current_config", lambda: config)


class TestFigures:
    def test_every_accepted_message_counts_in_its_state(self) -> None:
        for name, kind, fields in (
            ("A", Kind.SENT, {}),
            ("B", Kind.BOUNCE, HARD),
            ("C", Kind.BLOCKED, {"error": "preblocked"}),
            ("D", Kind.SPAM, {}),
        ):
            told(taken(name), kind, at=NOW, **fields)
        taken("E")
        message_of(customer("F", email="f@example.com"))
        figures = delivery_figures(now=moment())
        assert figures.accepted == 5
        assert dict(figures.states) == dict.fromkeys(
            (State.DELIVERED, State.BOUNCED, State.BLOCKED, State.COMPLAINED, State.ACCEPTED), 1
        )
        assert figures.delivered == 2

    def test_a_message_opened_often_counts_once(self) -> None:
        message = taken("A")
        for seconds in (1, 2, 3):
            told(message, Kind.OPEN, at=NOW + timedelta(seconds=seconds))
        told(taken("B"), Kind.SENT, at=NOW)
        figures = delivery_figures(now=moment())
        assert (figures.opened, figures.trackable) == (1, 2)

    def test_security_mail_is_not_expected_to_be_opened(self) -> None:
        told(accepted(secret_message(), at=NOW), Kind.SENT, at=NOW)
        figures = delivery_figures(now=moment())
        assert (figures.delivered, figures.opened, figures.trackable) == (1, 0, 0)

    def test_what_is_older_than_seven_days_does_not_count(self) -> None:
        taken("A")
        assert delivery_figures(now=moment() + timedelta(days=6)).accepted == 1
        assert delivery_figures(now=moment() + timedelta(days=8)).accepted == 0

    def test_of_very_many_the_newest_count(self) -> None:
        for name in "ABC":
            taken(name)
        figures = delivery_figures(now=moment(), limit=2)
        assert (figures.accepted, figures.is_shortened) == (2, True)
        assert abs(figures.since - Message.objects.get(to_email="b@example.com").created_at) < timedelta(minutes=1)

    def test_without_an_email_there_are_figures_too(self) -> None:
        figures = delivery_figures(now=NOW)
        assert (figures.accepted, figures.delivered, figures.is_shortened) == (0, 0, False)

    def test_indexes_answer(self) -> None:
        from omnicrm.delivery.figures import _FATES  # noqa: PLC0415 - what the plan is of

        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {_FATES}", {"since": ago(days=7), "lowest": "0" * 32, "limit": 10, "untracked": 0})
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Seq Scan" not in plan


class TestCards:
    @PAGES
    def test_stand_on_the_front_page_with_their_shares(self, admin: Client, page: str) -> None:
        for name in "ABC":
            told(taken(name), Kind.SENT, at=NOW)
        told(taken("D"), Kind.BOUNCE, at=NOW, **HARD)
        taken("E")
        context = admin.get(page).context
        cards = {card.name: (card.count, card.share) for card in context["fates"]}
        assert cards == {
            "Accepted": ("5", "1 without an outcome yet"),
            "Delivered": ("3", "60%"),
            "Opened": ("0", "0% of what is tracked"),
            "Bounced": ("1", "20%"),
            "Blocked by Mailjet": ("0", "0%"),
            "Reported as spam": ("0", "0%"),
        }

    def test_lead_to_the_messages(self, admin: Client) -> None:
        told(taken("A"), Kind.BOUNCE, at=NOW, **HARD)
        bounced = next(card for card in admin.get(reverse("admin:index")).context["fates"] if card.name == "Bounced")
        found = admin.get(bounced.link).context["cl"].result_list
        assert [message.to_email for message in found] == ["a@example.com"]

    def test_of_security_mail_alone_no_share_was_opened(self) -> None:
        told(accepted(secret_message(), at=NOW), Kind.SENT, at=NOW)
        opened = delivery(moment())["fates"][2]
        assert opened == Card(name="Opened", count="0", share="")

    @PAGES
    def test_where_nothing_was_accepted_that_is_said(self, admin: Client, page: str) -> None:
        assert "Mailjet has accepted nothing in these days." in admin.get(page).content.decode()

    def test_shares_are_written_as_in_the_users_language(self, sign_in: SignIn) -> None:
        for name in "ABC":
            taken(name)
        told(Message.objects.filter(state=State.ACCEPTED)[0], Kind.SENT, at=NOW)
        context = sign_in(language="fr").get(reverse("admin:index")).context
        assert context["fates"][1].share.replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ") == "33,3 %"


class TestSilence:
    def test_is_none_while_events_arrive(self) -> None:
        told(taken("A", at=ago(hours=30)), Kind.SENT, at=ago(hours=23))
        taken("B", at=ago(hours=5))
        assert silence(now=NOW) is None

    def test_is_one_where_a_day_brought_nothing_of_what_was_accepted(self) -> None:
        told(taken("A", at=ago(hours=30)), Kind.SENT, at=ago(hours=25))
        taken("B", at=ago(hours=5))
        found = silence(now=NOW)
        assert found is not None
        assert found.heard_at == ago(hours=25)

    def test_is_none_where_nothing_was_accepted_since(self) -> None:
        told(taken("A", at=ago(hours=30)), Kind.SENT, at=ago(hours=25))
        assert silence(now=NOW) is None

    def test_is_none_while_mailjet_may_still_be_at_work(self) -> None:
        taken("A", at=ago(minutes=30))
        assert silence(now=NOW) is None

    def test_is_one_where_nothing_ever_arrived(self) -> None:
        taken("A", at=ago(hours=2))
        found = silence(now=NOW)
        assert found is not None
        assert found.heard_at is None

    def test_what_claims_to_come_from_the_future_does_not_hide_it(self) -> None:
        message = taken("A", at=ago(hours=30))
        told(message, Kind.SENT, at=datetime(2099, 1, 1, tzinfo=UTC), received_at=ago(hours=29))
        assert heard_at(now=NOW) is None

    @PAGES
    @pytest.mark.usefixtures("_webhook")
    def test_is_warned_of_where_a_webhook_is_configured(self, admin: Client, page: str) -> None:
        taken("A", at=ago(hours=2))
        assert TELLS_NOTHING in admin.get(page).content.decode()

    @pytest.mark.usefixtures("_webhook")
    def test_the_warning_says_since_when(self, admin: Client) -> None:
        told(taken("A", at=ago(hours=30)), Kind.SENT, at=ago(hours=25))
        taken("B", at=ago(hours=5))
        assert "No event has arrived since <time" in admin.get(reverse("admin:index")).content.decode()

    @PAGES
    def test_is_expected_where_no_webhook_is_configured(self, admin: Client, page: str) -> None:
        taken("A", at=ago(hours=2))
        assert TELLS_NOTHING not in admin.get(page).content.decode()
