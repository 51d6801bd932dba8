"""The outbox's tables. The message table is written in SQL because Django cannot partition."""

from datetime import UTC, datetime

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid_utils.compat
from django.apps.registry import Apps
from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from omnicrm.outbox.partitions import ensure_partitions

CREATE_MESSAGE = """
CREATE TABLE outbox_message (
    id uuid PRIMARY KEY,
    key text NOT NULL,
    section varchar(80) NOT NULL,
    lane smallint NOT NULL,
    state varchar(12) NOT NULL DEFAULT 'queued',
    reason text NOT NULL DEFAULT '',
    customer_id bigint REFERENCES customers_customer (id) DEFERRABLE INITIALLY DEFERRED,
    language varchar(2) NOT NULL,
    to_email varchar(254) NOT NULL,
    to_name varchar(200) NOT NULL,
    subject varchar(255) NOT NULL,
    variables jsonb NOT NULL,
    secrets varchar(50)[] NOT NULL,
    created_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    expires_at timestamptz,
    lease_until timestamptz,
    attempts jsonb NOT NULL DEFAULT '[]',
    accepted_at timestamptz,
    mailjet_message_id bigint,
    CONSTRAINT message_state_is_known CHECK (state IN (
        'queued', 'claimed', 'accepted', 'delivered', 'deferred', 'bounced', 'blocked', 'complained',
        'suppressed', 'cancelled', 'expired', 'refused', 'failed', 'unknown')),
    CONSTRAINT claimed_message_has_a_lease CHECK ((state = 'claimed') = (lease_until IS NOT NULL))
) PARTITION BY RANGE (id);

CREATE TABLE outbox_message_rest PARTITION OF outbox_message DEFAULT;

CREATE INDEX message_due ON outbox_message (lane, not_before, id) WHERE state = 'queued';
CREATE INDEX message_lease ON outbox_message (lease_until) WHERE state = 'claimed';
CREATE INDEX message_unknown ON outbox_message (not_before) WHERE state = 'unknown';
CREATE INDEX message_customer ON outbox_message (customer_id, id);
CREATE INDEX message_to_email ON outbox_message (to_email, id);
CREATE INDEX message_accepted ON outbox_message USING brin (accepted_at, mailjet_message_id)
    WITH (autosummarize = on, pages_per_range = 32);
CREATE INDEX message_trouble ON outbox_message (state, id)
    WHERE state NOT IN ('queued', 'claimed', 'accepted', 'delivered');
"""

ERASE_SECRETS = """
CREATE FUNCTION outbox_erase_secrets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.variables := (
        SELECT coalesce(jsonb_object_agg(name, CASE WHEN name = ANY (NEW.secrets) THEN '"•••"' ELSE value END), '{}')
        FROM jsonb_each(NEW.variables) AS variable (name, value)
    );
    RETURN NEW;
END $$;

CREATE TRIGGER erase_secrets BEFORE UPDATE OF state ON outbox_message FOR EACH ROW
WHEN (NEW.secrets <> '{}' AND NEW.state NOT IN ('queued', 'claimed', 'unknown'))
EXECUTE FUNCTION outbox_erase_secrets();
"""

JOB_TABLES = """
ALTER TABLE procrastinate_jobs SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
ALTER TABLE procrastinate_events SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.01);
"""


