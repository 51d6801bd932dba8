"""Balances and alerts as customers see them: what is left, how long it lasts, and what we wrote about it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from omnicrm.balances.models import Alert, AlertKind, Balance, Kind, Outcome
from omnicrm.balances.queries import find_alerts, find_balances, highest_thresholds
from omnicrm.balances.units import shown_amount
from omnicrm.config import current_config
from omnicrm.customers.models import Service
from omnicrm.emails.balances import BalanceType
from omnicrm.emails.formats import formatted
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from omnicrm.selfcare.access import Visit
from omnicrm.selfcare.emails import ToldEmail, told

SHOWN_AFTER_EXPIRY: Final = timedelta(days=30)
"""Charging systems open a new balance for each purchase: those that ended long ago would bury the others."""
_NEVER_LEFT: Final = (State.SUPPRESSED, State.CANCELLED, State.EXPIRED, State.REFUSED, State.FAILED)


class Level(TextChoices):
    """How a balance stands. Pages tell it in words; the colour only repeats it."""

    FINE = "fine", pgettext_lazy("balance", "Available")
    LOW = "low", pgettext_lazy("balance", "Low")
    EMPTY = "empty", pgettext_lazy("balance", "Used up")
    EXPIRED = "expired", pgettext_lazy("balance", "Expired")


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldBalance:
    """`left` and `of` are texts in the language in use; `of` is empty where there is nothing to compare with.
    `percent` is the length of the bar, None for no bar. `own_name` tells it from others of its type."""

    balance: Balance
    level: Level
    left: str
    of: str
    percent: int | None
    own_name: str

    @property
    def is_trouble(self) -> bool:
        return self.level is not Level.FINE


def told_balances(services: Collection[Service], *, now: datetime) -> dict[int, list[ToldBalance]]:
    """The balances of each service by its id: those in use first, then those that have expired lately."""
    listed = list(
        find_balances()
        .select_related("service__alerts__plan")
        .filter(Q(expiry=None) | Q(expiry__gt=now - SHOWN_AFTER_EXPIRY), service__in=services)
        .order_by("balance_type", "pk")
    )
    thresholds = highest_thresholds(listed)
    by_service: dict[int, list[Balance]] = defaultdict(list)
    for balance in sorted(listed, key=lambda each: each.is_expired(now)):
        by_service[balance.service_id].append(balance)
    return {
        service_id: [_told(balance, balances, thresholds.get(balance.pk), now) for balance in balances]
        for service_id, balances in by_service.items()
    }


def sent_alerts(visit: Visit) -> QuerySet[Alert]:
    """Alerts of which the customer got an email, or will get it soon; newest first."""
    went = visit.messages.exclude(state__in=_NEVER_LEFT).values("id")
    return (
        find_alerts(customer_id=visit.customer.pk)
        .filter(outcome=Outcome.EMAILED, message_id__in=went)
        .select_related("balance__service")
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldAlert:
    alert: Alert
    text: str
    email: ToldEmail


def told_alerts(visit: Visit, alerts: Iterable[Alert]) -> list[ToldAlert]:
    """In the order given, with one query for their emails."""
    listed = list(alerts)
    messages = visit.messages.in_bulk([alert.message_id for alert in listed])
    return [_told_alert(alert, messages[alert.message_id]) for alert in listed if alert.message_id in messages]


def _told_alert(alert: Alert, message: Message) -> ToldAlert:
    balance = alert.balance
    name = {"balance": Kind(balance.balance_type).label}
    if alert.kind == AlertKind.EXPIRED:
        text = _("%(balance)s: expired") % name
    else:
        amounts = {"left": _shown(balance, alert.value), "threshold": _shown(balance, alert.threshold)}
        text = _("%(balance)s: %(left)s left, below %(threshold)s") % {**name, **amounts}
    return ToldAlert(alert=alert, text=text, email=told(message))


def _told(balance: Balance, all_of_service: Sequence[Balance], threshold: Decimal | None, now: datetime) -> ToldBalance:
    level = _level(balance, threshold, now)
    has_twin = any(each is not balance and each.balance_type == balance.balance_type for each in all_of_service)
    has_amount = balance.balance_type != Kind.SERVICE and level is not Level.EXPIRED
    share = balance.percent_left if has_amount else None
    return ToldBalance(
        balance=balance,
        level=level,
        left=_left(balance) if has_amount else "",
        of=_shown(balance, balance.initial_value) if share is not None else "",
        percent=None if share is None else int(share),
        own_name=balance.balance_id if has_twin else "",
    )


def _level(balance: Balance, threshold: Decimal | None, now: datetime) -> Level:
    value: Decimal | None = balance.value
    if balance.is_expired(now):
        return Level.EXPIRED
    if value is None:
        return Level.FINE
    if value <= 0:
        return Level.EMPTY
    return Level.LOW if threshold is not None and value < threshold else Level.FINE


def _left(balance: Balance) -> str:
    if balance.is_unlimited:
        return _("Unlimited")
    return _("%(amount)s left") % {"amount": _shown(balance, balance.value)}


def _shown(balance: Balance, value: Decimal | None) -> str:
    language = (get_language() or current_config().company.language)[:2]
    kind = BalanceType(balance.balance_type)
    return formatted(shown_amount(kind, balance.unit, value or Decimal(0)), language)
