"""Who may act: users who sign in, what opens an account to them, and API keys."""

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from omnicrm.accounts.roles import Permission, Role, may, staff_role_choices
from omnicrm.customers.models import MAX_EMAIL_LENGTH, Customer, Language


class UserManager(BaseUserManager["User"]):
    """Makes signing in work whatever the case of the address. Users are created by operations.create_user."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by email. `is_staff` opens the back office; `role` says what they may do.

    A user of a customer has `customer` and the role Customer, and never opens the back office.
    `temporary_password_until` is None unless the password came by email and has to be changed at the first sign-in.
    """

    email = models.CharField(_("email"), max_length=MAX_EMAIL_LENGTH, unique=True)
    full_name = models.CharField(_("full name"), max_length=200)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FRENCH)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.READ_ONLY)
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="users", verbose_name=_("customer"), null=True, blank=True
    )
    is_staff = models.BooleanField(_("back office access"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"))
    email_verified_at = models.DateTimeField(_("address verified"), null=True, blank=True)
    temporary_password_until = models.DateTimeField(_("temporary password valid until"), null=True, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["full_name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering: ClassVar = ["email"]
        constraints: ClassVar = [
            models.UniqueConstraint(Upper("email"), name="user_email_once_in_any_case"),
            models.CheckConstraint(
                condition=models.Q(role=Role.CUSTOMER, customer__isnull=False, is_staff=False, is_superuser=False)
                | (~models.Q(role=Role.CUSTOMER) & models.Q(customer__isnull=True)),
                name="user_is_staff_or_of_a_customer",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """The name by which the back office greets its user."""
        return self.full_name or self.email

    def may(self, permission: Permission) -> bool:
        """Whether this user's role allows it. A superuser may do anything, a deactivated user nothing."""
        return self.is_active and (self.is_superuser or may(self.role, permission))

    @property
    def must_change_password(self) -> bool:
        """The password came by email: nothing but changing it is open to the user."""
        return self.temporary_password_until is not None

    def temporary_password_is_over(self, *, now: datetime) -> bool:
        """The password that came by email does not open the account any more."""
        return self.temporary_password_until is not None and self.temporary_password_until <= now


class Purpose(models.TextChoices):
    RESET = "reset", _("password reset")
    VERIFY = "verify", _("address verification")


class Proof(models.Model):
    """What shows that somebody reads an address: a link, and for a verification also a code.

    Only hashes are kept. A proof is open until it is used or voided; it opens nothing past `expires_at`.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="proofs")
    purpose = models.CharField(max_length=10, choices=Purpose)
    address = models.CharField(max_length=MAX_EMAIL_LENGTH)
    token_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64, blank=True)
    tries_left = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "purpose", "-created_at"], name="proof_latest"),
            models.Index(fields=["expires_at"], name="proof_expiry"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "purpose"],
                condition=models.Q(used_at__isnull=True, voided_at__isnull=True),
                name="proof_open_once_per_user_and_purpose",
            ),
            models.CheckConstraint(
                condition=models.Q(used_at__isnull=True) | models.Q(voided_at__isnull=True),
                name="proof_is_used_or_voided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class Throttle(models.Model):
    """How often something was tried in the window that is running. `key` is a hash: nobody's address is kept by it."""

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField()
    window_ends_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["window_ends_at"], name="throttle_end")]

    def __str__(self) -> str:
        return self.key


class ApiKey(models.Model):
    """A key of an integrator. Only a SHA-256 of the whole key is kept; `prefix` tells keys apart on screen."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    prefix = models.CharField(_("prefix"), max_length=12, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(_("role"), max_length=20, choices=staff_role_choices)
    created_at = models.DateTimeField(_("created"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(role=Role.CUSTOMER), name="api_key_has_a_staff_role")
        ]

    def __str__(self) -> str:
        return self.name
