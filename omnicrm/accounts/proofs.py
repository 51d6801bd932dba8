"""Proofs: made, looked at, used and voided. Who makes or uses one holds the user's lock, so that none is used twice.

A token has 256 random bits, so a plain hash of it cannot be reversed. A code has six digits: its hash is keyed with the
secret key, without which a copy of the database would give it away, and its tries are counted.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

from omnicrm.accounts.errors import ProofRefused
from omnicrm.accounts.models import Proof, Purpose, User

TRIES: Final = 5
KEPT_FOR: Final = timedelta(days=30)
"""A proof that is over stays this long: the cool-down and whoever looks into a complaint may want it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedProof:
    """What goes into the email and nowhere else."""

    proof: Proof
    token: str
    code: str

    def __repr__(self) -> str:
        return f"IssuedProof({self.proof})"


def issue(user: User, purpose: Purpose, *, address: str, expires_at: datetime, now: datetime) -> IssuedProof:
    """Makes a proof that `address` is read, and voids the user's open one of the same purpose."""
    void(user, purpose, now=now)
    token, code = new_token(), new_code()
    proof = Proof.objects.create(
        user=user,
        purpose=purpose,
        address=address,
        token_hash=token_hash(token),
        code_hash=code_hash(code, bound_to=token_hash(token)) if purpose == Purpose.VERIFY else "",
        tries_left=TRIES,
        created_at=now,
        expires_at=expires_at,
    )
    return IssuedProof(proof=proof, token=token, code=code)


def void(user: User, *purposes: Purpose, now: datetime) -> None:
    """Makes the user's open proofs useless; emails with them that have not left are cancelled by the guards."""
    open_proofs = Proof.objects.filter(user=user, purpose__in=purposes, used_at=None, voided_at=None)
    open_proofs.update(voided_at=now)


def peek(token: str, purpose: Purpose, *, now: datetime) -> Proof | None:
    """The proof that this token opens, with its user, or None. Changes nothing."""
    openable = Proof.objects.filter(
        purpose=purpose, used_at=None, voided_at=None, expires_at__gt=now, user__is_active=True
    )
    return openable.select_related("user").filter(token_hash=token_hash(token)).first()


def held(token: str, purpose: Purpose, *, now: datetime) -> Proof:
    """As `peek`, with the user locked until the transaction ends. Raises ProofRefused."""
    seen = peek(token, purpose, now=now)
    if seen is not None:
        lock(seen.user_id)
        seen = peek(token, purpose, now=now)  # another request may have used it while this one waited
    if seen is None:
        raise ProofRefused("token")
    return seen


def lock(user_id: int) -> User:
    """The user, whom nobody else changes before this transaction ends. Raises User.DoesNotExist."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def latest(user: User, purpose: Purpose) -> Proof | None:
    return Proof.objects.filter(user=user, purpose=purpose).order_by("-created_at", "-id").first()


def open_proof(user: User, purpose: Purpose) -> Proof | None:
    """The user's open proof, which may have run out."""
    return Proof.objects.filter(user=user, purpose=purpose, used_at=None, voided_at=None).first()


def use(proof: Proof, *, now: datetime) -> None:
    proof.used_at = now
    proof.save(update_fields=["used_at"])


def is_code_of(proof: Proof, code: str, *, now: datetime) -> bool:
    """Compares a typed code in constant time and counts the try; the last wrong one voids the proof."""
    if constant_time_compare(proof.code_hash, code_hash(code, bound_to=proof.token_hash)):
        return True
    proof.tries_left -= 1
    proof.voided_at = None if proof.tries_left else now
    proof.save(update_fields=["tries_left", "voided_at"])
    return False


def drop_old(*, now: datetime) -> int:
    """Deletes proofs that were over long ago; returns how many."""
    dropped, _by_model = Proof.objects.filter(expires_at__lte=now - KEPT_FOR).delete()
    return dropped


def new_token() -> str:
    """Fit for an address: 43 characters, 256 random bits."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    return f"{secrets.randbelow(10**6):06}"


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def code_hash(code: str, *, bound_to: str) -> str:
    """Bound to the token's hash, so that equal codes have different hashes."""
    typed = code.encode(errors="replace").decode()
    return salted_hmac(f"omnicrm.accounts.code.{bound_to}", typed, algorithm="sha256").hexdigest()
