"""Addresses of users: verified by a link or a code, and changed only once the new one is."""

from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from omnicrm.accounts import proofs
from omnicrm.accounts.actors import user_actor, user_target
from omnicrm.accounts.errors import ProofRefused, TooOften, WrongCode
from omnicrm.accounts.models import Proof, Purpose, User
from omnicrm.accounts.notices import send_verification, tell_of_address_change
from omnicrm.accounts.operations.rules import ADDRESS
from omnicrm.accounts.queries import address_to_verify, may_ask_again_at
from omnicrm.accounts.throttle import Limit
from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.config import current_config
from omnicrm.customers import rules
from omnicrm.customers.errors import AlreadyTaken, FieldError, InvalidInput

CHANGES: Final = Limit(name="address_change", tries=5, per=timedelta(hours=1))


def send_first_verification(user: User, *, now: datetime) -> None:
    """For a new user, in the transaction that makes it."""
    _issue(user, user.email, now=now)


@transaction.atomic
def request_verification(*, user_id: int, now: datetime) -> str:
    """Sends a new link and code to the address that waits to be verified, and returns that address.

    It is the new one while a change waits. Raises TooOften within the cool-down, InvalidInput if nothing is to verify.
    """
    user = proofs.lock(user_id)
    address = address_to_verify(user)
    if address is None:
        raise InvalidInput(FieldError(field="", message=_("Your address is verified already.")))
    if (retry_at := may_ask_again_at(user, now=now)) is not None:
        raise TooOften(retry_at=retry_at, now=now)
    _issue(user, address, now=now)
    return address


@transaction.atomic
def verify_by_link(*, token: str, now: datetime, ip: str | None = None) -> User:
    """Uses the link, for whoever holds it. Raises ProofRefused, AlreadyTaken if another user has the address by now."""
    return _verified(proofs.held(token, Purpose.VERIFY, now=now), ip=ip, now=now)


def verify_by_code(*, user_id: int, code: str, now: datetime, ip: str | None = None) -> User:
    """Uses the code that was sent to the signed-in user.

    Raises WrongCode with the tries that are left, ProofRefused without an open proof or after the last try,
    AlreadyTaken. A wrong try must count, therefore this must not be called inside a transaction.
    """
    with transaction.atomic():
        user = proofs.lock(user_id)
        proof = proofs.open_proof(user, Purpose.VERIFY)
        if proof is None or proof.expires_at <= now or not user.is_active:
            raise ProofRefused("code")
        proof.user = user
        if proofs.is_code_of(proof, _digits(code), now=now):
            return _verified(proof, ip=ip, now=now)
    if proof.tries_left:
        raise WrongCode(tries_left=proof.tries_left)
    raise ProofRefused("code")


@transaction.atomic
def change_address(*, user_id: int, new_email: str, by: Actor, now: datetime) -> str:
    """Has the new address verified, after which it replaces the one in force; tells the latter. Returns the new one.

    An address that another user has is answered in the same way, but gets no email: nobody learns who has an account.
    Raises InvalidInput, TooOften after five changes in an hour.
    """
    address: str = rules.clean({"new_email": ADDRESS}, {"new_email": new_email})["new_email"]
    user = proofs.lock(user_id)
    if address == user.email:
        raise InvalidInput(FieldError(field="new_email", message=_("This is the address already.")))
    CHANGES.take(str(user_id), now=now)
    entry = record(
        action=Action.ADDRESS_CHANGE_REQUESTED, by=by, target=user_target(user), detail={"address": address}, now=now
    )
    _issue(user, address, now=now)
    tell_of_address_change(user, new_address=address, entry=entry, now=now)
    return address


@transaction.atomic
def cancel_address_change(*, user_id: int, now: datetime) -> None:
    """Keeps the address in force. Does nothing when no change waits."""
    user = proofs.lock(user_id)
    waiting = proofs.open_proof(user, Purpose.VERIFY)
    if waiting is not None and waiting.address != user.email:
        proofs.void(user, Purpose.VERIFY, now=now)


def _issue(user: User, address: str, *, now: datetime) -> None:
    expires_at = now + current_config().security.verification_expiry
    issued = proofs.issue(user, Purpose.VERIFY, address=address, expires_at=expires_at, now=now)
    if not _is_taken(address, by_other_than=user):
        send_verification(user, issued, now=now)


def _verified(proof: Proof, *, ip: str | None, now: datetime) -> User:
    user = proof.user
    proofs.use(proof, now=now)
    before = user.email
    if proof.address == before:
        user.email_verified_at = now
        user.save(update_fields=["email_verified_at"])
        record(action=Action.ADDRESS_VERIFIED, by=user_actor(user, ip=ip), target=user_target(user), now=now)
        return user
    _move(user, proof.address, now=now)
    detail = {"from": before, "to": user.email}
    record(action=Action.ADDRESS_CHANGED, by=user_actor(user, ip=ip), target=user_target(user), detail=detail, now=now)
    return user


def _move(user: User, address: str, *, now: datetime) -> None:
    """A link to reset the password that the old address got is void from now on."""
    user.email, user.email_verified_at = address, now
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_verified_at"])
    except IntegrityError:
        text = _("This address belongs to another account by now. Choose another one.")
        raise AlreadyTaken(FieldError(field="new_email", message=text)) from None
    proofs.void(user, Purpose.RESET, now=now)


def _is_taken(address: str, *, by_other_than: User) -> bool:
    return User.objects.filter(email__iexact=address).exclude(pk=by_other_than.pk).exists()


def _digits(code: str) -> str:
    """Codes are copied with spaces around and within."""
    return "".join(code.split())
