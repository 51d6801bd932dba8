"""Passwords: changed by the users themselves, or set for them. Each change ends the sessions begun with the old one."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from omnicrm.accounts.actors import user_target
from omnicrm.accounts.errors import WrongPassword
from omnicrm.accounts.models import Purpose, User
from omnicrm.accounts.notices import tell_of_password_change
from omnicrm.accounts.proofs import lock, void
from omnicrm.accounts.throttle import Limit
from omnicrm.audit.models import Action
from omnicrm.audit.operations import SYSTEM, Actor, record
from omnicrm.customers.errors import FieldError, InvalidInput

CURRENT_PASSWORD_TRIES: Final = Limit(name="current_password", tries=10, per=timedelta(minutes=15))
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def change_password(*, user_id: int, current_password: str, new_password: str, by: Actor, now: datetime) -> User:
    """Changes one's own password and tells the user by email; every other session ends.

    The caller keeps their own session with `update_session_auth_hash`. Raises WrongPassword, TooOften after ten wrong
    ones, InvalidInput for a weak new password or the old one again. A failed try is kept in the audit log, therefore
    this must not be called inside a transaction.
    """
    CURRENT_PASSWORD_TRIES.take(str(user_id), now=now)
    user = User.objects.get(pk=user_id)
    if not user.check_password(current_password):
        record(action=Action.PASSWORD_CHANGE_FAILED, by=by, target=user_target(user), now=now)
        raise WrongPassword
    CURRENT_PASSWORD_TRIES.forgive(str(user_id))
    if new_password == current_password:
        raise InvalidInput(FieldError(field="new_password", message=_("Choose another password than before.")))
    return set_password(user_id=user_id, new_password=new_password, by=by, now=now)


@transaction.atomic
def set_password(*, user_id: int, new_password: str | None, now: datetime, by: Actor = SYSTEM) -> User:
    """Sets a password as an administrator and tells the user by email whose name is in `by`; all sessions end.

    None: no signing in by password. Raises InvalidInput for a password the configured validators find weak.
    """
    user = lock(user_id)
    check_password(new_password, user)
    store_password(user, new_password, now=now)
    entry = record(action=Action.PASSWORD_CHANGED, by=by, target=user_target(user), now=now)
    tell_of_password_change(user, by=by, entry=entry, now=now)
    return user


def store_password(user: User, password: str | None, *, now: datetime, temporary_until: datetime | None = None) -> None:
    """Saves a checked password of a locked user. A reset that was asked for before is void, whoever asked."""
    user.set_password(password)
    user.temporary_password_until = temporary_until
    user.save(update_fields=["password", "temporary_password_until"])
    void(user, Purpose.RESET, now=now)


def check_password(password: str | None, user: User, *, field: str = "new_password") -> None:
    """Raises InvalidInput with everything the configured validators object to."""
    if password is None:
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(*(FieldError(field=field, message=text) for text in error.messages)) from None


def new_temporary_password() -> str:
    """Such as k3mv-x8qd-tn5w-h2cy: 79 random bits, without letters that look alike."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
