"""Who the operator serves: customers, the people to write to, places and services."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

MAX_EMAIL_LENGTH = 254


class SplitWords(models.Func):
    """Text whose punctuation has become spaces: `j.doe@example.com` is found by any of its parts."""

    function = "translate"
    template = "%(function)s(%(expressions)s, '@.-_+/()', '        ')"
    output_field = models.TextField()


CUSTOMER_WORDS = SearchVector(SplitWords("customer_name"), config="simple")
CONTACT_WORDS = SearchVector(
    SplitWords("first_name"), SplitWords("last_name"), SplitWords("email"), SplitWords("phone"), config="simple"
)
"""What search looks in: the beginnings of these words, in any case. `simple` knows no language's endings."""


class Language(models.TextChoices):
    FRENCH = "fr", _("French")
    ENGLISH = "en", _("English")


class AccountType(models.TextChoices):
    INDIVIDUAL = "Individual", _("Individual")
    BUSINESS = "Business", _("Business")


class PaymentType(models.TextChoices):
    POSTPAID = "Postpaid", _("Postpaid")
    PREPAID = "Prepaid", _("Prepaid")


class ContactType(models.TextChoices):
    PRIMARY = "primary", _("Primary")
    BILLING = "billing", _("Billing")
    TECHNICAL = "technical", _("Technical")
    SALES = "sales", _("Sales")
    OTHER = "other", _("Other")


class ConsentSource(models.TextChoices):
    """Where somebody agreed to marketing email: what an operator must be able to show."""

    SELF_CARE = "self_care", _("Self-care portal")
    STAFF = "staff", _("Told to staff")
    SHOP = "shop", _("Shop or another system")


class ServiceState(models.TextChoices):
    PENDING = "pending", _("Pending")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


class Customer(models.Model):
    customer_name = models.CharField(_("name"), max_length=200)
    customer_account_type = models.CharField(
        _("account type"), max_length=20, choices=AccountType, default=AccountType.INDIVIDUAL
    )
    customer_payment_type = models.CharField(
        _("payment type"), max_length=20, choices=PaymentType, default=PaymentType.POSTPAID
    )
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FRENCH)
    attributes = models.JSONField(_("custom attributes"), default=dict, blank=True)
    tags = ArrayField(models.CharField(max_length=50), verbose_name=_("tags"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            GinIndex(fields=["tags"], name="customer_tags"),
            GinIndex(fields=["attributes"], name="customer_attributes", opclasses=["jsonb_path_ops"]),
            GinIndex(CUSTOMER_WORDS, name="customer_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(customer_name=""), name="customer_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(language__in=Language.values), name="customer_language_is_spoken"
            ),
        ]

    def __str__(self) -> str:
        return self.customer_name


class Contact(models.Model):
    """A person or mailbox at a customer, reached by email, by phone or both.

    `email` is stored as `customers.addresses.normalise` returns it, or empty when there is none. Consent to marketing
    belongs to the address: another address has to be asked anew.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="contacts", verbose_name=_("customer"))
    contact_type = models.CharField(_("type"), max_length=20, choices=ContactType, default=ContactType.PRIMARY)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    email = models.CharField(_("email"), max_length=MAX_EMAIL_LENGTH, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    marketing_consent_at = models.DateTimeField(_("agreed to marketing"), null=True, blank=True)
    marketing_consent_source = models.CharField(
        _("agreed through"), max_length=20, choices=ConsentSource, blank=True, default=""
    )
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(Upper("email"), name="contact_email_upper"),
            GinIndex(CONTACT_WORDS, name="contact_words"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(email__contains="@") | (models.Q(email="") & ~models.Q(phone="")),
                name="contact_can_be_reached",
            ),
            models.CheckConstraint(
                condition=models.Q(marketing_consent_at__isnull=True, marketing_consent_source="")
                | models.Q(marketing_consent_at__isnull=False) & ~models.Q(marketing_consent_source=""),
                name="marketing_consent_has_a_date_and_a_source",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or self.phone

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Site(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="sites", verbose_name=_("customer"))
    name = models.CharField(_("name"), max_length=200)
    address = models.CharField(_("address"), max_length=300, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """A subscription. `service_uuid` is how charging systems name it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="services", verbose_name=_("customer"))
    site = models.ForeignKey(
        Site, models.SET_NULL, related_name="services", verbose_name=_("site"), null=True, blank=True
    )
    service_uuid = models.UUIDField(_("UUID"), unique=True, default=uuid.uuid4)
    service_name = models.CharField(_("name"), max_length=200)
    service_type = models.CharField(_("type"), max_length=50, blank=True)
    state = models.CharField(_("state"), max_length=20, choices=ServiceState, default=ServiceState.PENDING)
    activated_at = models.DateTimeField(_("first activated"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(state=ServiceState.ACTIVE) | models.Q(activated_at__isnull=False),
                name="active_service_has_an_activation_date",
            ),
        ]

    def __str__(self) -> str:
        return self.service_name
