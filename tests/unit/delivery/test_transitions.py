"""Which step an event brings its message to, and what follows for the address."""

from datetime import UTC, datetime

import pytest

from omnicrm.delivery.transitions import STATES, STEPS, Step, consequence, step
from omnicrm.mailjet.events import Event, Kind
from omnicrm.outbox.models import SuppressionScope


def fact(kind: Kind, error: str = "", related_to: str = "", *, is_hard: bool = False) -> Event:
    return Event(
        kind=kind,
        happened_at=datetime(2026, 5, 31, 12, tzinfo=UTC),
        mailjet_message_id=1,
        custom_id="",
        email="helene@example.com",
        is_hard=is_hard,
        error=error,
        error_related_to=related_to,
    )


def test_every_kind_has_a_step_and_every_step_a_state() -> None:
    assert {*STEPS, Kind.BOUNCE} == set(Kind)
    assert set(STATES) == set(Step)


def test_the_order_of_steps_is_the_contract() -> None:
    ordered = [
        fact(Kind.BOUNCE, "greylisted", "domain"),
        fact(Kind.BOUNCE, "mailbox inactive", "recipient"),
        fact(Kind.SENT),
        fact(Kind.BOUNCE, "user unknown", "recipient", is_hard=True),
        fact(Kind.BLOCKED, "preblocked", "mailjet"),
        fact(Kind.SPAM),
    ]
    assert [step(each) for each in ordered] == sorted(Step)


def test_a_final_bounce_by_greylisting_is_a_bounce() -> None:
    assert step(fact(Kind.BOUNCE, "greylisted", "domain", is_hard=True)) is Step.HARD_BOUNCED


@pytest.mark.parametrize("related_to", ["system", "content", "System"])
def test_a_final_bounce_that_is_our_own_fault_stops_nothing(related_to: str) -> None:
    assert consequence(fact(Kind.BOUNCE, "whatever", related_to, is_hard=True)) is None


def test_a_final_bounce_with_an_error_nobody_knows_stops_everything() -> None:
    assert consequence(fact(Kind.BOUNCE, "gone fishing", is_hard=True)) is SuppressionScope.EVERYTHING


def test_a_block_with_an_error_nobody_knows_stops_nothing() -> None:
    assert consequence(fact(Kind.BLOCKED, "gone fishing")) is None
