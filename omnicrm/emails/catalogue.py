"""Every email OmniCRM sends, by the name of its section: its own, and those that the operator adds."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from omnicrm.config import current_config
from omnicrm.emails.balances import BalanceExpired, BalanceLow
from omnicrm.emails.base import CatalogueEmail
from omnicrm.emails.custom import CustomKind
from omnicrm.emails.customer import CustomerWelcome
from omnicrm.emails.invoices import CustomerInvoice, CustomerInvoiceReminder
from omnicrm.emails.kinds import EmailKind
from omnicrm.emails.users import (
    EmailVerification,
    UserAddressChange,
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
    UserAddressChange,
    EmailVerification,
    BalanceExpired,
    BalanceLow,
)

CATALOGUE: Mapping[str, type[CatalogueEmail]] = MappingProxyType({email.section: email for email in _EMAILS})


class UnknownSection(LookupError):
    """No email has this section."""


def email_kinds() -> Mapping[str, EmailKind]:
    """Every kind of email by its section: the catalogue's, then the operator's own."""
    return {**CATALOGUE, **custom_kinds()}


def custom_kinds() -> Mapping[str, CustomKind]:
    """The operator's own kinds by their names."""
    return {name: CustomKind(described) for name, described in current_config().custom_emails.items()}


def email_kind(section: str) -> EmailKind:
    """The kind of `section`. Raises UnknownSection, with the nearest name where there is one."""
    kinds = email_kinds()
    if section in kinds:
        return kinds[section]
    near = get_close_matches(section, kinds, n=1)
    raise UnknownSection(
        f'there is no email "{section}"; '
        + (f'did you mean "{near[0]}"?' if near else f"there are {', '.join(sorted(kinds))}")
    )
