"""Why an alert was or was not sent, in words for staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from omnicrm.balances.guards import TOPPED_UP
from omnicrm.balances.models import Alert, Balance, BalanceEvent, Outcome
from omnicrm.balances.queries import steps_of
from omnicrm.balances.thresholds import Step
from omnicrm.balances.units import shown_amount
from omnicrm.config import current_config
from omnicrm.emails.balances import BalanceType
from omnicrm.emails.formats import Percentage, formatted
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """An alert, the message it led to, and why it was or was not sent."""

    alert: Alert
    message: Message | None
    explanation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What one threshold says of a balance now. `is_told`: customers know, and will not be told again before the
    balance has risen."""

    step: Step
    threshold: Decimal | None
    is_told: bool
    text: str


def explain_alerts(alerts: Iterable[Alert]) -> list[Explained]:
    """In the order given, with two queries and one more for each that a top-up has overtaken."""
    listed = list(alerts)
    messages = Message.objects.in_bulk([alert.message_id for alert in listed if alert.message_id])
    return [_explained(alert, messages.get(alert.message_id) if alert.message_id else None) for alert in listed]


def verdicts(balance: Balance) -> list[Verdict]:
    """What each threshold in force says of the balance as it is now: "not crossed: 34% is not below 20%"."""
    newest = BalanceEvent.objects.filter(balance=balance, event_id=balance.event_id).first()
    of_charging = newest.threshold if newest else None
    return [_verdict(balance, step, of_charging) for step in steps_of(balance)]


def _verdict(balance: Balance, step: Step, of_charging: Decimal | None) -> Verdict:
    threshold = step.threshold(balance.initial_value or Decimal(0), of_charging)
    _times, low = balance.told.get(step.key, (0, None))
    if balance.value is None or threshold is None:
        text = _("Not crossed: the balance is unlimited.") if balance.value is None else _("There is no threshold.")
    elif low is not None:
        margin = (balance.initial_value or Decimal(0)) * current_config().balances.hysteresis_percent / 100
        text = _("Told before; it can be told again once the balance has risen above %(value)s.") % {
            "value": _shown(balance, Decimal(low) + margin)
        }
    else:
        text = _("Not crossed: %(value)s is not below %(threshold)s.") % _compared(balance, step, threshold)
    return Verdict(step=step, threshold=threshold, is_told=low is not None, text=text)


def _compared(balance: Balance, step: Step, threshold: Decimal) -> dict[str, str]:
    left = balance.percent_left
    if step.percent is not None and left is not None:
        shares = (Percentage(left.quantize(Decimal("0.1"))), Percentage(step.percent))
        return {"value": formatted(shares[0], _language()), "threshold": formatted(shares[1], _language())}
    return {"value": _shown(balance, balance.value or Decimal(0)), "threshold": _shown(balance, threshold)}


def _explained(alert: Alert, message: Message | None) -> Explained:
    return Explained(alert=alert, message=message, explanation=_explanation(alert, message))


def _explanation(alert: Alert, message: Message | None) -> str:
    if alert.outcome != Outcome.EMAILED:
        return str(Outcome(alert.outcome).label)
    if message is None:
        return _("The email is no longer kept.")
    if message.state == State.CANCELLED and message.reason == TOPPED_UP and (span := _topped_up_before(alert, message)):
        return _("Topped up %(span)s before the email was to leave.") % {"span": formatted(span, _language())}
    state = _("The email is %(state)s.") % {"state": State(message.state).label}
    return f"{state} {_(message.reason)}" if message.reason else state


def _topped_up_before(alert: Alert, message: Message) -> timedelta | None:
    """How long before the email was cancelled the balance had risen."""
    cancelled = [attempt["at"] for attempt in message.attempts if attempt["outcome"] == State.CANCELLED]
    rise = (
        BalanceEvent.objects.filter(balance_id=alert.balance_id, event_time__gte=alert.happened_at)
        .filter(Q(value__gt=alert.value) | Q(value=None))
        .order_by("-event_time")
        .first()
    )
    if not cancelled or rise is None:
        return None
    return max(datetime.fromisoformat(cancelled[-1]) - rise.event_time, timedelta())


def _shown(balance: Balance, value: Decimal) -> str:
    return formatted(shown_amount(BalanceType(balance.balance_type), balance.unit, value), _language())


def _language() -> str:
    return (get_language() or current_config().company.language)[:2]
