"""What a signed-in user has to do before anything else is open to them."""

from django.conf import settings

from omnicrm.accounts.models import User
from omnicrm.accounts.pages.factors import has_second_factor


def must_do_first(user: User) -> str | None:
    """The name of the page that comes first, or None if all that the role allows is open."""
    if user.must_change_password:
        return "account_password"
    if needs_second_factor(user) and not has_second_factor(user):
        return "mfa_activate_totp"
    return None


def needs_second_factor(user: User) -> bool:
    return user.role in settings.SECOND_FACTOR_ROLES
