"""What events mean for addresses: which must not be written to any more, and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from omnicrm.customers.addresses import InvalidAddress, normalise
from omnicrm.delivery.matching import Addressed
from omnicrm.delivery.transitions import consequence
from omnicrm.delivery.wording import reason
from omnicrm.mailjet.events import Event
from omnicrm.outbox.models import SuppressionScope
from omnicrm.outbox.reasons import UNSUBSCRIBED
from omnicrm.outbox.suppressions import Stop, latest_lifts, suppress_all


def suppress_addresses(arrivals: Sequence[tuple[Event, Addressed | None]], *, now: datetime) -> None:
    """Suppresses what new events say, each with the message it is about, if that is one of ours.

    An address of which staff lifted the suppression after the event stays as staff decided. An event that names
    another address than its message does suppresses nobody.
    """
    found = [
        (Stop(address=address, scope=scope, reason=_why(event, scope)), event.happened_at)
        for event, message in arrivals
        if (scope := consequence(event)) and (address := _address(event, message))
    ]
    lifts = latest_lifts({stop.address for stop, _at in found})
    suppress_all([stop for stop, at in found if not _is_undone(stop, at, lifts)], now=now)


def _is_undone(stop: Stop, at: datetime, lifts: Mapping[tuple[str, str], datetime]) -> bool:
    lifted_at = lifts.get((stop.address, stop.scope))
    return lifted_at is not None and at <= lifted_at


def _why(event: Event, scope: SuppressionScope) -> str:
    return UNSUBSCRIBED if scope == SuppressionScope.MARKETING else reason(event)


def _address(event: Event, message: Addressed | None) -> str:
    """The address as we write to it; "" where the event says none, or another than its message."""
    try:
        address = normalise(event.email)
        if message is None:
            return address
        return message.to_email if normalise(message.to_email).casefold() == address.casefold() else ""
    except InvalidAddress:
        return ""
