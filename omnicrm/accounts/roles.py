"""Roles as bundles of permissions. Every API route, page and action checks one permission, never a role."""

from enum import StrEnum
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """`own.*` is about the customer whom the user belongs to; all others are about everybody's data."""

    READ_CUSTOMERS = "customers.read"
    WRITE_CUSTOMERS = "customers.write"
    ERASE_CUSTOMERS = "customers.erase"
    READ_MESSAGES = "messages.read"
    WRITE_MESSAGES = "messages.write"
    READ_INVOICES = "invoices.read"
    WRITE_INVOICES = "invoices.write"
    READ_BALANCES = "balances.read"
    WRITE_BALANCES = "balances.write"
    MANAGE_ACCOUNTS = "accounts.manage"
    READ_AUDIT = "audit.read"
    READ_OWN = "own.read"
    WRITE_OWN = "own.write"


class Role(models.TextChoices):
    ADMIN = "Admin", _("Admin")
    SUPPORT = "Support", _("Support")
    BILLING = "Billing", _("Billing")
    MARKETING = "Marketing", _("Marketing")
    READ_ONLY = "ReadOnly", _("Read-only")
    CUSTOMER = "Customer", _("Customer")


STAFF_ROLES: Final = tuple(role for role in Role if role != Role.CUSTOMER)
"""Roles of staff users and of API keys."""

_OWN = frozenset({Permission.READ_OWN, Permission.WRITE_OWN})
_MARKETING = frozenset({Permission.READ_CUSTOMERS, Permission.READ_MESSAGES})
_READ = _MARKETING | {Permission.READ_INVOICES, Permission.READ_BALANCES}
_CARE = _READ | {Permission.WRITE_CUSTOMERS, Permission.WRITE_MESSAGES, Permission.WRITE_BALANCES}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission) - _OWN,
    Role.SUPPORT: _CARE,
    Role.BILLING: _CARE | {Permission.WRITE_INVOICES},
    Role.MARKETING: _MARKETING,
    Role.READ_ONLY: _READ,
    Role.CUSTOMER: _OWN,
}


def may(role: str, permission: Permission) -> bool:
    return permission in PERMISSIONS.get(Role(role), frozenset())


def staff_role_choices() -> list[tuple[str, str | Promise]]:
    """For forms: value and label."""
    return [(role.value, role.label) for role in STAFF_ROLES]
