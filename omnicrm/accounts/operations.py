"""Writes to users and API keys."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from omnicrm.accounts.models import ApiKey, User
from omnicrm.accounts.roles import Role
from omnicrm.customers import rules
from omnicrm.customers.errors import AlreadyTaken, FieldError, InvalidInput
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Language

_KEY = re.compile(r"omni_(?P<prefix>[0-9a-f]{8})_[A-Za-z0-9_-]{43}")
LAST_USE_PRECISION = timedelta(minutes=1)
"""`last_used_at` may lag by this much, so that a busy key costs no write per request."""

_USER_RULES: Final[rules.Rules] = {
    "email": lambda value: rules.address(rules.text(MAX_EMAIL_LENGTH, required=True)(value)),
    "full_name": rules.text(200, required=True),
    "language": rules.one_of(Language),
    "role": rules.one_of(Role),
}
_KEY_RULES: Final[rules.Rules] = {"name": rules.text(100, required=True), "role": rules.one_of(Role)}


@dataclass(frozen=True, kw_only=True)
class NewApiKey:
    """`plain_key` can never be shown again: only its hash is stored."""

    api_key: ApiKey
    plain_key: str

    def __repr__(self) -> str:
        return f"NewApiKey({self.api_key.prefix})"


@transaction.atomic
def create_user(
    *,
    email: str,
    full_name: str,
    role: str,
    now: datetime,
    password: str | None = None,
    language: str = Language.FRENCH,
    is_staff: bool = True,
    is_superuser: bool = False,
) -> User:
    """Creates a user, who cannot sign in by password as long as there is none.

    Raises InvalidInput for wrong fields or a weak password, AlreadyTaken for an address that has a user in any case.
    """
    given = {"email": email, "full_name": full_name, "role": role, "language": language}
    user = User(
        **rules.clean(_USER_RULES, given), is_staff=is_staff, is_superuser=is_superuser, is_active=True, created_at=now
    )
    if User.objects.filter(email__iexact=user.email).exists():
        raise AlreadyTaken(FieldError(field="email", message=_("A user has this address already.")))
    _use_password(user, password)
    user.save(force_insert=True)
    return user


@transaction.atomic
def set_password(*, user_id: int, password: str | None) -> User:
    """Changes the password; every session of the user but the caller's own ends. None: no signing in by password.

    Raises InvalidInput for a password the configured validators find weak.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    _use_password(user, password)
    user.save(update_fields=["password"])
    return user


@transaction.atomic
def create_api_key(*, name: str, role: str, now: datetime) -> NewApiKey:
    """Makes a key `omni_<prefix>_<43 characters>`. Raises InvalidInput, AlreadyTaken for a name in use."""
    cleaned = rules.clean(_KEY_RULES, {"name": name, "role": role})
    if ApiKey.objects.filter(name=cleaned["name"]).exists():
        raise AlreadyTaken(FieldError(field="name", message=_("An API key has this name already.")))
    prefix = secrets.token_hex(4)
    plain_key = f"omni_{prefix}_{secrets.token_urlsafe(32)}"
    api_key = ApiKey.objects.create(**cleaned, prefix=prefix, key_hash=_hash(plain_key), created_at=now)
    return NewApiKey(api_key=api_key, plain_key=plain_key)


@transaction.atomic
def revoke_api_key(*, api_key_id: int, now: datetime) -> ApiKey:
    """From now on the key opens nothing. A key revoked before keeps its first date."""
    api_key = ApiKey.objects.select_for_update(no_key=True).get(pk=api_key_id)
    if api_key.revoked_at is None:
        api_key.revoked_at = now
        api_key.save(update_fields=["revoked_at"])
    return api_key


def authenticate_api_key(*, plain_key: str, now: datetime) -> ApiKey | None:
    """The key that this is, or None if it is unknown or revoked. Notes its use, at most once a minute."""
    shape = _KEY.fullmatch(plain_key)
    api_key = ApiKey.objects.filter(prefix=shape["prefix"], revoked_at=None).first() if shape else None
    if api_key is None or not hmac.compare_digest(api_key.key_hash, _hash(plain_key)):
        return None
    if api_key.last_used_at is None or api_key.last_used_at <= now - LAST_USE_PRECISION:
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=now)
    return api_key


def _use_password(user: User, password: str | None) -> None:
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise InvalidInput(*(FieldError(field="password", message=text) for text in error.messages)) from None
    user.set_password(password)


def _hash(plain_key: str) -> str:
    """A fast hash is right here: 256 random bits cannot be guessed, so there is nothing for a slow one to protect."""
    return hashlib.sha256(plain_key.encode()).hexdigest()
