"""Why a customer of a run was not invoiced, as data that is put into each reader's language. Rows of before keep their
English text and nothing else.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoices", "0003_runs_by_tag_and_pdf_paths"),
    ]

    operations = [
        migrations.AddField(
            model_name="runrow",
            name="reasons",
            field=models.JSONField(default=list, verbose_name="reasons"),
        ),
    ]
