"""`security` in crm_config.yaml: how long what opens an account stays valid, who needs a
second factor, and how long the audit log is kept.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from omnicrm.config.base import Model
from omnicrm.config.fields import Duration, Roles, mistake

_SHORTEST_EXPIRY = timedelta(minutes=5)
_SHORTEST_RETENTION = timedelta(days=30)


def _long_enough_to_arrive(value: timedelta) -> timedelta:
    if value < _SHORTEST_EXPIRY:
        raise mistake("is shorter than an email may take to arrive", "write 5m or more")
    return value


def _kept_long_enough(value: timedelta) -> timedelta:
    if value < _SHORTEST_RETENTION:
        raise mistake("is too short for an audit log", "write 30d or more")
    return value


Expiry = Annotated[Duration, AfterValidator(_long_enough_to_arrive)]
Retention = Annotated[Duration, AfterValidator(_kept_long_enough)]


class Security(Model):
    """Lengths of time are written as 15m, 1h or 30d."""

    password_reset_expiry: Expiry = timedelta(hours=1)
    temporary_password_expiry: Expiry = timedelta(hours=72)
    verification_expiry: Expiry = timedelta(hours=24)
    verification_cooldown: Duration = timedelta(seconds=60)
    audit_retention: Retention = timedelta(days=365)
    second_factor_roles: Roles = ()
