"""What Mailjet told of messages after it had taken them."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from omnicrm.mailjet.events import MAX_EMAIL, Kind


class DeliveryEvent(models.Model):
    """One event, as mailjet.events.Event describes it: a fact, which stays as it was written.

    `message_id` is None where the event belongs to no message of ours: other software may use the same account. The
    table is partitioned by month on `happened_at`, and a trigger keeps it append-only, except that an erased
    customer's events lose what is personal in them (both in the first migration).
    """

    pk = models.CompositePrimaryKey("happened_at", "fingerprint")
    happened_at = models.DateTimeField(_("time"))
    fingerprint = models.UUIDField()
    kind = models.CharField(_("event"), max_length=10)
    message_id = models.UUIDField(_("message"), null=True)
    mailjet_message_id = models.BigIntegerField(_("Mailjet MessageID"), null=True)
    email = models.CharField(_("address"), max_length=MAX_EMAIL, blank=True)
    is_hard = models.BooleanField(_("permanent"), default=False)
    error = models.TextField(_("error"), blank=True)
    error_related_to = models.TextField(_("error related to"), blank=True)
    comment = models.TextField(_("comment"), blank=True)
    url = models.TextField(_("link"), blank=True)
    agent = models.TextField(_("program"), blank=True)
    country = models.TextField(_("country"), blank=True)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("delivery event")
        verbose_name_plural = _("delivery events")
        db_table = "delivery_event"
        ordering: ClassVar = ["happened_at", "fingerprint"]
        indexes: ClassVar = [
            models.Index(
                fields=["message_id", "happened_at"],
                condition=models.Q(message_id__isnull=False),
                name="delivery_event_message",
            ),
            models.Index(Upper("email"), condition=models.Q(message_id__isnull=True), name="delivery_event_stranger"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in Kind]), name="delivery_event_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id or self.email}"
