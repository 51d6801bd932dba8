"""What services cost each month, the runs that bill it, and which days are billed already."""

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import CheckConstraint, F, Func, Q, UniqueConstraint
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from omnicrm.customers.models import Customer, Service
from omnicrm.invoices.models import MAX_TITLE_LENGTH, Invoice, amount_field
from omnicrm.invoices.sentences import from_data


class RowState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    INVOICED = "invoiced", _("invoiced")
    NOTHING = "nothing", _("nothing to invoice")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", pgettext_lazy("customer of a run", "cancelled")


class RunState(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", pgettext_lazy("invoice run", "cancelled")


class RecurringCharge(models.Model):
    """What a service costs each month, without tax, in the configured currency; negative for a discount.

    It is charged from `start_date` up to and including `end_date`, or until it is ended.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="charges", verbose_name=_("service"))
    title = models.CharField(_("title"), max_length=MAX_TITLE_LENGTH)
    amount = models.DecimalField(_("amount per month"), max_digits=16, decimal_places=6)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=6, decimal_places=3)
    start_date = models.DateField(_("charged from"))
    end_date = models.DateField(_("charged until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("recurring charge")
        verbose_name_plural = _("recurring charges")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            CheckConstraint(condition=~Q(title=""), name="charge_has_a_title"),
            CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lte=100), name="charge_tax_is_a_percentage"),
            CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("start_date")),
                name="charge_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class InvoiceRun(models.Model):
    """One billing of all customers, or of some, for a period. A dry run adds up and issues nothing.

    `customer_ids` is empty where all were wanted, and `tag` where no tag was asked for. What became of each customer is
    in the rows.
    """

    start_date = models.DateField(_("start of the period"))
    end_date = models.DateField(_("end of the period"))
    due_date = models.DateField(_("due date"), null=True, blank=True)
    is_dry = models.BooleanField(_("dry run"), default=False)
    is_prorated = models.BooleanField(_("incomplete months by days"), default=True)
    sends = models.BooleanField(_("invoices are mailed"), default=True)
    customer_ids = ArrayField(models.BigIntegerField(), verbose_name=_("customers"), default=list, blank=True)
    tag = models.CharField(_("tag"), max_length=50, blank=True, default="")
    currency = models.CharField(_("currency"), max_length=3)
    created_at = models.DateTimeField(_("created"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)

    class Meta:
        verbose_name = _("invoice run")
        verbose_name_plural = _("invoice runs")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(finished_at__isnull=True), name="invoice_run_unfinished")
        ]
        constraints: ClassVar = [
            CheckConstraint(condition=Q(end_date__gte=F("start_date")), name="invoice_run_ends_after_its_start")
        ]

    def __str__(self) -> str:
        return f"{self.start_date} – {self.end_date}"

    @property
    def state(self) -> RunState:
        if self.cancelled_at:
            return RunState.CANCELLED
        return RunState.DONE if self.finished_at else RunState.RUNNING


class RunRow(models.Model):
    """What a run made of one customer. `reason` says why nothing was invoiced or mailed, in English.

    `reasons` is the same as data (see sentences); it is empty where rows are older than it.
    """

    run = models.ForeignKey(InvoiceRun, models.CASCADE, related_name="rows", verbose_name=_("run"))
    customer = models.ForeignKey(Customer, models.SET_NULL, verbose_name=_("customer"), null=True)
    state = models.CharField(_("state"), max_length=10, choices=RowState, default=RowState.WAITING)
    reason = models.CharField(_("reason"), max_length=1000, blank=True, default="")
    reasons = models.JSONField(_("reasons"), default=list)
    invoice = models.ForeignKey(Invoice, models.SET_NULL, verbose_name=_("invoice"), null=True)
    net_amount = amount_field(_("net amount"), default=Decimal)
    total_tax = amount_field(_("tax"), default=Decimal)
    total_amount = amount_field(_("total"), default=Decimal)

    class Meta:
        verbose_name = _("customer of a run")
        verbose_name_plural = _("customers of a run")
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["run", "state", "id"], name="invoice_run_rows")]
        constraints: ClassVar = [UniqueConstraint(fields=["run", "customer"], name="invoice_run_has_customers_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.state}"

    @property
    def told_reason(self) -> str:
        """The reason in the language in use."""
        return from_data(self.reasons) if self.reasons else gettext(self.reason) if self.reason else ""


class DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class BilledDays(models.Model):
    """The days of a charge that an invoice bills, both included. No day of a charge is billed twice."""

    charge = models.ForeignKey(RecurringCharge, models.CASCADE, related_name="billed_days", verbose_name=_("charge"))
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="billed_days", verbose_name=_("invoice"))
    start_date = models.DateField(_("from"))
    end_date = models.DateField(_("until"))

    class Meta:
        verbose_name = _("billed days")
        verbose_name_plural = _("billed days")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            # A number as a range of one: so the database needs no extension for it.
            ExclusionConstraint(
                name="charge_days_are_billed_once",
                expressions=[
                    (Func("charge_id", "charge_id", models.Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    (
                        DateRange("start_date", "end_date", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.start_date} – {self.end_date}"
