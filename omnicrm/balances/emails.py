"""Alerts as emails of the catalogue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from omnicrm.balances.links import renewal_url, topup_url
from omnicrm.balances.models import Alert, AlertKind, Balance
from omnicrm.balances.units import shown_amount
from omnicrm.customers.models import Service
from omnicrm.emails.balances import Amount, BalanceExpired, BalanceLow, BalanceType, Several

MOST_SHOWN: Final = 10
"""Balances in one email: more of them nobody reads."""

Told = Sequence[tuple[Alert, Balance]]


def alert_email(kind: AlertKind, service: Service, told: Told, *, zone: ZoneInfo) -> BalanceLow | BalanceExpired:
    """One email about all these alerts of a service. Amounts are those of now, not of the moment of the crossing."""
    return _low(service, told) if kind is AlertKind.LOW else _expired(service, told, zone)


def deepest(told: Told) -> list[tuple[Alert, Balance]]:
    """Of each balance the alert of its lowest threshold."""
    by_balance: dict[int, tuple[Alert, Balance]] = {}
    for alert, balance in sorted(told, key=lambda each: each[0].threshold or 0, reverse=True):
        by_balance[balance.pk] = (alert, balance)
    return sorted(by_balance.values(), key=lambda each: (each[1].balance_type, each[1].pk))


def _low(service: Service, told: Told) -> BalanceLow:
    amounts: list[Amount] = []
    thresholds: list[Amount] = []
    types: list[BalanceType] = []
    for alert, balance in deepest(told)[:MOST_SHOWN]:
        kind = BalanceType(balance.balance_type)
        if balance.value is not None and alert.threshold is not None:
            amounts.append(shown_amount(kind, balance.unit, balance.value))
            thresholds.append(shown_amount(kind, balance.unit, alert.threshold))
            types.append(kind)
    return BalanceLow(
        customer_name=service.customer.customer_name,
        service_name=service.service_name,
        current_balance=Several(tuple(amounts)),
        threshold=Several(tuple(thresholds)),
        balance_type=Several(tuple(types)),
        topup_url=topup_url(service, now=_decided(told)),
    )


def _expired(service: Service, told: Told, zone: ZoneInfo) -> BalanceExpired:
    types = tuple(dict.fromkeys(BalanceType(balance.balance_type) for _alert, balance in told))
    last = max(alert.expiry for alert, _balance in told if alert.expiry)
    return BalanceExpired(
        customer_name=service.customer.customer_name,
        service_name=service.service_name,
        expiry_date=last.astimezone(zone).date(),
        balance_type=Several(types),
        renewal_url=renewal_url(service, now=_decided(told)),
    )


def _decided(told: Told) -> datetime:
    return max(alert.decided_at for alert, _balance in told)
