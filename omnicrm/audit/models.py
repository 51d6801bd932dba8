"""The audit log: who did what to whom, from where. Its rows stay as they were written (see the first migration)."""

from typing import ClassVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    SIGNED_IN = "signed_in", _("signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("failed to sign in")
    LOCKED_OUT = "locked_out", _("locked out after too many attempts")
    SIGNED_OUT = "signed_out", _("signed out")
    SESSIONS_ENDED = "sessions_ended", _("sessions ended")
    SECOND_FACTOR_ON = "second_factor_on", _("second factor switched on")
    SECOND_FACTOR_OFF = "second_factor_off", _("second factor switched off")
    RESET_REQUESTED = "reset_requested", _("password reset requested")
    RESET_COMPLETED = "reset_completed", _("password reset")
    PASSWORD_CHANGED = "password_changed", _("password changed")
    PASSWORD_CHANGE_FAILED = "password_change_failed", _("wrong password given when changing it")
    USER_CREATED = "user_created", _("user created")
    USER_CHANGED = "user_changed", _("user changed")
    USER_DEACTIVATED = "user_deactivated", _("user deactivated")
    USER_REACTIVATED = "user_reactivated", _("user reactivated")
    WELCOME_SENT = "welcome_sent", _("staff welcome sent")
    ADDRESS_CHANGE_REQUESTED = "address_change_requested", _("change of address requested")
    ADDRESS_CHANGED = "address_changed", _("address changed")
    ADDRESS_VERIFIED = "address_verified", _("address verified")
    API_KEY_CREATED = "api_key_created", _("API key created")
    API_KEY_REVOKED = "api_key_revoked", _("API key revoked")
    CUSTOMER_EXPORTED = "customer_exported", _("customer's data exported")
    CUSTOMER_ERASED = "customer_erased", _("customer erased")
    CONSENT_GIVEN = "consent_given", _("consent to marketing noted")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("consent to marketing withdrawn")
    EMAIL_SENT = "email_sent", _("email sent by hand")
    TEST_SENT = "test_sent", _("test of an email sent")
    SUPPRESSION_ADDED = "suppression_added", _("address suppressed")
    SUPPRESSION_LIFTED = "suppression_lifted", _("suppression lifted")
    LOG_EXPORTED = "log_exported", _("audit log exported")
    INVOICES_EXPORTED = "invoices_exported", _("list of invoices exported")
    INVOICE_ISSUED = "invoice_issued", _("invoice issued")
    INVOICE_IMPORTED = "invoice_imported", _("invoice imported")
    INVOICE_SENT_AGAIN = "invoice_sent_again", _("invoice sent again")
    INVOICE_CREDITED = "invoice_credited", _("invoice credited")
    PAYMENT_REGISTERED = "payment_registered", _("payment registered")
    PAYMENT_REVERSED = "payment_reversed", _("payment reversed")
    REMINDERS_PAUSED = "reminders_paused", _("reminders paused")
    REMINDERS_RESUMED = "reminders_resumed", _("reminders resumed")
    REMINDER_SENT = "reminder_sent", _("reminder sent by hand")
    RUN_STARTED = "run_started", _("invoice run started")
    RUN_CANCELLED = "run_cancelled", _("invoice run cancelled")
    CHARGE_ADDED = "charge_added", _("recurring charge added")
    CHARGE_CHANGED = "charge_changed", _("recurring charge changed")
    CHARGE_REMOVED = "charge_removed", _("recurring charge removed")
    PLAN_CREATED = "plan_created", _("plan created")
    PLAN_CHANGED = "plan_changed", _("plan changed")
    PLAN_REMOVED = "plan_removed", _("plan removed")
    THRESHOLDS_CHANGED = "thresholds_changed", _("thresholds of a service changed")
    QUARANTINE_REPLAYED = "quarantine_replayed", _("events in quarantine replayed")
    QUARANTINE_DISCARDED = "quarantine_discarded", _("event in quarantine discarded")


class ActorKind(models.TextChoices):
    USER = "user", _("user")
    API_KEY = "api_key", _("API key")
    SYSTEM = "system", _("system")
    ANONYMOUS = "anonymous", _("not signed in")


class TargetKind(models.TextChoices):
    USER = "user", _("user")
    API_KEY = "api_key", _("API key")
    CUSTOMER = "customer", _("customer")
    ADDRESS = "address", _("address")
    SUPPRESSION = "suppression", _("suppression")
    INVOICE = "invoice", _("invoice")
    INVOICE_RUN = "invoice_run", _("invoice run")
    PLAN = "plan", _("plan")
    BALANCE_EVENT = "balance_event", _("event in quarantine")


def actions() -> list[tuple[str, str | Promise]]:
    return [*Action.choices]


def actor_kinds() -> list[tuple[str, str | Promise]]:
    return [*ActorKind.choices]


def target_kinds() -> list[tuple[str, str | Promise]]:
    return [*TargetKind.choices]


class Entry(models.Model):
    """One thing that was done. Names are as they were then, without foreign keys: entries outlive what they tell of.

    Choices are given as functions, so that a room that adds an action needs no migration here.
    """

    at = models.DateTimeField(_("time"))
    action = models.CharField(_("action"), max_length=40, choices=actions)
    actor_kind = models.CharField(_("by whom"), max_length=20, choices=actor_kinds)
    actor_id = models.BigIntegerField(_("actor's number"), null=True, blank=True)
    actor_name = models.CharField(_("actor"), max_length=254, blank=True)
    target_kind = models.CharField(_("to what"), max_length=20, choices=target_kinds, blank=True)
    target_id = models.BigIntegerField(_("target's number"), null=True)
    target_name = models.CharField(_("target"), max_length=254, blank=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True)
    detail = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("audit log entry")
        verbose_name_plural = _("audit log")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["action", "-id"], name="audit_action"),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="audit_actor"),
            models.Index(fields=["target_kind", "target_id", "-id"], name="audit_target"),
            models.Index(
                models.functions.Upper("target_name"),
                condition=models.Q(target_kind=TargetKind.ADDRESS),
                name="audit_target_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.target_name}".rstrip()
