"""Who may act: users who sign in, and API keys."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from omnicrm.accounts.roles import Permission, Role, may
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Language


class UserManager(BaseUserManager["User"]):
    """Makes signing in work whatever the case of the address. Users are created by operations.create_user."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by email. `is_staff` opens the back office; `role` says what they may do there."""

    email = models.CharField(_("email"), max_length=MAX_EMAIL_LENGTH, unique=True)
    full_name = models.CharField(_("full name"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FRENCH)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.READ_ONLY)
    is_staff = models.BooleanField(_("back office access"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["full_name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering: ClassVar = ["email"]
        constraints: ClassVar = [models.UniqueConstraint(Upper("email"), name="user_email_once_in_any_case")]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """The name by which the back office greets its user."""
        return self.full_name or self.email

    def may(self, permission: Permission) -> bool:
        """Whether this user's role allows it. A superuser may do anything, a deactivated user nothing."""
        return self.is_active and (self.is_superuser or may(self.role, permission))


class ApiKey(models.Model):
    """A key of an integrator. Only a SHA-256 of the whole key is kept; `prefix` tells keys apart on screen."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    created_at = models.DateTimeField(_("created"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
