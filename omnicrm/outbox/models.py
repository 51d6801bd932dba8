"""The durable queue of email and what keeps it honest: messages, their keys, suppressions, calls made, a pause."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from omnicrm.customers.models import MAX_EMAIL_LENGTH, Customer, Language
from omnicrm.outbox.email import TemplateValue
from omnicrm.outbox.states import Lane, State

MASK = "•••"


class Message(models.Model):
    """One email to one recipient, from intent to outcome.

    `id` is a UUIDv7 and the CustomID at Mailjet. The table is partitioned by month on `id` (see partitions.py), so
    the business key's uniqueness lives in MessageKey. `attempts` is a list of `{at, outcome, detail}`, oldest first;
    `attachments` one of StoredFiles (see attachments.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.TextField(_("business key"))
    section = models.CharField(_("email"), max_length=80)
    lane = models.SmallIntegerField(_("lane"), choices=Lane)
    is_marketing = models.BooleanField(_("marketing"), default=False)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    reason = models.TextField(_("reason"), blank=True, default="")
    customer = models.ForeignKey(
        Customer, models.SET_NULL, related_name="messages", verbose_name=_("customer"), null=True, db_index=False
    )
    language = models.CharField(_("language"), max_length=2, choices=Language)
    to_email = models.CharField(_("recipient"), max_length=MAX_EMAIL_LENGTH)
    to_name = models.CharField(_("recipient's name"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=255)
    variables = models.JSONField(_("variables"), default=dict)
    secrets = ArrayField(models.CharField(max_length=50), verbose_name=_("secret variables"), default=list)
    attachments = models.JSONField(_("attachments"), default=list)
    created_at = models.DateTimeField(_("created"))
    not_before = models.DateTimeField(_("not before"))
    expires_at = models.DateTimeField(_("expires"), null=True)
    lease_until = models.DateTimeField(_("lease"), null=True)
    attempts = models.JSONField(_("attempts"), default=list)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    mailjet_message_id = models.BigIntegerField(_("Mailjet MessageID"), null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["lane", "not_before", "id"], condition=models.Q(state=State.QUEUED), name="message_due"
            ),
            models.Index(fields=["lease_until"], condition=models.Q(state=State.CLAIMED), name="message_lease"),
            models.Index(fields=["not_before"], condition=models.Q(state=State.UNKNOWN), name="message_unknown"),
            models.Index(fields=["customer", "id"], name="message_customer"),
            models.Index(fields=["to_email", "id"], name="message_to_email"),
            BrinIndex(
                fields=["accepted_at", "mailjet_message_id"],
                autosummarize=True,
                pages_per_range=32,
                name="message_accepted",
            ),
            models.Index(
                fields=["state", "id"],
                condition=~models.Q(state__in=[State.QUEUED, State.CLAIMED, State.ACCEPTED, State.DELIVERED]),
                name="message_trouble",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="message_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(state=State.CLAIMED) ^ models.Q(lease_until__isnull=True),
                name="claimed_message_has_a_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section} → {self.to_email}"

    @property
    def shown_variables(self) -> dict[str, TemplateValue]:
        """The variables as people may see them: secrets are masked, also while they are still stored."""
        return {name: MASK if name in self.secrets else value for name, value in self.variables.items()}


class MessageKey(models.Model):
    """A business key is spent once and for ever, also when its message has been dropped with an old month."""

    key = models.TextField(primary_key=True)
    message_id = models.UUIDField()

    def __str__(self) -> str:
        return self.key


class SuppressionScope(models.TextChoices):
    EVERYTHING = "everything", _("everything")
    MARKETING = "marketing", _("marketing only")


class Suppression(models.Model):
    """An address that must not be written to, with the reason staff see."""

    address = models.CharField(_("address"), max_length=MAX_EMAIL_LENGTH)
    scope = models.CharField(_("scope"), max_length=12, choices=SuppressionScope)
    reason = models.TextField(_("reason"))
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address", "scope"], name="suppression_once_per_address_and_scope")
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.scope})"


class Call(models.Model):
    """A call to Mailjet granted by the budget. It counts until 60 s after it has finished (see budget.py)."""

    id = models.BigAutoField(primary_key=True)
    granted_at = models.DateTimeField(db_default=models.functions.Now())
    counts_until = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["counts_until"], name="call_counts_until")]

    def __str__(self) -> str:
        return f"call {self.id}"


class Pause(models.Model):
    """At most one row: no call is made before `until`, for `reason`."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    until = models.DateTimeField()
    reason = models.TextField()
    since = models.DateTimeField()
    failures = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="one_pause_for_all")]

    def __str__(self) -> str:
        return self.reason
