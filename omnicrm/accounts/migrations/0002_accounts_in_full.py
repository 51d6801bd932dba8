"""Users of customers, proofs, throttles; and the audit log forgets who is erased."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import omnicrm.accounts.roles

FORGET_ERASED = """
CREATE FUNCTION accounts_forget_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_forget('customer', OLD.id, '{}');
    RETURN NULL;
END $$;

CREATE FUNCTION accounts_forget_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_forget('user', OLD.id, ARRAY[OLD.email]);
    RETURN NULL;
END $$;

CREATE TRIGGER customer_is_forgotten AFTER DELETE ON customers_customer
    FOR EACH ROW EXECUTE FUNCTION accounts_forget_customer();
CREATE TRIGGER user_of_customer_is_forgotten AFTER DELETE ON accounts_user
    FOR EACH ROW WHEN (OLD.customer_id IS NOT NULL) EXECUTE FUNCTION accounts_forget_user();
"""
"""An erased customer, and its users, must not live on in the audit log, whoever deletes them. Staff stay in it."""

NOT_FORGET = """
DROP TRIGGER customer_is_forgotten ON customers_customer;
DROP TRIGGER user_of_customer_is_forgotten ON accounts_user;
DROP FUNCTION accounts_forget_customer, accounts_forget_user;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("customers", "0002_consent_to_marketing"),
    ]

    operations = [
        migrations.CreateModel(
            name="Proof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[("reset", "password reset"), ("verify", "address verification")], max_length=10
                    ),
                ),
                ("address", models.CharField(max_length=254)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("code_hash", models.CharField(blank=True, max_length=64)),
                ("tries_left", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("voided_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Throttle",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("tries", models.PositiveIntegerField()),
                ("window_ends_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="users",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="email_verified_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="address verified"),
        ),
        migrations.AddField(
            model_name="user",
            name="temporary_password_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="temporary password valid until"),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="role",
            field=models.CharField(
                choices=omnicrm.accounts.roles.staff_role_choices, max_length=20, verbose_name="role"
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="role",
            field=models.CharField(
                choices=[
                    ("Admin", "Admin"),
                    ("Support", "Support"),
                    ("Billing", "Billing"),
                    ("Marketing", "Marketing"),
                    ("ReadOnly", "Read-only"),
                    ("Customer", "Customer"),
                ],
                default="ReadOnly",
                max_length=20,
                verbose_name="role",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("role", "Customer"), _negated=True), name="api_key_has_a_staff_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("customer__isnull", False), ("is_staff", False), ("is_superuser", False), ("role", "Customer")
                    ),
                    models.Q(models.Q(("role", "Customer"), _negated=True), ("customer__isnull", True)),
                    _connector="OR",
                ),
                name="user_is_staff_or_of_a_customer",
            ),
        ),
        migrations.AddField(
            model_name="proof",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="proofs", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="throttle",
            index=models.Index(fields=["window_ends_at"], name="throttle_end"),
        ),
        migrations.AddIndex(
            model_name="proof",
            index=models.Index(fields=["user", "purpose", "-created_at"], name="proof_latest"),
        ),
        migrations.AddIndex(
            model_name="proof",
            index=models.Index(fields=["expires_at"], name="proof_expiry"),
        ),
        migrations.AddConstraint(
            model_name="proof",
            constraint=models.UniqueConstraint(
                condition=models.Q(("used_at__isnull", True), ("voided_at__isnull", True)),
                fields=("user", "purpose"),
                name="proof_open_once_per_user_and_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="proof",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_at__isnull", True), ("voided_at__isnull", True), _connector="OR"),
                name="proof_is_used_or_voided",
            ),
        ),
        migrations.RunSQL(FORGET_ERASED, reverse_sql=NOT_FORGET),
    ]
