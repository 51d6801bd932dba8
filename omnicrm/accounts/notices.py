"""Emails to users: to whom each goes, what it says, and under which key, by which guards.py knows it again."""

from datetime import datetime
from uuid import UUID

from omnicrm.accounts.actors import is_self
from omnicrm.accounts.models import User
from omnicrm.accounts.proofs import IssuedProof
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import ActorKind, Entry
from omnicrm.audit.operations import Actor
from omnicrm.config import current_config
from omnicrm.customers.addresses import masked
from omnicrm.emails.formats import Wording
from omnicrm.emails.users import (
    EmailVerification,
    UserAddressChange,
    UserPasswordChange,
    UserPasswordReset,
    UserPasswordResetSuccess,
    UserWelcome,
)
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.operations import enqueue

_ADMINISTRATOR = Wording(fr="un administrateur", en="an administrator")


def send_welcome(user: User, *, temporary_password: str | None, entry: Entry, now: datetime) -> UUID:
    email = UserWelcome(
        user_name=user.get_full_name(),
        email=user.email,
        role=Role(user.role),
        login_url=current_config().company.admin_login_url,
        temp_password=temporary_password,
        support_email=_support(user),
    )
    key = f"{welcome_prefix(user)}{entry.pk}"
    return enqueue(email, to=_to(user), key=key, now=now, expires_at=user.temporary_password_until).message_id


def send_verification(user: User, issued: IssuedProof, *, now: datetime) -> UUID:
    """To the address that is to be verified, which need not be the user's yet."""
    email = EmailVerification(
        user_name=user.get_full_name(),
        verification_url=_link("verify", issued.token),
        verification_code=issued.code,
    )
    key = f"user:{user.pk}:verify:{issued.proof.pk}"
    to = _to(user, issued.proof.address)
    return enqueue(email, to=to, key=key, now=now, expires_at=issued.proof.expires_at).message_id


def send_reset(user: User, issued: IssuedProof, *, now: datetime) -> UUID:
    expiry = current_config().security.password_reset_expiry
    email = UserPasswordReset(
        user_name=user.get_full_name(), reset_url=_link("reset", issued.token), expiry_time=expiry
    )
    key = f"user:{user.pk}:reset:{issued.proof.pk}"
    return enqueue(email, to=_to(user), key=key, now=now, expires_at=issued.proof.expires_at).message_id


def tell_of_reset(user: User, *, ip: str | None, entry: Entry, now: datetime) -> UUID:
    email = UserPasswordResetSuccess(
        user_name=user.get_full_name(), change_date=now, ip_address=ip, support_email=_support(user)
    )
    return enqueue(email, to=_to(user), key=f"user:{user.pk}:password:{entry.pk}", now=now).message_id


def tell_of_password_change(user: User, *, by: Actor, entry: Entry, now: datetime) -> UUID:
    email = UserPasswordChange(
        user_name=user.get_full_name(), change_date=now, changed_by=_changed_by(by, user), support_email=_support(user)
    )
    return enqueue(email, to=_to(user), key=f"user:{user.pk}:password:{entry.pk}", now=now).message_id


def tell_of_address_change(user: User, *, new_address: str, entry: Entry, now: datetime) -> UUID:
    """To the address still in force."""
    email = UserAddressChange(
        user_name=user.get_full_name(),
        new_email=masked(new_address),
        change_date=now,
        support_email=_support(user),
    )
    return enqueue(email, to=_to(user), key=f"user:{user.pk}:address:{entry.pk}", now=now).message_id


def welcome_prefix(user: User) -> str:
    """What the keys of all the user's staff welcomes begin with."""
    return f"user:{user.pk}:welcome:"


def _changed_by(by: Actor, user: User) -> str | None:
    if is_self(by, user):
        return None
    return by.name if by.kind == ActorKind.USER and by.name else _ADMINISTRATOR.in_language(user.language)


def _to(user: User, address: str = "") -> Recipient:
    return Recipient(
        email=address or user.email,
        name=user.get_full_name(),
        language=user.language,
        customer_id=user.customer_id,
    )


def _support(user: User) -> str:
    company = current_config().company
    return company.it_support_email if user.is_staff else company.support_email


def _link(page: str, token: str) -> str:
    return f"{current_config().server.public_url}/account/{page}/{token}/"
