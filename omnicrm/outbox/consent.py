"""Consent to marketing: the link by which a recipient withdraws it, and what following that link does.

The link needs no sign-in and never expires: it stands in emails that people keep for years. Its token is the address,
encrypted, because links end up in logs and histories; nobody without our key can make one.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.utils.crypto import salted_hmac

from omnicrm.config import current_config
from omnicrm.outbox.models import Message, Suppression, SuppressionScope
from omnicrm.outbox.reasons import UNSUBSCRIBED

_PURPOSE = "omnicrm.outbox.consent"
_LONGEST_TOKEN = 1500
"""Characters; the longest address takes fewer."""


class InvalidLink(ValueError):
    """The token is none of ours, or was cut on its way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """How an address stands to marketing. `language` is that of the last email to it, None if there is none left.

    `may_undo`: the recipient withdrew it by the link, so the recipient may also give it back.
    """

    address: str
    language: str | None
    is_withdrawn: bool
    may_undo: bool


def unsubscribe_url(address: str) -> str:
    """The link for an address in its normal form; always the same for the same address."""
    token = urlsafe_b64encode(_cipher().encrypt(address.encode(), None)).rstrip(b"=").decode()
    return f"{current_config().server.public_url}/unsubscribe/{token}/"


def unsubscribe_headers(address: str) -> dict[str, str]:
    """What makes mailbox providers show a button that unsubscribes with one click (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{unsubscribe_url(address)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def consent(token: str) -> Consent:
    """Raises InvalidLink."""
    address = _address(token)
    suppression = Suppression.objects.filter(address=address, scope=SuppressionScope.MARKETING).first()
    return Consent(
        address=address,
        language=Message.objects.filter(to_email=address).values_list("language", flat=True).first(),
        is_withdrawn=suppression is not None,
        may_undo=suppression is not None and suppression.reason == UNSUBSCRIBED,
    )


def unsubscribe(token: str, *, now: datetime) -> Suppression:
    """No marketing for this address any more, not even what is queued; twice is as good as once.

    Raises InvalidLink.
    """
    return unsubscribe_address(_address(token), now=now)


def unsubscribe_address(address: str, *, now: datetime) -> Suppression:
    """The same for an address in its normal form, whose owner has shown to be it in another way."""
    suppression, _ = Suppression.objects.get_or_create(
        address=address,
        scope=SuppressionScope.MARKETING,
        defaults={"reason": UNSUBSCRIBED, "created_at": now},
    )
    return suppression


def resubscribe(token: str) -> bool:
    """Undoes `unsubscribe`. False where there was nothing to undo: what staff or a complaint decided stays.

    Raises InvalidLink.
    """
    return resubscribe_address(_address(token))


def resubscribe_address(address: str) -> bool:
    """The same for an address in its normal form, whose owner has shown to be it in another way."""
    own = Suppression.objects.filter(address=address, scope=SuppressionScope.MARKETING, reason=UNSUBSCRIBED)
    return own.delete()[0] > 0


def _address(token: str) -> str:
    if len(token) > _LONGEST_TOKEN:
        raise InvalidLink("the token is longer than any of ours")
    try:
        return _cipher().decrypt(urlsafe_b64decode(token + "=" * (-len(token) % 4)), None).decode()
    except (InvalidTag, ValueError) as error:
        raise InvalidLink("the token is none of ours") from error


@cache
def _cipher() -> AESSIV:
    """Deterministic, and it checks before it tells anything, in constant time."""
    return AESSIV(salted_hmac(_PURPOSE, "unsubscribe", algorithm="sha512").digest())