def make_room_for_messages(_apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    ensure_partitions(now=datetime.now(UTC))


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_initial"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageKey",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("message_id", models.UUIDField()),
            ],
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("granted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("counts_until", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["counts_until"], name="call_counts_until")],
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
                ("reason", models.TextField()),
                ("since", models.DateTimeField()),
                ("failures", models.PositiveIntegerField(default=1)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_pause_for_all")],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=254, verbose_name="address")),
                (
                    "scope",
                    models.CharField(
                        choices=[("everything", "everything"), ("marketing", "marketing only")],
                        max_length=12,
                        verbose_name="scope",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("created_at", models.DateTimeField(verbose_name="created")),
            ],
            options={
                "verbose_name": "suppression",
                "verbose_name_plural": "suppressions",
                "ordering": ["-created_at"],
                "constraints": [
                    models.UniqueConstraint(fields=("address", "scope"), name="suppression_once_per_address_and_scope")
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(CREATE_MESSAGE, reverse_sql="DROP TABLE outbox_message"),
                migrations.RunSQL(ERASE_SECRETS, reverse_sql="DROP FUNCTION outbox_erase_secrets CASCADE"),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Message",
                    fields=[
                        (
                            "id",
                            models.UUIDField(
                                default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("key", models.TextField(verbose_name="business key")),
                        ("section", models.CharField(max_length=80, verbose_name="email")),
                        (
                            "lane",
                            models.SmallIntegerField(
                                choices=[(0, "security"), (1, "transactional"), (2, "bulk")], verbose_name="lane"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("queued", "queued"),
                                    ("claimed", "being handed over"),
                                    ("accepted", "accepted by Mailjet"),
                                    ("delivered", "delivered"),
                                    ("deferred", "deferred by the recipient's server"),
                                    ("bounced", "bounced"),
                                    ("blocked", "blocked by Mailjet"),
                                    ("complained", "reported as spam"),
                                    ("suppressed", "address suppressed"),
                                    ("cancelled", "cancelled"),
                                    ("expired", "expired"),
                                    ("refused", "refused by Mailjet"),
                                    ("failed", "failed"),
                                    ("unknown", "outcome unknown"),
                                ],
                                default="queued",
                                max_length=12,
                                verbose_name="state",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                        (
                            "language",
                            models.CharField(
                                choices=[("fr", "French"), ("en", "English")], max_length=2, verbose_name="language"
                            ),
                        ),
                        ("to_email", models.CharField(max_length=254, verbose_name="recipient")),
                        ("to_name", models.CharField(blank=True, max_length=200, verbose_name="recipient's name")),
                        ("subject", models.CharField(max_length=255, verbose_name="subject")),
                        ("variables", models.JSONField(default=dict, verbose_name="variables")),
                        (
                            "secrets",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=50),
                                default=list,
                                size=None,
                                verbose_name="secret variables",
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="created")),
                        ("not_before", models.DateTimeField(verbose_name="not before")),
                        ("expires_at", models.DateTimeField(null=True, verbose_name="expires")),
                        ("lease_until", models.DateTimeField(null=True, verbose_name="lease")),
                        ("attempts", models.JSONField(default=list, verbose_name="attempts")),
                        ("accepted_at", models.DateTimeField(null=True, verbose_name="accepted")),
                        ("mailjet_message_id", models.BigIntegerField(null=True, verbose_name="Mailjet MessageID")),
                        (
                            "customer",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="messages",
                                to="customers.customer",
                                verbose_name="customer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "message",
                        "verbose_name_plural": "messages",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "queued")),
                                fields=["lane", "not_before", "id"],
                                name="message_due",
                            ),
                            models.Index(
                                condition=models.Q(("state", "claimed")), fields=["lease_until"], name="message_lease"
                            ),
                            models.Index(
                                condition=models.Q(("state", "unknown")), fields=["not_before"], name="message_unknown"
                            ),
                            models.Index(fields=["customer", "id"], name="message_customer"),
                            models.Index(fields=["to_email", "id"], name="message_to_email"),
                            BrinIndex(
                                autosummarize=True,
                                fields=["accepted_at", "mailjet_message_id"],
                                name="message_accepted",
                                pages_per_range=32,
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["queued", "claimed", "accepted", "delivered"]), _negated=True
                                ),
                                fields=["state", "id"],
                                name="message_trouble",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "state__in",
                                        [
                                            "queued",
                                            "claimed",
                                            "accepted",
                                            "delivered",
                                            "deferred",
                                            "bounced",
                                            "blocked",
                                            "complained",
                                            "suppressed",
                                            "cancelled",
                                            "expired",
                                            "refused",
                                            "failed",
                                            "unknown",
                                        ],
                                    )
                                ),
                                name="message_state_is_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "claimed"), ("lease_until__isnull", True), _connector="XOR"
                                ),
                                name="claimed_message_has_a_lease",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.RunSQL(JOB_TABLES, reverse_sql=migrations.RunSQL.noop),
        migrations.RunPython(make_room_for_messages, migrations.RunPython.noop),
    ]
