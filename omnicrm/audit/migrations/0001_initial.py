"""The audit log's table, and what keeps it append-only."""

import django.db.models.functions.text
from django.db import migrations, models

import omnicrm.audit.models

APPEND_ONLY = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    passing text := coalesce(current_setting('omnicrm.audit_pass', true), '');
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF passing = 'drop_older' AND OLD.at < now() - interval '30 days' THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF passing = 'forget'
            AND (NEW.id, NEW.at, NEW.action, NEW.actor_kind, NEW.target_kind)
                = (OLD.id, OLD.at, OLD.action, OLD.actor_kind, OLD.target_kind)
            AND (NEW.actor_id, NEW.target_id) IS NOT DISTINCT FROM (OLD.actor_id, OLD.target_id)
            AND NEW.actor_name IN (OLD.actor_name, '') AND NEW.target_name IN (OLD.target_name, '')
            AND (NEW.ip IS NULL OR NEW.ip = OLD.ip) AND NEW.detail IN (OLD.detail, '{}')
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_entry_never_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- The two ways past the trigger, each of which opens it for its own statement only.
CREATE FUNCTION audit_drop_older(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    dropped bigint;
BEGIN
    PERFORM set_config('omnicrm.audit_pass', 'drop_older', true);
    DELETE FROM audit_entry WHERE at < least(before, now() - interval '30 days');
    GET DIAGNOSTICS dropped = ROW_COUNT;
    PERFORM set_config('omnicrm.audit_pass', '', true);
    RETURN dropped;
END $$;

CREATE FUNCTION audit_forget(kind text, record_id bigint, addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('omnicrm.audit_pass', 'forget', true);
    UPDATE audit_entry SET actor_name = '', ip = NULL WHERE actor_kind = kind AND actor_id = record_id;
    UPDATE audit_entry SET target_name = '', detail = '{}',
        ip = CASE WHEN actor_kind IN ('anonymous', 'system') THEN NULL ELSE ip END
        WHERE target_kind = kind AND target_id = record_id;
    UPDATE audit_entry SET target_name = '', detail = '{}', ip = NULL
        WHERE target_kind = 'address' AND upper(target_name) IN (SELECT upper(each) FROM unnest(addresses) AS each);
    PERFORM set_config('omnicrm.audit_pass', '', true);
END $$;
"""

NOT_APPEND_ONLY = """
DROP TRIGGER audit_entry_append_only ON audit_entry;
DROP TRIGGER audit_entry_never_emptied ON audit_entry;
DROP FUNCTION audit_refuse, audit_drop_older, audit_forget;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="time")),
                (
                    "action",
                    models.CharField(choices=omnicrm.audit.models.actions, max_length=40, verbose_name="action"),
                ),
                (
                    "actor_kind",
                    models.CharField(choices=omnicrm.audit.models.actor_kinds, max_length=20, verbose_name="by whom"),
                ),
                ("actor_id", models.BigIntegerField(blank=True, null=True, verbose_name="actor's number")),
                ("actor_name", models.CharField(blank=True, max_length=254, verbose_name="actor")),
                (
                    "target_kind",
                    models.CharField(
                        blank=True, choices=omnicrm.audit.models.target_kinds, max_length=20, verbose_name="to what"
                    ),
                ),
                ("target_id", models.BigIntegerField(null=True, verbose_name="target's number")),
                ("target_name", models.CharField(blank=True, max_length=254, verbose_name="target")),
                ("ip", models.GenericIPAddressField(null=True, verbose_name="IP address")),
                ("detail", models.JSONField(default=dict, verbose_name="details")),
            ],
            options={
                "verbose_name": "audit log entry",
                "verbose_name_plural": "audit log",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["at"], name="audit_at"),
                    models.Index(fields=["action", "-id"], name="audit_action"),
                    models.Index(fields=["actor_kind", "actor_id", "-id"], name="audit_actor"),
                    models.Index(fields=["target_kind", "target_id", "-id"], name="audit_target"),
                    models.Index(
                        django.db.models.functions.text.Upper("target_name"),
                        condition=models.Q(("target_kind", "address")),
                        name="audit_target_address",
                    ),
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, reverse_sql=NOT_APPEND_ONLY),
    ]
