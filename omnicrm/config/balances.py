"""`balances` in crm_config.yaml: when a balance counts as low or expired, and when customers may be told."""

import re
from collections.abc import Iterable
from datetime import time, timedelta
from decimal import Decimal, InvalidOperation
from string import Formatter
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field

from omnicrm.config.base import Model
from omnicrm.config.fields import Duration, LinkExpiry, Secret, Url, mistake

LINK_FIELDS = frozenset({"token", "service_id", "service_uuid"})
"""What a link to the self-care portal may carry."""
_SHORTEST_SECRET = 16
_WHOLE = 100


class QuietHours(NamedTuple):
    """Local times of the day between which no alert leaves; `start` may lie after `end`, over midnight."""

    start: time
    end: time


def _percentages(value: object) -> tuple[Decimal, ...]:
    written = value.split(",") if isinstance(value, str) else value if isinstance(value, Iterable) else [value]
    try:
        shares = {Decimal(str(each).strip().removesuffix("%").strip()) for each in written}
        are_right = bool(shares) and all(0 < share <= _WHOLE for share in shares)
    except InvalidOperation:
        are_right = False
    if not are_right:
        raise mistake("is not a percentage", "write a number up to 100, or several, as in [50, 20, 5]")
    return tuple(sorted(shares, reverse=True))


def _quiet_hours(value: object) -> object:
    written = re.fullmatch(r"(\d\d:\d\d) *- *(\d\d:\d\d)", value.strip()) if isinstance(value, str) else None
    try:
        hours = QuietHours(*map(time.fromisoformat, written.groups())) if written else None
    except ValueError:
        hours = None
    if hours is None or hours.start == hours.end:
        raise mistake("is not a part of the day", 'write it in quotes, as in "21:00-08:00"')
    return hours


def _link(value: str) -> str:
    try:
        fields = [name for _text, name, _spec, _conversion in Formatter().parse(value) if name is not None]
    except ValueError:
        raise mistake("has a brace without its partner", "write {token} where the signed token belongs") from None
    if unknown := sorted(set(fields) - LINK_FIELDS):
        raise mistake(f"has an unknown {{{unknown[0]}}}", "use {token}, {service_id} and {service_uuid}")
    if not fields:
        raise mistake("leads every customer to the same place", "write {token} where the signed token belongs")
    return value


Percentage = Annotated[Decimal, Field(gt=0, le=100)]
Percentages = Annotated[tuple[Decimal, ...], BeforeValidator(_percentages)]
Link = Annotated[Url, AfterValidator(_link)]
_DAYS = "write a number of days, as in 90d"


class AlertWebhook(Model):
    """Where alerts are posted for other channels, such as an SMS gateway; `secret` signs each post."""

    url: Url = Field(description="write the address alerts are posted to")
    secret: Secret = Field(min_length=_SHORTEST_SECRET, description="write a secret of 16 characters or more")


class Balances(Model):
    """`low_threshold_percent` of the initial value, unless a service, its plan or the charging system says otherwise.

    Without `topup_url` and `renewal_url`, customers are led to the self-care portal at `server.public_url`.
    """

    low_threshold_percent: Percentages = (Decimal(20),)
    hysteresis_percent: Percentage = Decimal(5)
    gather: Duration = timedelta(seconds=10)
    quiet_hours: Annotated[QuietHours | None, BeforeValidator(_quiet_hours)] = None
    daily_cap: int = Field(5, ge=1, le=1000, description="write how many alerts a customer may get in a day")
    tell_within: Duration = timedelta(days=1)
    expired_grace: Duration = timedelta(minutes=10)
    expired_ignores_empty_for: Duration = timedelta(days=30)
    topup_url: Link | None = None
    renewal_url: Link | None = None
    link_expiry: LinkExpiry = timedelta(days=90)
    history: Duration = Field(timedelta(days=90), ge=timedelta(days=1), description=_DAYS)
    webhook: AlertWebhook | None = None
