"""Every email OmniCRM sends, by the name of its section in crm_config.yaml."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from omnicrm.emails.balances import BalanceExpired, BalanceLow
from omnicrm.emails.base import CatalogueEmail
from omnicrm.emails.customer import CustomerWelcome
from omnicrm.emails.invoices import CustomerInvoice, CustomerInvoiceReminder
from omnicrm.emails.users import (
    EmailVerification,
    UserPasswordChange,
    UserPasswordReset,
    UserPasswordResetSuccess,
    UserWelcome,
)

_EMAILS: tuple[type[CatalogueEmail], ...] = (
    CustomerWelcome,
    CustomerInvoice,
    CustomerInvoiceReminder,
    UserWelcome,
    UserPasswordReset,
    UserPasswordResetSuccess,
    UserPasswordChange,
    EmailVerification,
    BalanceExpired,
    BalanceLow,
)

CATALOGUE: Mapping[str, type[CatalogueEmail]] = MappingProxyType({email.section: email for email in _EMAILS})


class UnknownSection(LookupError):
    """No email of the catalogue has this section."""


def email_class(section: str) -> type[CatalogueEmail]:
    """The email of `section`. Raises UnknownSection, with the nearest name where there is one."""
    if section in CATALOGUE:
        return CATALOGUE[section]
    near = get_close_matches(section, CATALOGUE, n=1)
    raise UnknownSection(
        f'there is no email "{section}"; '
        + (f'did you mean "{near[0]}"?' if near else f"there are {', '.join(sorted(CATALOGUE))}")
    )
