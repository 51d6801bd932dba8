"""Balances of services as the charging system reports them, their course, and what customers were told of it.

Amounts are in the unit we keep (units.py): bytes, seconds, pieces, or a currency. No value means: without end.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from omnicrm.customers.models import Customer, Service
from omnicrm.emails.balances import BalanceType

MAX_ID_LENGTH = 100
MAX_STEP_LENGTH = 40
BYTEWISE = "C"
"""Collation of what is put in order by the program as well as by the database: both must agree."""


class Kind(models.TextChoices):
    DATA = BalanceType.DATA.value, _("Data")
    VOICE = BalanceType.VOICE.value, _("Voice")
    SMS = BalanceType.SMS.value, _("SMS")
    MONETARY = BalanceType.MONETARY.value, _("Monetary")
    OTHER = BalanceType.OTHER.value, _("Other")
    SERVICE = BalanceType.SERVICE.value, _("Service")


def _amount(name: Any, **more: Any) -> Any:  # noqa: ANN401 - stands for a field, as Django's own
    return models.DecimalField(name, max_digits=24, decimal_places=6, **more)


class Plan(models.Model):
    """What services are sold as. `steps` is as thresholds.checked_steps returns it."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    steps = models.JSONField(_("thresholds"), default=dict, blank=True)

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="plan_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ServiceAlerts(models.Model):
    """What one service has of its own: a plan, thresholds, or both."""

    service = models.OneToOneField(Service, models.CASCADE, primary_key=True, related_name="alerts")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="services", verbose_name=_("plan"), null=True)
    steps = models.JSONField(_("thresholds"), default=dict, blank=True)

    class Meta:
        verbose_name = _("thresholds of a service")
        verbose_name_plural = _("thresholds of services")

    def __str__(self) -> str:
        return str(self.service)


TOLD_LOW: Final = models.Func(
    models.F("told"),
    models.Value("$.*[1] ? (@ != null)"),
    function="jsonb_path_exists",
    arg_joiner=", ",
    template="%(function)s(%(expressions)s::jsonpath)",
    output_field=models.BooleanField(),
)
"""What Balance.is_low says, for the database."""


