"""Files that come with a message, and whether it is marketing. Constant defaults: no row is rewritten."""

from django.db import migrations, models

ADD_COLUMNS = """
ALTER TABLE outbox_message
    ADD COLUMN attachments jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN is_marketing boolean NOT NULL DEFAULT false
"""

DROP_COLUMNS = "ALTER TABLE outbox_message DROP COLUMN attachments, DROP COLUMN is_marketing"


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.RunSQL(
            ADD_COLUMNS,
            reverse_sql=DROP_COLUMNS,
            state_operations=[
                migrations.AddField(
                    "Message", "attachments", models.JSONField(default=list, verbose_name="attachments")
                ),
                migrations.AddField(
                    "Message", "is_marketing", models.BooleanField(default=False, verbose_name="marketing")
                ),
            ],
        ),
    ]
