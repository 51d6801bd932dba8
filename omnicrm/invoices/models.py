"""Invoices and credit notes, their lines and taxes, what was paid, and the counters of their numbers.

What is issued stays as it is: triggers in the first migration refuse to change or delete it, whoever asks. They also
add payments and credit notes up into `paid_amount` and `credited_amount`, from which `state` is computed.
"""

from decimal import Decimal
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Case, CheckConstraint, F, GeneratedField, Q, UniqueConstraint, Value, When
from django.utils.translation import gettext_lazy as _

from omnicrm.config.invoicing import MAX_NUMBER_LENGTH
from omnicrm.customers.models import Customer, Language
from omnicrm.invoices.states import OPEN, Kind, PauseReason, PaymentMethod, State

MAX_TITLE_LENGTH: Final = 500
MAX_NOTES_LENGTH: Final = 2_000


def amount_field(name: Any, **options: Any) -> "models.DecimalField[Decimal, Decimal]":  # noqa: ANN401 - as Django's own field
    """Three decimals are what the finest currency has."""
    return models.DecimalField(name, max_digits=16, decimal_places=3, **options)


_SETTLED: Final = Q(total_amount__lte=F("paid_amount") + F("credited_amount"))
_STATE: Final = Case(
    When(Q(number__isnull=True), then=Value(State.DRAFT)),
    When(Q(kind=Kind.CREDIT_NOTE), then=Value(State.ISSUED)),
    When(Q(credited_amount__gt=0, credited_amount__gte=F("total_amount")), then=Value(State.CANCELLED)),
    When(_SETTLED, then=Value(State.PAID)),
    When(Q(paid_amount__gt=0), then=Value(State.PARTIALLY_PAID)),
    default=Value(State.ISSUED),
)


class Invoice(models.Model):
    """One invoice, or one credit note, whose amounts are positive: what `credited_invoice` shrinks by.

    A draft has no `number`. One issued elsewhere has a number, and neither `series` nor lines. `client` is the customer
    as of the day of issue, in the fields of ClientDetails. Dates are the company's local ones.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.INVOICE)
    customer = models.ForeignKey(
        Customer,
        models.SET_NULL,
        related_name="invoices",
        verbose_name=_("customer"),
        null=True,
        db_index=False,
    )
    number = models.CharField(_("number"), max_length=MAX_NUMBER_LENGTH, unique=True, null=True, editable=False)  # noqa: DJ001 - a draft has none, and many drafts must not collide
    series = models.CharField(_("series"), max_length=20, blank=True, default="", editable=False)
    year = models.SmallIntegerField(_("year"), null=True, editable=False)
    sequence = models.IntegerField(_("sequence"), null=True, editable=False)
    state = GeneratedField(
        expression=_STATE,
        output_field=models.CharField(_("state"), max_length=14, choices=State),
        db_persist=True,
    )

    currency = models.CharField(_("currency"), max_length=3)
    language = models.CharField(_("language"), max_length=2, choices=Language)
    start_date = models.DateField(_("start of the period"), null=True, blank=True)
    end_date = models.DateField(_("end of the period"), null=True, blank=True)
    issue_date = models.DateField(_("date of issue"), null=True, editable=False)
    due_date = models.DateField(_("due date"), null=True, blank=True)
    notes = models.TextField(_("notes"), max_length=MAX_NOTES_LENGTH, blank=True, default="")
    client = models.JSONField(_("customer on the day of issue"), default=dict, editable=False)
    credited_invoice = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="credit_notes",
        verbose_name=_("credited invoice"),
        null=True,
        blank=True,
    )

    net_amount = amount_field(_("net amount"), default=Decimal)
    total_tax = amount_field(_("tax"), default=Decimal)
    total_amount = amount_field(_("total"), default=Decimal)
    paid_amount = amount_field(_("paid"), default=Decimal, editable=False)
    credited_amount = amount_field(_("credited"), default=Decimal, editable=False)

    pause_reason = models.CharField(
        _("why reminders pause"), max_length=12, choices=PauseReason, blank=True, default=""
    )
    paused_until = models.DateField(_("reminders pause until"), null=True, blank=True)
    pause_note = models.CharField(_("note on the pause"), max_length=500, blank=True, default="")

    pdf_path = models.CharField(max_length=200, blank=True, default="", editable=False)
    pdf_sha256 = models.CharField(max_length=64, blank=True, default="", editable=False)
    pdf_size = models.IntegerField(_("size of the PDF in bytes"), default=0, editable=False)

    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))
    issued_at = models.DateTimeField(_("issued"), null=True, editable=False)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["customer", "id"], name="invoice_customer"),
            models.Index(fields=["state", "id"], name="invoice_state"),
            models.Index(fields=["due_date", "id"], name="invoice_due"),
            models.Index(fields=["due_date", "id"], condition=Q(state__in=OPEN), name="invoice_open_due"),
            models.Index(fields=["issue_date", "id"], name="invoice_issue_date"),
            models.Index(fields=["id"], condition=Q(kind=Kind.CREDIT_NOTE), name="invoice_credit_note"),
            models.Index(fields=["-pdf_size"], condition=Q(pdf_size__gt=1_000_000), name="invoice_large_pdf"),
            models.Index(fields=["pdf_path"], name="invoice_pdf_path"),
        ]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["series", "year", "sequence"], condition=~Q(series=""), name="invoice_sequence_once"
            ),
            CheckConstraint(condition=Q(kind__in=Kind.values), name="invoice_kind_is_known"),
            CheckConstraint(
                condition=Q(series="", year__isnull=True, sequence__isnull=True)
                | (~Q(series="") & Q(number__isnull=False, year__isnull=False, sequence__isnull=False)),
                name="invoice_series_goes_with_a_sequence",
            ),
            CheckConstraint(
                condition=Q(number__isnull=True, issue_date__isnull=True, issued_at__isnull=True, pdf_path="")
                | (
                    Q(number__gt="", issue_date__isnull=False, issued_at__isnull=False, pdf_size__gt=0)
                    & ~Q(pdf_path="")
                    & Q(pdf_sha256__regex=r"^[0-9a-f]{64}$")
                ),
                name="issued_invoice_has_its_pdf",
            ),
            CheckConstraint(
                condition=Q(kind=Kind.CREDIT_NOTE, due_date__isnull=True, credited_invoice__isnull=False)
                | Q(kind=Kind.INVOICE, number__isnull=True, credited_invoice__isnull=True)
                | Q(kind=Kind.INVOICE, due_date__isnull=False, credited_invoice__isnull=True),
                name="invoice_is_due_and_credit_note_credits",
            ),
            CheckConstraint(
                condition=Q(due_date__isnull=True) | Q(issue_date__isnull=True) | Q(due_date__gte=F("issue_date")),
                name="invoice_is_not_due_before_its_issue",
            ),
            CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(start_date__isnull=True) | Q(end_date__gte=F("start_date")),
                name="invoice_period_ends_after_its_start",
            ),
            CheckConstraint(
                condition=Q(total_amount=F("net_amount") + F("total_tax"), total_amount__gte=0),
                name="invoice_total_adds_up",
            ),
            CheckConstraint(
                condition=Q(paid_amount__gte=0, credited_amount__gte=0, credited_amount__lte=F("total_amount")),
                name="invoice_is_credited_at_most_once",
            ),
            CheckConstraint(
                condition=(Q(pause_reason="", paused_until__isnull=True) | ~Q(pause_reason=""))
                & (~Q(pause_reason=PauseReason.PROMISE) | Q(paused_until__isnull=False)),
                name="invoice_pause_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{State.DRAFT.label} {self.pk}"

    @property
    def balance_due(self) -> Decimal:
        """What is still to be paid; 0 of a draft and of a credit note."""
        if self.number is None or self.kind == Kind.CREDIT_NOTE:
            return Decimal()
        return max(self.total_amount - self.paid_amount - self.credited_amount, Decimal())

    @property
    def overpaid_amount(self) -> Decimal:
        """What the customer gets back: paid beyond what was to be paid, or paid before it was credited."""
        if self.kind == Kind.CREDIT_NOTE:
            return Decimal()
        return max(self.paid_amount + self.credited_amount - self.total_amount, Decimal())

    @property
    def customer_name(self) -> str:
        """As of the day of issue, or for a draft as of now."""
        return str(self.client.get("name") or self.customer or "")

    @property
    def is_imported(self) -> bool:
        return self.number is not None and not self.series


class InvoiceLine(models.Model):
    """`net_amount` is quantity times price, rounded (see money.py). `tax_rate` is in percent."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines", verbose_name=_("invoice"))
    position = models.PositiveIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=MAX_TITLE_LENGTH)
    quantity = models.DecimalField(_("quantity"), max_digits=16, decimal_places=6)
    unit = models.CharField(_("unit"), max_length=20, blank=True, default="")
    unit_price = models.DecimalField(_("unit price"), max_digits=16, decimal_places=6)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=6, decimal_places=3)
    net_amount = amount_field(_("net amount"))
    start_date = models.DateField(_("start"), null=True, blank=True)
    end_date = models.DateField(_("end"), null=True, blank=True)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position_once"),
            CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lte=100), name="invoice_line_tax_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return self.title


