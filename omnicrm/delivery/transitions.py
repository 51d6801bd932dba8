"""What an event means: for the state of its message, and for the address it went to.

A message is in the state of its highest step, so neither the order in which events arrive nor their repetition matters:

accepted < deferred < soft bounced < delivered < hard bounced < blocked < complained
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Protocol

from omnicrm.mailjet.events import Kind
from omnicrm.outbox.models import SuppressionScope
from omnicrm.outbox.states import State


class Fact(Protocol):
    """What is judged: an Event of Mailjet's, or a DeliveryEvent."""

    @property
    def kind(self) -> str: ...
    @property
    def is_hard(self) -> bool: ...
    @property
    def error(self) -> str: ...
    @property
    def error_related_to(self) -> str: ...


class Step(IntEnum):
    """The higher takes precedence. That Mailjet accepted the message is what every event proves."""

    DEFERRED = 1
    SOFT_BOUNCED = 2
    DELIVERED = 3
    HARD_BOUNCED = 4
    BLOCKED = 5
    COMPLAINED = 6


STATES: Final[Mapping[Step, State]] = {
    Step.DEFERRED: State.DEFERRED,
    Step.SOFT_BOUNCED: State.BOUNCED,
    Step.DELIVERED: State.DELIVERED,
    Step.HARD_BOUNCED: State.BOUNCED,
    Step.BLOCKED: State.BLOCKED,
    Step.COMPLAINED: State.COMPLAINED,
}

STEPS: Final[Mapping[str, Step]] = {
    Kind.SENT: Step.DELIVERED,
    Kind.OPEN: Step.DELIVERED,
    Kind.CLICK: Step.DELIVERED,
    Kind.UNSUB: Step.DELIVERED,
    Kind.BLOCKED: Step.BLOCKED,
    Kind.SPAM: Step.COMPLAINED,
}
"""Of all kinds but bounces, which are of three sorts."""

GREYLISTED: Final = "greylisted"
BLOCKED_FOR_GOOD: Final = frozenset({"blacklisted", "preblocked", "spam reporter"})
"""Errors of `blocked` that are about the address, and not about this one message."""
NOT_THE_ADDRESS: Final = frozenset({"quota exceeded", GREYLISTED, "duplicate in campaign"})
NOT_THE_RECIPIENT: Final = frozenset({"system", "content"})
"""What an error may be related to without saying anything about the address, even if it is final."""


def step(fact: Fact) -> Step:
    """How far the event brings its message."""
    if fact.kind != Kind.BOUNCE:
        return STEPS[fact.kind]
    if fact.is_hard:
        return Step.HARD_BOUNCED
    return Step.DEFERRED if _error(fact) == GREYLISTED else Step.SOFT_BOUNCED


def consequence(fact: Fact) -> SuppressionScope | None:
    """What must not be sent to the event's address any more; None: everything may."""
    match fact.kind:
        case Kind.SPAM:
            return SuppressionScope.EVERYTHING
        case Kind.UNSUB:
            return SuppressionScope.MARKETING
        case Kind.BOUNCE:
            return SuppressionScope.EVERYTHING if fact.is_hard and _is_about_address(fact) else None
        case Kind.BLOCKED:
            return SuppressionScope.EVERYTHING if _error(fact) in BLOCKED_FOR_GOOD else None
    return None


def _is_about_address(fact: Fact) -> bool:
    return _error(fact) not in NOT_THE_ADDRESS and fact.error_related_to.strip().lower() not in NOT_THE_RECIPIENT


def _error(fact: Fact) -> str:
    return fact.error.strip().lower()
