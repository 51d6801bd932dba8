"""Forgotten passwords: asked for by anybody, sent to whom the address belongs, completed through the link."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app

from omnicrm.accounts import proofs
from omnicrm.accounts.actors import user_actor, user_target
from omnicrm.accounts.models import Proof, Purpose, User
from omnicrm.accounts.notices import send_reset, tell_of_reset
from omnicrm.accounts.operations.passwords import check_password, store_password
from omnicrm.accounts.operations.rules import ADDRESS
from omnicrm.accounts.throttle import Limit
from omnicrm.audit.models import Action, TargetKind
from omnicrm.audit.operations import Actor, Target, anonymous, record
from omnicrm.config import current_config
from omnicrm.customers import rules

QUEUE: Final = "accounts"
SEND_RESET: Final = "accounts.send_reset"
FIRST: Final = 100
"""Priority of the job: before whatever else waits."""

PER_ADDRESS: Final = Limit(name="reset_address", tries=5, per=timedelta(hours=1))
PER_IP: Final = Limit(name="reset_ip", tries=30, per=timedelta(hours=1))


@transaction.atomic
def request_reset(*, email: str, ip: str | None, now: datetime, by: Actor | None = None) -> None:
    """Has a reset link sent if the address belongs to an active user; `by` is an administrator who asks for another.

    Does the same work whether it does or not: a job looks the address up. Raises InvalidInput for a text that is no
    address, TooOften for too many requests for one address or from one IP address.
    """
    address = rules.clean({"email": ADDRESS}, {"email": email})["email"]
    _throttle(address, ip, now=now)
    record(
        action=Action.RESET_REQUESTED,
        by=by or anonymous(ip),
        target=Target(kind=TargetKind.ADDRESS, name=address),
        now=now,
    )
    job = app.configure_task(SEND_RESET, queue=QUEUE, priority=FIRST)
    job.defer(address=address, asked_at=now.isoformat())


@transaction.atomic
def answer_reset_request(*, address: str, asked_at: datetime) -> None:
    """Makes the proof and queues its email, if an active user has the address.

    Can be repeated, and run late or out of order: a newer request wins, and the link's time begins with the request.
    """
    found = User.objects.filter(email__iexact=address, is_active=True).first()
    if found is None:
        return
    user = proofs.lock(found.pk)
    newest = proofs.latest(user, Purpose.RESET)
    if newest is not None and newest.created_at >= asked_at:
        return
    expires_at = asked_at + current_config().security.password_reset_expiry
    issued = proofs.issue(user, Purpose.RESET, address=user.email, expires_at=expires_at, now=asked_at)
    send_reset(user, issued, now=asked_at)


@transaction.atomic
def reset_password(*, token: str, new_password: str, ip: str | None, now: datetime) -> User:
    """Sets the password of the link's user and tells them by email; all sessions end.

    Whatever else was open for the user is void, and the address counts as verified. Raises ProofRefused for a link that
    is used, void, run out or unknown; InvalidInput for a weak password, after which the link still works.
    """
    proof = proofs.held(token, Purpose.RESET, now=now)
    user = proof.user
    check_password(new_password, user)
    proofs.use(proof, now=now)
    store_password(user, new_password, now=now)
    proofs.void(user, *Purpose, now=now)
    _verify_implicitly(user, proof, now=now)
    entry = record(action=Action.RESET_COMPLETED, by=user_actor(user, ip=ip), target=user_target(user), now=now)
    tell_of_reset(user, ip=ip, entry=entry, now=now)
    return user


def _throttle(address: str, ip: str | None, *, now: datetime) -> None:
    if ip is not None:
        PER_IP.take(ip, now=now)
    PER_ADDRESS.take(address, now=now)


def _verify_implicitly(user: User, proof: Proof, *, now: datetime) -> None:
    if user.email_verified_at is None and proof.address == user.email:
        user.email_verified_at = now
        user.save(update_fields=["email_verified_at"])
