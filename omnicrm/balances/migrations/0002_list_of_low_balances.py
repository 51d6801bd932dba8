"""An index of the balances that are low: few among very many, which the back office lists."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("balances", "0001_initial"),
        ("customers", "0002_consent_to_marketing"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="balance",
            index=models.Index(
                fields=["-service", "balance_id"],
                condition=models.Q(
                    # Keywords in the order of the model: Django compares them so.
                    models.Func(
                        models.F("told"),
                        models.Value("$.*[1] ? (@ != null)"),
                        function="jsonb_path_exists",
                        arg_joiner=", ",
                        template="%(function)s(%(expressions)s::jsonpath)",
                        output_field=models.BooleanField(),
                    )
                ),
                name="balance_low",
            ),
        ),
    ]
