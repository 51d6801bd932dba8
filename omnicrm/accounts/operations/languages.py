"""The language that users choose while they read: their emails follow it."""

from datetime import datetime

from django.db import transaction

from omnicrm.accounts.actors import user_actor
from omnicrm.accounts.models import User
from omnicrm.accounts.operations.users import update_user
from omnicrm.customers.operations import update_customer


@transaction.atomic
def choose_language(*, user: User, language: str, ip: str | None = None, now: datetime) -> User:
    """Writes to the user in this language from now on. Raises InvalidInput for one that we do not speak.

    A customer with one user is that user, so its invoices and alerts follow too. Where several sign in for a customer,
    none of them decides by this for the others; the profile says that it does.
    """
    changed = update_user(user_id=user.pk, by=user_actor(user, ip=ip), now=now, language=language)
    if changed.customer_id is not None and _is_only_user(changed):
        update_customer(customer_id=changed.customer_id, now=now, language=language)
    return changed


def _is_only_user(user: User) -> bool:
    return not User.objects.filter(customer=user.customer_id, is_active=True).exclude(pk=user.pk).exists()
