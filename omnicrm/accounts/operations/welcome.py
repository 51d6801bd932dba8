"""The staff welcome, with the temporary password that opens the account once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from omnicrm.accounts.actors import user_target
from omnicrm.accounts.models import User
from omnicrm.accounts.notices import send_welcome, welcome_prefix
from omnicrm.accounts.operations.passwords import new_temporary_password, store_password
from omnicrm.accounts.proofs import lock
from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.config import current_config
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.outbox.models import MessageKey
from omnicrm.outbox.operations import cancel

REPLACED = gettext_noop("A newer welcome has replaced it, with another temporary password.")


@transaction.atomic
def send_staff_welcome(*, user_id: int, by: Actor, now: datetime) -> UUID:
    """Welcomes a staff user with a new temporary password; returns the message's id.

    The password before it stops working, and with it every session. An earlier welcome that has not left is cancelled.
    Raises InvalidInput for a user who is not staff or is deactivated.
    """
    user = lock(user_id)
    if not user.is_staff or not user.is_active:
        raise InvalidInput(FieldError(field="user_id", message=_("Only active staff users are welcomed by email.")))
    earlier = MessageKey.objects.filter(key__startswith=welcome_prefix(user)).values("message_id")
    cancel(Q(id__in=list(earlier.values_list("message_id", flat=True))), reason=REPLACED, now=now)
    return welcome_staff(user, by=by, now=now)


def welcome_staff(user: User, *, by: Actor, now: datetime, with_own_password: bool = False) -> UUID:
    """Queues the welcome of a locked or new user; `with_own_password` leaves the password as it is."""
    password = None if with_own_password else new_temporary_password()
    if password:
        expires_at = now + current_config().security.temporary_password_expiry
        store_password(user, password, now=now, temporary_until=expires_at)
    entry = record(action=Action.WELCOME_SENT, by=by, target=user_target(user), now=now)
    return send_welcome(user, temporary_password=password, entry=entry, now=now)
