"""Links from an alert to where its service is topped up or renewed.

A token is the service's id and the moment its link expires, signed: it cannot be made up, and nothing is stored. It
shows what the email shows, and signs nobody in.
"""

from datetime import datetime
from enum import Enum, StrEnum
from typing import Final

from django.core.signing import BadSignature, Signer

from omnicrm.config import current_config
from omnicrm.customers.models import Service

_SIGNER: Final = Signer(salt="omnicrm.balances.links", sep="~")


class Purpose(StrEnum):
    """What a link is for; also the last part of its address in the portal."""

    TOP_UP = "topup"
    RENEW = "renew"


class LinkState(Enum):
    EXPIRED = "expired"
    WRONG = "wrong"


def topup_url(service: Service, *, now: datetime) -> str:
    return _link(Purpose.TOP_UP, service, now)


def renewal_url(service: Service, *, now: datetime) -> str:
    return _link(Purpose.RENEW, service, now)


def outside_url(purpose: Purpose, service: Service, *, now: datetime) -> str | None:
    """The operator's own page for it, or None if there is only the portal."""
    pattern = _pattern(purpose)
    is_outside = pattern and not pattern.startswith(f"{current_config().server.public_url}/self-care/")
    return _filled(pattern, service, now) if pattern and is_outside else None


def token_for(service: Service, *, now: datetime) -> str:
    expires = now + current_config().balances.link_expiry
    return _SIGNER.sign(f"{service.pk}-{int(expires.timestamp())}")


def service_of(token: str, *, now: datetime) -> int | LinkState:
    """The id of the service that a link's token names, or why the token opens nothing."""
    try:
        service_id, _, expires = _SIGNER.unsign(token).partition("-")
    except BadSignature:
        return LinkState.WRONG
    return int(service_id) if expires and now.timestamp() < int(expires) else LinkState.EXPIRED


def _pattern(purpose: Purpose) -> str | None:
    settings = current_config().balances
    return settings.topup_url if purpose is Purpose.TOP_UP else settings.renewal_url


def _link(purpose: Purpose, service: Service, now: datetime) -> str:
    portal = f"{current_config().server.public_url}/self-care/services/{{service_id}}/{purpose}/?t={{token}}"
    return _filled(_pattern(purpose) or portal, service, now)


def _filled(pattern: str, service: Service, now: datetime) -> str:
    return pattern.format(token=token_for(service, now=now), service_id=service.pk, service_uuid=service.service_uuid)
