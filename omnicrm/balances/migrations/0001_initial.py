"""Balances, their course and their alerts. What Django cannot say stands in SQL at the end."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models

# Whether an alert may still leave. Once the balance has risen by the margin, its step is armed again and has no lowest
# value; between threshold and margin it still counts as low.
TRUTH = """
CREATE FUNCTION balances_alert_is_true(alert balances_alert, balance balances_balance, service customers_service)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT service.state <> 'closed' AND CASE alert.kind
        WHEN 'expired' THEN balance.expiry IS NOT NULL AND balance.expiry = alert.expiry
        ELSE balance.told #>> ARRAY[alert.step, '0'] = alert.ordinal::text
            AND balance.told #>> ARRAY[alert.step, '1'] IS NOT NULL
            AND (balance.expiry IS NULL OR balance.expiry > now())
    END
$$;
"""

# An event goes with its balance without being read, however long the course is; and half-filled pages let a balance's
# update stay on its page and leave the indexes alone.
COURSE = """
ALTER TABLE balances_balanceevent ADD CONSTRAINT balance_event_of_a_balance
    FOREIGN KEY (balance_id) REFERENCES balances_balance (id) ON DELETE CASCADE;
ALTER TABLE balances_balance SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Quarantined",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fingerprint", models.CharField(max_length=100, unique=True)),
                (
                    "source",
                    models.CharField(
                        choices=[("own", "balance event"), ("cgrates", "CGRateS")], max_length=10, verbose_name="source"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unknown_service", "There is no service with this UUID."),
                            ("no_service", "The account's name is no service UUID."),
                            ("future", "The event says it happens more than a day from now."),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("account", models.CharField(max_length=100, verbose_name="account")),
                ("service_uuid", models.UUIDField(db_index=True, null=True, verbose_name="service UUID")),
                ("payload", models.JSONField(verbose_name="event")),
                ("received_at", models.DateTimeField(db_index=True, verbose_name="received")),
            ],
            options={
                "verbose_name": "event in quarantine",
                "verbose_name_plural": "events in quarantine",
                "ordering": ["-received_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("balance_id", models.CharField(db_collation="C", max_length=100, verbose_name="balance")),
                (
                    "balance_type",
                    models.CharField(
                        choices=[
                            ("data", "Data"),
                            ("voice", "Voice"),
                            ("sms", "SMS"),
                            ("monetary", "Monetary"),
                            ("other", "Other"),
                            ("service", "Service"),
                        ],
                        max_length=10,
                        verbose_name="type",
                    ),
                ),
                ("unit", models.CharField(max_length=20, verbose_name="unit")),
                ("value", models.DecimalField(decimal_places=6, max_digits=24, null=True, verbose_name="value")),
                (
                    "initial_value",
                    models.DecimalField(decimal_places=6, max_digits=24, null=True, verbose_name="initial value"),
                ),
                ("expiry", models.DateTimeField(null=True, verbose_name="expiry")),
                ("expiry_time", models.DateTimeField(null=True)),
                ("expiry_event_id", models.CharField(db_collation="C", default="", max_length=100)),
                ("expiry_due", models.DateTimeField(null=True)),
                ("event_time", models.DateTimeField(null=True, verbose_name="as of")),
                ("event_id", models.CharField(db_collation="C", default="", max_length=100)),
                ("told", models.JSONField(default=dict)),
                (
                    "service",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="balances",
                        to="customers.service",
                        verbose_name="service",
                    ),
                ),
            ],
            options={
                "verbose_name": "balance",
                "verbose_name_plural": "balances",
                "ordering": ["service", "balance_type", "balance_id"],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("low", "low"), ("expired", "expired")], max_length=10, verbose_name="kind"
                    ),
                ),
                ("step", models.CharField(default="", max_length=40, verbose_name="step")),
                ("ordinal", models.PositiveIntegerField(default=0)),
                ("expiry", models.DateTimeField(null=True, verbose_name="expiry")),
                ("value", models.DecimalField(decimal_places=6, max_digits=24, null=True, verbose_name="value")),
                (
                    "threshold",
                    models.DecimalField(decimal_places=6, max_digits=24, null=True, verbose_name="threshold"),
                ),
                ("happened_at", models.DateTimeField(verbose_name="happened")),
                ("decided_at", models.DateTimeField(verbose_name="decided")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("emailed", "An email was queued."),
                            ("no_address", "No contact of the customer has an email address."),
                            ("capped", "The customer had as many alerts today as are allowed."),
                            ("topped_up", "The balance was topped up before an email could leave."),
                            ("renewed", "The balance was renewed before an email could leave."),
                            ("too_late", "It came to light too late to tell."),
                            ("expired", "The balance has expired."),
                            ("closed", "The service is closed."),
                            ("empty", "The balance had been empty for long."),
                        ],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                ("message_id", models.UUIDField(null=True, verbose_name="message")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="balance_alerts",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "balance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="alerts",
                        to="balances.balance",
                        verbose_name="balance",
                    ),
                ),
            ],
            options={
                "verbose_name": "balance alert",
                "verbose_name_plural": "balance alerts",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="BalanceEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "balance_id", "event_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("event_id", models.CharField(db_collation="C", max_length=100)),
                ("event_time", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("value", models.DecimalField(decimal_places=6, max_digits=24, null=True, verbose_name="value")),
                ("initial_value", models.DecimalField(decimal_places=6, max_digits=24, verbose_name="initial value")),
                (
                    "threshold",
                    models.DecimalField(decimal_places=6, max_digits=24, null=True, verbose_name="threshold"),
                ),
                ("told", models.JSONField(default=dict)),
                (
                    "balance",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="balances.balance",
                    ),
                ),
            ],
            options={
                "ordering": ["event_time", "event_id"],
            },
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True, verbose_name="name")),
                ("steps", models.JSONField(blank=True, default=dict, verbose_name="thresholds")),
            ],
            options={
                "verbose_name": "plan",
                "verbose_name_plural": "plans",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="plan_has_a_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceAlerts",
            fields=[
                (
                    "service",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="alerts",
                        serialize=False,
                        to="customers.service",
                    ),
                ),
                ("steps", models.JSONField(blank=True, default=dict, verbose_name="thresholds")),
                (
                    "plan",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="services",
                        to="balances.plan",
                        verbose_name="plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "thresholds of a service",
                "verbose_name_plural": "thresholds of services",
            },
        ),
        migrations.CreateModel(
            name="WebhookPost",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("body", models.TextField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(default="")),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="posts", to="balances.alert"
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook post",
                "verbose_name_plural": "webhook posts",
                "ordering": ["-id"],
            },
        ),
        migrations.AddIndex(
            model_name="balance",
            index=models.Index(
                condition=models.Q(("expiry_due__isnull", False)), fields=["expiry_due"], name="balance_expiry_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.UniqueConstraint(fields=("service", "balance_id"), name="balance_once_per_service"),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance_type__in", ["data", "voice", "sms", "monetary", "other", "service"])),
                name="balance_type_is_known",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["customer", "decided_at"], name="balance_alert_customer"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("message_id__isnull", False)), fields=["message_id"], name="balance_alert_message"
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["decided_at"], name="balance_alert_age"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "low")), fields=("balance", "step", "ordinal"), name="low_once_per_crossing"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "expired")), fields=("balance", "expiry"), name="expired_once_per_expiry"
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome", "emailed"), ("message_id__isnull", True), _connector="XOR"),
                name="balance_alert_has_a_message_if_emailed",
            ),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "low"), ("ordinal__gt", 0), ("threshold__isnull", False)),
                    models.Q(("expiry__isnull", False), ("kind", "expired")),
                    _connector="OR",
                ),
                name="balance_alert_says_of_what",
            ),
        ),
        migrations.AddIndex(
            model_name="balanceevent",
            index=models.Index(fields=["balance", "event_time", "event_id"], name="balance_event_order"),
        ),
        migrations.AddIndex(
            model_name="balanceevent",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["received_at"], name="balance_event_age"
            ),
        ),
        migrations.AddIndex(
            model_name="webhookpost",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="webhook_post_due"
            ),
        ),
        migrations.RunSQL(COURSE, reverse_sql=migrations.RunSQL.noop),
        migrations.RunSQL(TRUTH, reverse_sql="DROP FUNCTION balances_alert_is_true"),
    ]
