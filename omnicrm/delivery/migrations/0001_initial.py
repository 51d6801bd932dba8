"""The events' table, written in SQL because Django cannot partition, and what keeps it append-only."""

from datetime import UTC, datetime

import django.db.models.functions.text
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from omnicrm.outbox.partitions import ensure_partitions

CREATE_EVENT = """
CREATE TABLE delivery_event (
    happened_at timestamptz NOT NULL,
    fingerprint uuid NOT NULL,
    kind varchar(10) NOT NULL,
    message_id uuid,
    mailjet_message_id bigint,
    email varchar(320) NOT NULL,
    is_hard boolean NOT NULL,
    error text NOT NULL,
    error_related_to text NOT NULL,
    comment text NOT NULL,
    url text NOT NULL,
    agent text NOT NULL,
    country text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (happened_at, fingerprint),
    CONSTRAINT delivery_event_kind_is_known CHECK (kind IN (
        'sent', 'open', 'click', 'bounce', 'blocked', 'spam', 'unsub'))
) PARTITION BY RANGE (happened_at);

CREATE TABLE delivery_event_rest PARTITION OF delivery_event DEFAULT;

CREATE INDEX delivery_event_message ON delivery_event (message_id, happened_at) WHERE message_id IS NOT NULL;
CREATE INDEX delivery_event_stranger ON delivery_event (upper(email)) WHERE message_id IS NULL;
"""

APPEND_ONLY = """
CREATE FUNCTION delivery_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(current_setting('omnicrm.delivery_pass', true), '') = 'forget'
        AND (NEW.happened_at, NEW.fingerprint, NEW.kind, NEW.is_hard, NEW.error, NEW.error_related_to, NEW.received_at)
            = (OLD.happened_at, OLD.fingerprint, OLD.kind, OLD.is_hard, OLD.error, OLD.error_related_to, OLD.received_at)
        AND (NEW.message_id, NEW.mailjet_message_id) IS NOT DISTINCT FROM (OLD.message_id, OLD.mailjet_message_id)
        AND NEW.email IN (OLD.email, '') AND NEW.comment IN (OLD.comment, '') AND NEW.url IN (OLD.url, '')
        AND NEW.agent IN (OLD.agent, '') AND NEW.country IN (OLD.country, '')
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'delivery events are append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER delivery_event_append_only BEFORE UPDATE OR DELETE ON delivery_event
    FOR EACH ROW EXECUTE FUNCTION delivery_refuse();
CREATE TRIGGER delivery_event_never_emptied BEFORE TRUNCATE ON delivery_event
    FOR EACH STATEMENT EXECUTE FUNCTION delivery_refuse();

-- The one way past the trigger, which opens it for its own statement only: a customer is being erased.
CREATE FUNCTION delivery_forget(erased bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    forgotten bigint;
BEGIN
    PERFORM set_config('omnicrm.delivery_pass', 'forget', true);
    UPDATE delivery_event AS event SET email = '', comment = '', url = '', agent = '', country = ''
    WHERE event.message_id IN (SELECT id FROM outbox_message WHERE customer_id = erased)
        OR (event.message_id IS NULL AND upper(event.email) IN (
            SELECT upper(email) FROM customers_contact WHERE customer_id = erased AND email <> ''));
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    PERFORM set_config('omnicrm.delivery_pass', '', true);
    RETURN forgotten;
END $$;
"""

NOT_APPEND_ONLY = """
DROP FUNCTION delivery_refuse CASCADE;
DROP FUNCTION delivery_forget;
"""


def make_room_for_events(_apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    ensure_partitions(now=datetime.now(UTC))


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0001_initial"),
        ("outbox", "0002_attachments_and_marketing"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(CREATE_EVENT, reverse_sql="DROP TABLE delivery_event"),
                migrations.RunSQL(APPEND_ONLY, reverse_sql=NOT_APPEND_ONLY),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="DeliveryEvent",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "happened_at",
                                "fingerprint",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("happened_at", models.DateTimeField(verbose_name="time")),
                        ("fingerprint", models.UUIDField()),
                        ("kind", models.CharField(max_length=10, verbose_name="event")),
                        ("message_id", models.UUIDField(null=True, verbose_name="message")),
                        ("mailjet_message_id", models.BigIntegerField(null=True, verbose_name="Mailjet MessageID")),
                        ("email", models.CharField(blank=True, max_length=320, verbose_name="address")),
                        ("is_hard", models.BooleanField(default=False, verbose_name="permanent")),
                        ("error", models.TextField(blank=True, verbose_name="error")),
                        ("error_related_to", models.TextField(blank=True, verbose_name="error related to")),
                        ("comment", models.TextField(blank=True, verbose_name="comment")),
                        ("url", models.TextField(blank=True, verbose_name="link")),
                        ("agent", models.TextField(blank=True, verbose_name="program")),
                        ("country", models.TextField(blank=True, verbose_name="country")),
                        ("received_at", models.DateTimeField(verbose_name="received")),
                    ],
                    options={
                        "verbose_name": "delivery event",
                        "verbose_name_plural": "delivery events",
                        "db_table": "delivery_event",
                        "ordering": ["happened_at", "fingerprint"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("message_id__isnull", False)),
                                fields=["message_id", "happened_at"],
                                name="delivery_event_message",
                            ),
                            models.Index(
                                django.db.models.functions.text.Upper("email"),
                                condition=models.Q(("message_id__isnull", True)),
                                name="delivery_event_stranger",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        ["sent", "open", "click", "bounce", "blocked", "spam", "unsub"],
                                    )
                                ),
                                name="delivery_event_kind_is_known",
                            )
                        ],
                    },
                ),
            ],
        ),
        migrations.RunPython(make_room_for_events, migrations.RunPython.noop),
    ]
