"""What events mean for the addresses they come from, and what they do not."""

from datetime import timedelta
from typing import Any

import pytest

from omnicrm.audit.operations import SYSTEM
from omnicrm.delivery.models import DeliveryEvent
from omnicrm.mailjet.events import Event, Kind
from omnicrm.outbox.consent import consent, unsubscribe_url
from omnicrm.outbox.models import Suppression
from omnicrm.outbox.suppressions import lift_suppression, suppress
from tests.integration.delivery.conftest import (
    HELENE,
    NOW,
    accepted,
    blocking,
    event,
    greylisting,
    hard_bounce,
    soft_bounce,
    suppressed,
    take,
)

pytestmark = pytest.mark.django_db


def lift(*, after: int) -> None:
    lift_suppression(suppression_id=Suppression.objects.get().pk, by=SYSTEM, now=NOW + timedelta(seconds=after))


def test_a_hard_bounce_stops_everything_and_says_why() -> None:
    take(hard_bounce(accepted()))
    assert suppressed() == {(HELENE, "everything"): "Hard bounce: user unknown (550 5.1.1 no)"}


@pytest.mark.parametrize("error", ["preblocked", "blacklisted", "spam reporter", "Spam Reporter"])
def test_a_block_that_is_about_the_address_stops_everything(error: str) -> None:
    take(blocking(accepted(), error))
    assert suppressed() == {(HELENE, "everything"): f"Blocked by Mailjet: {error}"}


def test_a_complaint_stops_everything() -> None:
    take(event(Kind.SPAM, accepted()))
    assert suppressed() == {(HELENE, "everything"): "Reported as spam"}


def test_an_unsubscribe_stops_marketing_and_may_be_undone_by_the_recipient() -> None:
    take(event(Kind.UNSUB, accepted()))
    assert [scope for _address, scope in suppressed()] == ["marketing"]
    assert consent(unsubscribe_url(HELENE).rstrip("/").rpartition("/")[2]).may_undo


@pytest.mark.parametrize(
    "harmless",
    [
        {"make": soft_bounce},
        {"make": greylisting},
        {"make": hard_bounce, "error": "quota exceeded"},
        {"make": hard_bounce, "error": "system issue", "error_related_to": "system"},
        {"make": hard_bounce, "error": "bad or empty template", "error_related_to": "content"},
        {"make": blocking, "error": "duplicate in campaign"},
        {"make": blocking, "error": "error in template language", "error_related_to": "content"},
    ],
    ids=lambda harmless: "-".join(str(getattr(part, "__name__", part)) for part in harmless.values()),
)
def test_what_says_nothing_about_the_address_stops_nothing(harmless: dict[str, Any]) -> None:
    make = harmless.pop("make")
    take(make(accepted(), **harmless))
    assert not suppressed()


@pytest.mark.parametrize("kind", [Kind.SENT, Kind.OPEN, Kind.CLICK])
def test_good_news_stops_nothing(kind: Kind) -> None:
    take(event(kind, accepted()))
    assert not suppressed()


def test_an_event_about_another_address_than_its_messages_suppresses_nobody() -> None:
    take(hard_bounce(accepted(), email="paul@example.com"))
    assert not suppressed()


def test_the_address_is_suppressed_as_we_write_to_it() -> None:
    take(hard_bounce(accepted(to_email="Helene@bücher.example"), email="helene@xn--bcher-kva.EXAMPLE"))
    assert list(suppressed()) == [("Helene@bücher.example", "everything")]


@pytest.mark.parametrize("kind", [Kind.SPAM, Kind.UNSUB])
def test_the_address_of_a_message_that_is_none_of_ours_counts_all_the_same(kind: Kind) -> None:
    take(event(kind, custom_id="order-17", email="paul@example.com"))
    assert [address for address, _scope in suppressed()] == ["paul@example.com"]


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", "x" * 300])
def test_what_is_no_address_suppresses_nothing(email: str) -> None:
    assert take(event(Kind.SPAM, email=email)).new == 1
    assert not suppressed()


def test_what_staff_decided_keeps_its_reason() -> None:
    suppress(address=HELENE, scope="everything", reason="asked by phone", by=SYSTEM, now=NOW)
    take(hard_bounce(accepted()))
    assert suppressed() == {(HELENE, "everything"): "asked by phone"}


def test_an_older_event_does_not_undo_a_lift_by_staff() -> None:
    message = accepted()
    take(hard_bounce(message, after=60))
    lift(after=120)
    take(hard_bounce(message, after=60), event(Kind.SPAM, message, after=90), after=180)
    assert not suppressed()


def test_a_lift_of_one_scope_says_nothing_about_the_other() -> None:
    message = accepted()
    take(event(Kind.UNSUB, message, after=60))
    lift(after=120)
    take(event(Kind.SPAM, message, after=90), after=180)
    assert [scope for _address, scope in suppressed()] == ["everything"]


def test_a_newer_event_suppresses_again_what_staff_lifted() -> None:
    message = accepted()
    take(hard_bounce(message, after=60))
    lift(after=120)
    take(hard_bounce(message, after=180), after=240)
    assert suppressed()


def told_again(make: Event) -> None:
    take(make)
    Suppression.objects.all().delete()
    take(make)


def test_an_event_told_again_has_no_consequence_again() -> None:
    told_again(hard_bounce(accepted()))
    assert not suppressed()
    assert DeliveryEvent.objects.count() == 1