class InvoiceTax(models.Model):
    """What all lines of one rate come to."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="taxes", verbose_name=_("invoice"))
    tax_rate = models.DecimalField(_("tax rate"), max_digits=6, decimal_places=3)
    net_amount = amount_field(_("net amount"))
    tax_amount = amount_field(_("tax"))

    class Meta:
        verbose_name = _("tax")
        verbose_name_plural = _("taxes")
        ordering: ClassVar = ["-tax_rate"]
        constraints: ClassVar = [UniqueConstraint(fields=["invoice", "tax_rate"], name="invoice_tax_rate_once")]

    def __str__(self) -> str:
        return f"{self.tax_rate} %"


class Payment(models.Model):
    """Money that came in for an invoice. A negative amount went back: a refund, or one that `reverses` a payment which
    the bank returned. Payments are added, never changed."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments", verbose_name=_("invoice"))
    amount = amount_field(_("amount"))
    date = models.DateField(_("date"))
    method = models.CharField(_("method"), max_length=12, choices=PaymentMethod)
    reference = models.CharField(_("reference"), max_length=100)
    reverses = models.OneToOneField(
        "self", models.PROTECT, related_name="reversed_by", verbose_name=_("reverses"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("registered"))

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            UniqueConstraint(fields=["invoice", "reference"], name="payment_reference_once_per_invoice"),
            CheckConstraint(condition=~Q(amount=0), name="payment_is_not_nothing"),
            CheckConstraint(condition=~Q(reference=""), name="payment_has_a_reference"),
            CheckConstraint(condition=Q(method__in=PaymentMethod.values), name="payment_method_is_known"),
            CheckConstraint(condition=Q(reverses__isnull=True) | Q(amount__lt=0), name="reversal_takes_back"),
        ]

    def __str__(self) -> str:
        return self.reference


class NumberCounter(models.Model):
    """The last number given in a series and year. Its row is locked until the transaction that takes numbers ends."""

    series = models.CharField(max_length=20)
    year = models.SmallIntegerField()
    last = models.IntegerField()

    class Meta:
        constraints: ClassVar = [UniqueConstraint(fields=["series", "year"], name="one_counter_per_series_and_year")]

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.last}"
