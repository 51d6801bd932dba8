"""Roles as bundles of permissions. Every API route, page and action checks one permission, never a role."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    READ_CUSTOMERS = "customers.read"
    WRITE_CUSTOMERS = "customers.write"
    ERASE_CUSTOMERS = "customers.erase"
    READ_MESSAGES = "messages.read"
    WRITE_MESSAGES = "messages.write"
    MANAGE_ACCOUNTS = "accounts.manage"


class Role(models.TextChoices):
    ADMIN = "Admin", _("Admin")
    SUPPORT = "Support", _("Support")
    BILLING = "Billing", _("Billing")
    MARKETING = "Marketing", _("Marketing")
    READ_ONLY = "ReadOnly", _("Read-only")


_READ = frozenset({Permission.READ_CUSTOMERS, Permission.READ_MESSAGES})
_CARE = _READ | {Permission.WRITE_CUSTOMERS, Permission.WRITE_MESSAGES}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.SUPPORT: _CARE,
    Role.BILLING: _CARE,
    Role.MARKETING: _READ,
    Role.READ_ONLY: _READ,
}


def may(role: str, permission: Permission) -> bool:
    return permission in PERMISSIONS.get(Role(role), frozenset())
