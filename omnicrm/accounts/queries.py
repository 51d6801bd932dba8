"""Reads of accounts."""

from datetime import datetime

from django.db.models import Q, QuerySet

from omnicrm.accounts import proofs
from omnicrm.accounts.models import Proof, Purpose, User
from omnicrm.config import current_config


def reset_proof(*, token: str, now: datetime) -> User | None:
    """Whose password the link would reset, or None. Changes nothing: mail scanners open links as well."""
    proof = proofs.peek(token, Purpose.RESET, now=now)
    return proof.user if proof else None


def verification_proof(*, token: str, now: datetime) -> Proof | None:
    """What the link would verify, with its user, or None. Changes nothing either."""
    return proofs.peek(token, Purpose.VERIFY, now=now)


def find_users(
    *, search: str = "", role: str = "", is_active: bool | None = None, customer_id: int | None = None
) -> QuerySet[User]:
    """Users by their addresses, staff and customers'. `search` is part of a name or address."""
    found = User.objects.order_by("email", "pk")
    if search:
        found = found.filter(Q(full_name__icontains=search) | Q(email__icontains=search))
    wanted = {"role": role or None, "is_active": is_active, "customer_id": customer_id}
    return found.filter(**{name: value for name, value in wanted.items() if value is not None})


def address_to_verify(user: User) -> str | None:
    """The new address while a change waits, else one's own if it is not verified."""
    waiting = proofs.open_proof(user, Purpose.VERIFY)
    if waiting is not None and waiting.address != user.email:
        return waiting.address
    return None if user.email_verified_at else user.email


def may_ask_again_at(user: User, *, now: datetime) -> datetime | None:
    """When the cool-down ends, or None if another verification may be sent now."""
    newest = proofs.latest(user, Purpose.VERIFY)
    if newest is None:
        return None
    again_at = newest.created_at + current_config().security.verification_cooldown
    return again_at if again_at > now else None
