"""What the fields of users and API keys may hold."""

from typing import Final

from django.utils.translation import gettext as _

from omnicrm.accounts.roles import STAFF_ROLES, Role
from omnicrm.customers import rules
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Language


def _staff_role(value: object) -> str:
    if value not in STAFF_ROLES:
        raise ValueError(_("Use one of: %(choices)s.") % {"choices": ", ".join(STAFF_ROLES)})
    return str(value)


def _required_address(value: object) -> str:
    return str(rules.address(rules.text(MAX_EMAIL_LENGTH, required=True)(value)))


ADDRESS: Final[rules.Rule] = _required_address
STAFF_ROLE: Final[rules.Rule] = _staff_role
USER: Final[rules.Rules] = {
    "email": ADDRESS,
    "full_name": rules.text(200, required=True),
    "language": rules.one_of(Language),
    "role": rules.one_of(Role),
}
