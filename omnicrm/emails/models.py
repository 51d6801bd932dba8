"""What OmniCRM remembers of the templates at Mailjet."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Drift(models.TextChoices):
    """How a template at Mailjet stands to its design here."""

    SAME = "same", _("in step")
    CHANGED_HERE = "changed_here", _("changed here since it was last pushed")
    EDITED_IN_MAILJET = "edited_in_mailjet", _("edited in Mailjet since it was last pushed")
    CONFLICT = "conflict", _("changed here and edited in Mailjet")
    NEVER_PUSHED = "never_pushed", _("different in Mailjet, and never pushed from here")
    MISSING = "missing", _("not known to Mailjet")


class KnownTemplate(models.Model):
    """A template number: what both sides held when they were last brought in step, and what the last check found.

    The digests are of the design here and of what Mailjet gave back for it, which may be written differently; both are
    empty until a push or a pull.
    """

    template_id = models.BigIntegerField(_("number at Mailjet"), primary_key=True)
    section = models.CharField(_("email"), max_length=80)
    language = models.CharField(_("language"), max_length=2)
    local_digest = models.CharField(max_length=64, blank=True, default="")
    mailjet_digest = models.CharField(max_length=64, blank=True, default="")
    in_step_at = models.DateTimeField(_("last pushed or pulled"), null=True)
    drift = models.CharField(_("state"), max_length=20, choices=Drift, default=Drift.SAME)
    checked_at = models.DateTimeField(_("last checked"), null=True)

    class Meta:
        verbose_name = _("email template")
        verbose_name_plural = _("email templates")
        ordering: ClassVar = ["section", "language", "template_id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(drift__in=Drift.values), name="template_drift_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.section} ({self.language}), {self.template_id}"
