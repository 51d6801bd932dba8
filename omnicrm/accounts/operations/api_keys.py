"""Writes to API keys."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from omnicrm.accounts.actors import key_target
from omnicrm.accounts.models import ApiKey
from omnicrm.accounts.operations.rules import STAFF_ROLE
from omnicrm.audit.models import Action
from omnicrm.audit.operations import SYSTEM, Actor, record
from omnicrm.customers import rules
from omnicrm.customers.errors import AlreadyTaken, FieldError

_KEY = re.compile(r"omni_(?P<prefix>[0-9a-f]{8})_[A-Za-z0-9_-]{43}")
LAST_USE_PRECISION = timedelta(minutes=1)
"""`last_used_at` may lag by this much, so that a busy key costs no write per request."""

_RULES: Final[rules.Rules] = {"name": rules.text(100, required=True), "role": STAFF_ROLE}


@dataclass(frozen=True, kw_only=True)
class NewApiKey:
    """`plain_key` can never be shown again: only its hash is stored."""

    api_key: ApiKey
    plain_key: str

    def __repr__(self) -> str:
        return f"NewApiKey({self.api_key.prefix})"


@transaction.atomic
def create_api_key(*, name: str, role: str, now: datetime, by: Actor = SYSTEM) -> NewApiKey:
    """Makes a key `omni_<prefix>_<43 characters>`. Raises InvalidInput, AlreadyTaken for a name in use."""
    cleaned = rules.clean(_RULES, {"name": name, "role": role})
    if ApiKey.objects.filter(name=cleaned["name"]).exists():
        raise AlreadyTaken(FieldError(field="name", message=_("An API key has this name already.")))
    prefix = secrets.token_hex(4)
    plain_key = f"omni_{prefix}_{secrets.token_urlsafe(32)}"
    api_key = ApiKey.objects.create(**cleaned, prefix=prefix, key_hash=_hash(plain_key), created_at=now)
    record(action=Action.API_KEY_CREATED, by=by, target=key_target(api_key), detail={"role": cleaned["role"]}, now=now)
    return NewApiKey(api_key=api_key, plain_key=plain_key)


@transaction.atomic
def revoke_api_key(*, api_key_id: int, now: datetime, by: Actor = SYSTEM) -> ApiKey:
    """From now on the key opens nothing. A key revoked before keeps its first date."""
    api_key = ApiKey.objects.select_for_update(no_key=True).get(pk=api_key_id)
    if api_key.revoked_at is None:
        api_key.revoked_at = now
        api_key.save(update_fields=["revoked_at"])
        record(action=Action.API_KEY_REVOKED, by=by, target=key_target(api_key), now=now)
    return api_key


def authenticate_api_key(*, plain_key: str, now: datetime) -> ApiKey | None:
    """The key that this is, or None if it is unknown or revoked. Notes its use, at most once a minute."""
    shape = _KEY.fullmatch(plain_key)
    api_key = _unrevoked(shape["prefix"]) if shape else None
    if api_key is None or not hmac.compare_digest(api_key.key_hash, _hash(plain_key)):
        return None
    if api_key.last_used_at is None or api_key.last_used_at <= now - LAST_USE_PRECISION:
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=now)
    return api_key


def _unrevoked(prefix: str) -> ApiKey | None:
    """By a statement that is written once: the ORM took longer to build it anew at each request than to run it."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREVOKED, [prefix])
        row = cursor.fetchone()
    return ApiKey.from_db(connection.alias, _COLUMNS, row) if row else None


def _hash(plain_key: str) -> str:
    """A fast hash is right here: 256 random bits cannot be guessed, so there is nothing for a slow one to protect."""
    return hashlib.sha256(plain_key.encode()).hexdigest()


_COLUMNS: Final = [field.attname for field in ApiKey._meta.concrete_fields]
_UNREVOKED: Final = f"SELECT {', '.join(_COLUMNS)} FROM accounts_apikey WHERE prefix = %s AND revoked_at IS NULL"  # noqa: S608 - our own columns