class Balance(models.Model):
    """One balance, as its newest event leaves it. `event_time` and `event_id` name that event; there is none before
    the first has been applied.

    The expiry has an order of its own, as not every event tells it. `expiry_due` is the expiry while nobody has
    judged it yet. `told` is the state of the thresholds (crossings.State).
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="balances", verbose_name=_("service"))
    balance_id = models.CharField(_("balance"), max_length=MAX_ID_LENGTH, db_collation=BYTEWISE)
    balance_type = models.CharField(_("type"), max_length=10, choices=Kind)
    unit = models.CharField(_("unit"), max_length=20)
    value = _amount(_("value"), null=True)
    initial_value = _amount(_("initial value"), null=True)
    expiry = models.DateTimeField(_("expiry"), null=True)
    expiry_time = models.DateTimeField(null=True)
    expiry_event_id = models.CharField(max_length=MAX_ID_LENGTH, default="", db_collation=BYTEWISE)
    expiry_due = models.DateTimeField(null=True)
    event_time = models.DateTimeField(_("as of"), null=True)
    event_id = models.CharField(max_length=MAX_ID_LENGTH, default="", db_collation=BYTEWISE)
    told = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        ordering: ClassVar = ["service", "balance_type", "balance_id"]
        indexes: ClassVar = [
            models.Index(
                fields=["expiry_due"], condition=models.Q(expiry_due__isnull=False), name="balance_expiry_due"
            ),
            models.Index(fields=["-service", "balance_id"], condition=models.Q(TOLD_LOW), name="balance_low"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["service", "balance_id"], name="balance_once_per_service"),
            models.CheckConstraint(condition=models.Q(balance_type__in=Kind.values), name="balance_type_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.balance_id}"

    @property
    def is_unlimited(self) -> bool:
        return self.value is None

    @property
    def percent_left(self) -> Decimal | None:
        """Of the initial value, from 0 to 100; None where there is nothing to compare with."""
        value: Decimal | None = self.value
        initial: Decimal | None = self.initial_value
        if value is None or not initial or initial <= 0:
            return None
        return min(max(value / initial * 100, Decimal(0)), Decimal(100))

    @property
    def is_low(self) -> bool:
        """Whether a low balance was told of, and has not risen since (TOLD_LOW says the same to the database)."""
        return any(low is not None for _times, low in self.told.values())

    def is_expired(self, now: datetime) -> bool:
        return self.expiry is not None and self.expiry <= now


class BalanceEvent(models.Model):
    """One event of the charging system, applied: the balance's course. Its order is (event_time, event_id).

    `threshold` is the charging system's own; `told` the state of the thresholds after the event. Deleted with its
    balance by the database.
    """

    pk = models.CompositePrimaryKey("balance_id", "event_id")
    balance = models.ForeignKey(Balance, models.DO_NOTHING, related_name="events", db_constraint=False, db_index=False)
    event_id = models.CharField(max_length=MAX_ID_LENGTH, db_collation=BYTEWISE)
    event_time = models.DateTimeField()
    received_at = models.DateTimeField()
    value = _amount(_("value"), null=True)
    initial_value = _amount(_("initial value"))
    threshold = _amount(_("threshold"), null=True)
    told = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["event_time", "event_id"]
        indexes: ClassVar = [
            models.Index(fields=["balance", "event_time", "event_id"], name="balance_event_order"),
            BrinIndex(fields=["received_at"], autosummarize=True, name="balance_event_age"),
        ]

    def __str__(self) -> str:
        return f"{self.balance_id} {self.event_id}"


class AlertKind(models.TextChoices):
    LOW = "low", _("low")
    EXPIRED = "expired", _("expired")


class Outcome(models.TextChoices):
    """What was decided about an alert, and why."""

    EMAILED = "emailed", _("An email was queued.")
    NO_ADDRESS = "no_address", _("No contact of the customer has an email address.")
    CAPPED = "capped", _("The customer had as many alerts today as are allowed.")
    TOPPED_UP = "topped_up", _("The balance was topped up before an email could leave.")
    RENEWED = "renewed", _("The balance was renewed before an email could leave.")
    TOO_LATE = "too_late", _("It came to light too late to tell.")
    EXPIRED = "expired", _("The balance has expired.")
    CLOSED = "closed", _("The service is closed.")
    EMPTY = "empty", _("The balance had been empty for long.")


class Alert(models.Model):
    """A fact worth telling, and what was decided about it: a balance fell below a step for the `ordinal`th time, or
    it expired. None is told twice: the database knows each once.

    `message_id` is the email's, which may tell several alerts of one service.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    balance = models.ForeignKey(Balance, models.CASCADE, related_name="alerts", verbose_name=_("balance"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="balance_alerts", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=10, choices=AlertKind)
    step = models.CharField(_("step"), max_length=MAX_STEP_LENGTH, default="")
    ordinal = models.PositiveIntegerField(default=0)
    expiry = models.DateTimeField(_("expiry"), null=True)
    value = _amount(_("value"), null=True)
    threshold = _amount(_("threshold"), null=True)
    happened_at = models.DateTimeField(_("happened"))
    decided_at = models.DateTimeField(_("decided"))
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    message_id = models.UUIDField(_("message"), null=True)

    class Meta:
        verbose_name = _("balance alert")
        verbose_name_plural = _("balance alerts")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["customer", "decided_at"], name="balance_alert_customer"),
            models.Index(
                fields=["message_id"], condition=models.Q(message_id__isnull=False), name="balance_alert_message"
            ),
            models.Index(fields=["decided_at"], name="balance_alert_age"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["balance", "step", "ordinal"],
                condition=models.Q(kind=AlertKind.LOW),
                name="low_once_per_crossing",
            ),
            models.UniqueConstraint(
                fields=["balance", "expiry"],
                condition=models.Q(kind=AlertKind.EXPIRED),
                name="expired_once_per_expiry",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome=Outcome.EMAILED) ^ models.Q(message_id__isnull=True),
                name="balance_alert_has_a_message_if_emailed",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=AlertKind.LOW, ordinal__gt=0, threshold__isnull=False)
                | models.Q(kind=AlertKind.EXPIRED, expiry__isnull=False),
                name="balance_alert_says_of_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.balance_id} {self.step}"


class Source(models.TextChoices):
    OWN = "own", _("balance event")
    CGRATES = "cgrates", _("CGRateS")


class QuarantineReason(models.TextChoices):
    UNKNOWN_SERVICE = "unknown_service", _("There is no service with this UUID.")
    NO_SERVICE = "no_service", _("The account's name is no service UUID.")
    FROM_THE_FUTURE = "future", _("The event says it happens more than a day from now.")


class Quarantined(models.Model):
    """An event that could not be applied, and may be replayed. `payload` is an events.IncomingEvent as JSON."""

    fingerprint = models.CharField(max_length=MAX_ID_LENGTH, unique=True)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    reason = models.CharField(_("reason"), max_length=20, choices=QuarantineReason)
    account = models.CharField(_("account"), max_length=MAX_ID_LENGTH)
    service_uuid = models.UUIDField(_("service UUID"), null=True, db_index=True)
    payload = models.JSONField(_("event"))
    received_at = models.DateTimeField(_("received"), db_index=True)

    class Meta:
        verbose_name = _("event in quarantine")
        verbose_name_plural = _("events in quarantine")
        ordering: ClassVar = ["-received_at", "-id"]

    def __str__(self) -> str:
        return f"{self.account}: {self.reason}"


class WebhookPost(models.Model):
    """An alert on its way to the operator's webhook. It is posted at least once; receivers know it by its id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="posts")
    body = models.TextField()
    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        verbose_name = _("webhook post")
        verbose_name_plural = _("webhook posts")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="webhook_post_due"),
        ]

    def __str__(self) -> str:
        return f"{self.id}"
