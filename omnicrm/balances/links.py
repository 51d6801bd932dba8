"""Links from an alert to where its service is topped up or renewed. A signed token in them names the service."""

from django.core import signing

from omnicrm.config import current_config
from omnicrm.customers.models import Service

_SALT = "omnicrm.balances.links"


def topup_url(service: Service) -> str:
    return _link(current_config().balances.topup_url, service, page="topup")


def renewal_url(service: Service) -> str:
    return _link(current_config().balances.renewal_url, service, page="renew")


def service_of(token: str) -> int | None:
    """The id of the service that a link's token names, or None for a token that is not ours.

    Such a link shows what a mail may show: it does not sign anybody in.
    """
    try:
        return int(signing.Signer(salt=_SALT, sep="~").unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def _link(pattern: str | None, service: Service, *, page: str) -> str:
    chosen = pattern or f"{current_config().server.public_url}/self-care/services/{{service_id}}/{page}/?t={{token}}"
    return chosen.format(
        token=signing.Signer(salt=_SALT, sep="~").sign(str(service.pk)),
        service_id=service.pk,
        service_uuid=service.service_uuid,
    )
