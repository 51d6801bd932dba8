"""Who has a second factor: an authenticator app that is set up."""

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Exists, OuterRef, QuerySet

from omnicrm.accounts.models import User

HAS_SECOND_FACTOR = Exists(Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP))
"""To filter users by."""


def has_second_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP]))


def with_second_factor(users: QuerySet[User]) -> QuerySet[User]:
    """The users, each with the attribute `has_second_factor`, in the same query."""
    return users.annotate(has_second_factor=HAS_SECOND_FACTOR)
