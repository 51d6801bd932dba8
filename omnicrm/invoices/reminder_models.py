"""Which reminders of overdue invoices left, which steps were passed over, and which customers are let alone."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from omnicrm.customers.models import Customer
from omnicrm.invoices.models import Invoice, amount_field
from omnicrm.invoices.states import PauseReason


class ReminderPause(models.Model):
    """No reminders to a customer up to and including the day `until`, or until they are resumed."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, related_name="reminder_pause", verbose_name=_("customer"), primary_key=True
    )
    reason = models.CharField(_("reason"), max_length=12, choices=PauseReason)
    until = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("paused"))

    class Meta:
        verbose_name = _("pause of a customer's reminders")
        verbose_name_plural = _("pauses of customers' reminders")
        constraints: ClassVar = [
            CheckConstraint(
                condition=~Q(reason=PauseReason.PROMISE) | Q(until__isnull=False), name="promise_has_its_day"
            )
        ]

    def __str__(self) -> str:
        return self.reason


class ReminderMail(models.Model):
    """One reminder to a customer, about one or several invoices; it has a message per contact, keyed by its id.

    It is `withdrawn` when none of its messages left: what it was about had changed. Its steps are open again then.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, verbose_name=_("customer"))
    day = models.DateField(_("day"))
    is_manual = models.BooleanField(_("sent by staff"), default=False)
    note = models.CharField(_("why it was sent by hand"), max_length=500, blank=True, default="")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["customer", "day"],
                condition=Q(is_manual=False, withdrawn_at__isnull=True),
                name="one_reminder_per_customer_and_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.day}"


class Reminder(models.Model):
    """A step of an invoice that is spent: by a mail, or passed over for a `reason`. One by hand has no step.

    `amount` is what the mail said is due.
    """

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="reminders", verbose_name=_("invoice"))
    step = models.PositiveSmallIntegerField(_("days overdue"), null=True)
    mail = models.ForeignKey(
        ReminderMail, models.CASCADE, related_name="reminders", verbose_name=_("reminder"), null=True
    )
    reason = models.CharField(_("why it was passed over"), max_length=300, blank=True, default="")
    amount = amount_field(_("amount due"), default=Decimal)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("step of reminders")
        verbose_name_plural = _("steps of reminders")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["invoice", "step"], condition=Q(withdrawn_at__isnull=True), name="each_reminder_step_once"
            ),
            CheckConstraint(
                condition=Q(mail__isnull=False, reason="") | (Q(mail__isnull=True) & ~Q(reason="")),
                name="reminder_is_mailed_or_passed_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.step}"
