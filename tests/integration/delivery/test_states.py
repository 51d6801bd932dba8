"""The state of a message, from what Mailjet tells of it."""

from datetime import timedelta

import pytest

from omnicrm.delivery.models import DeliveryEvent
from omnicrm.mailjet.events import Kind
from omnicrm.outbox.reasons import NEVER_ARRIVED
from omnicrm.outbox.states import State
from tests.integration.delivery.conftest import (
    NOW,
    NUMBER,
    accepted,
    blocking,
    event,
    greylisting,
    hard_bounce,
    now_is,
    soft_bounce,
    take,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", [Kind.SENT, Kind.OPEN, Kind.CLICK, Kind.UNSUB])
def test_what_shows_that_it_arrived_makes_it_delivered(kind: Kind) -> None:
    message = accepted()
    take(event(kind, message))
    assert (now_is(message).state, now_is(message).reason) == (State.DELIVERED, "")


def test_a_hard_bounce_says_why_in_one_line() -> None:
    message = accepted()
    take(hard_bounce(message, comment="550 5.1.1\r\n no such user"))
    assert now_is(message).state == State.BOUNCED
    assert now_is(message).reason == "Hard bounce: user unknown (550 5.1.1 no such user)"


def test_a_blocked_message_says_why() -> None:
    message = accepted()
    take(blocking(message))
    assert (now_is(message).state, now_is(message).reason) == (State.BLOCKED, "Blocked by Mailjet: preblocked")


def test_a_soft_bounce_bounces_it() -> None:
    message = accepted()
    take(soft_bounce(message))
    assert now_is(message).state == State.BOUNCED
    assert now_is(message).reason == "Soft bounce: quota exceeded (452 4.2.2 full)"


def test_greylisting_only_defers_it() -> None:
    message = accepted()
    take(greylisting(message))
    assert (now_is(message).state, now_is(message).reason) == (State.DEFERRED, "Deferred: greylisted")


def test_a_soft_bounce_after_delivery_does_nothing() -> None:
    message = accepted()
    take(event(Kind.SENT, message))
    take(soft_bounce(message, after=90))
    assert (now_is(message).state, now_is(message).reason) == (State.DELIVERED, "")


def test_delivery_after_a_soft_bounce_clears_its_reason() -> None:
    message = accepted()
    take(soft_bounce(message))
    take(event(Kind.SENT, message, after=90))
    assert (now_is(message).state, now_is(message).reason) == (State.DELIVERED, "")


def test_delivery_does_not_undo_a_hard_bounce() -> None:
    message = accepted()
    take(hard_bounce(message))
    take(event(Kind.SENT, message, after=90))
    assert now_is(message).state == State.BOUNCED


def test_a_complaint_outdoes_everything() -> None:
    message = accepted()
    take(event(Kind.SPAM, message, comment="JMRPP"), hard_bounce(message), event(Kind.SENT, message))
    assert (now_is(message).state, now_is(message).reason) == (State.COMPLAINED, "Reported as spam (JMRPP)")


def test_an_event_told_twice_is_kept_once() -> None:
    message = accepted()
    taken = take(event(Kind.SENT, message), event(Kind.SENT, message))
    assert (taken.new, taken.known) == (1, 1)
    again = take(event(Kind.SENT, message))
    assert (again.new, again.known) == (0, 1)
    assert DeliveryEvent.objects.count() == 1


def test_one_post_tells_of_many_messages() -> None:
    first, second = accepted(1), accepted(2)
    take(event(Kind.SENT, second), hard_bounce(first), event(Kind.OPEN, second, after=90))
    assert (now_is(first).state, now_is(second).state) == (State.BOUNCED, State.DELIVERED)


def test_no_event_is_no_fault() -> None:
    assert take().new == 0


@pytest.mark.parametrize(
    "state",
    [State.UNKNOWN, State.QUEUED, State.CANCELLED, State.EXPIRED, State.SUPPRESSED, State.REFUSED, State.FAILED],
)
def test_an_event_proves_that_mailjet_accepted_the_message(state: State) -> None:
    message = accepted(state=state, reason=NEVER_ARRIVED, accepted_at=None, mailjet_message_id=None)
    take(event(Kind.SENT, message, mailjet_message_id=NUMBER))
    moved = now_is(message)
    assert (moved.state, moved.reason, moved.mailjet_message_id) == (State.DELIVERED, "", NUMBER)
    assert moved.accepted_at == NOW + timedelta(seconds=60)


def test_a_claimed_message_moves_on_and_gives_up_its_lease() -> None:
    message = accepted(state=State.CLAIMED, lease_until=NOW, accepted_at=None, mailjet_message_id=None)
    take(event(Kind.SENT, message))
    assert (now_is(message).state, now_is(message).lease_until) == (State.DELIVERED, None)


def test_a_link_or_code_is_erased_once_an_event_proves_the_acceptance() -> None:
    message = accepted(state=State.UNKNOWN, variables={"reset_url": "https://example.com/s"}, secrets=["reset_url"])
    take(event(Kind.SENT, message))
    assert now_is(message).variables == {"reset_url": "•••"}


def test_an_event_of_another_clock_does_not_date_the_acceptance_before_the_message() -> None:
    message = accepted(state=State.UNKNOWN, accepted_at=None)
    take(event(Kind.SENT, message, after=-600))
    assert now_is(message).accepted_at == NOW


def test_the_attempts_stay_as_they_are() -> None:
    attempts = [{"at": NOW.isoformat(), "outcome": "accepted", "detail": ""}]
    message = accepted(attempts=attempts)
    take(event(Kind.SENT, message))
    assert now_is(message).attempts == attempts


@pytest.mark.parametrize("custom_id", ["order-17", "0193", "6b5d2f0c-3f54-4d0e-9f7e-2f7f0f6c1a11"])
def test_an_event_of_other_software_is_kept_without_a_message(custom_id: str) -> None:
    message = accepted()
    assert take(event(Kind.SENT, message, custom_id=custom_id)).new == 1
    assert DeliveryEvent.objects.get().message_id is None
    assert now_is(message).state == State.ACCEPTED


def test_an_event_without_custom_id_finds_its_message_by_mailjets_number() -> None:
    message, _other = accepted(1), accepted(2)
    take(event(Kind.SENT, message, custom_id=""))
    assert now_is(message).state == State.DELIVERED
    assert DeliveryEvent.objects.get().message_id == message.id


def test_mailjets_number_means_nothing_weeks_after_the_message() -> None:
    message = accepted(accepted_at=NOW - timedelta(days=41))
    take(event(Kind.SENT, message, custom_id=""))
    assert now_is(message).state == State.ACCEPTED


def test_a_test_event_of_mailjets_page_is_kept_and_changes_nothing() -> None:
    message = accepted()
    assert take(event(Kind.OPEN, email="")).new == 1
    assert now_is(message).state == State.ACCEPTED
