"""The tables of invoices, and what keeps them honest in the database itself."""

import decimal

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

IMMUTABLE = """
CREATE FUNCTION invoices_keep_issued() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- What may change after the issue. A column that is added later is immutable until it is named here.
    living CONSTANT text[] := ARRAY[
        'customer_id', 'paid_amount', 'credited_amount', 'state', 'pause_reason', 'paused_until', 'pause_note',
        'updated_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be deleted', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF to_jsonb(OLD) - living IS DISTINCT FROM to_jsonb(NEW) - living THEN
        RAISE EXCEPTION 'invoice % is issued and cannot be changed', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.customer_id IS DISTINCT FROM OLD.customer_id AND NEW.customer_id IS NOT NULL THEN
        RAISE EXCEPTION 'invoice % is issued and keeps its customer', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER keep_issued BEFORE UPDATE OR DELETE ON invoices_invoice FOR EACH ROW
WHEN (OLD.number IS NOT NULL) EXECUTE FUNCTION invoices_keep_issued();

-- Lines and taxes may be written before their invoice is, so that many issued at once can be copied in.
CREATE FUNCTION invoices_keep_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM invoices_invoice
        WHERE number IS NOT NULL
            AND id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.invoice_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.invoice_id END)
    ) THEN
        RAISE EXCEPTION 'the invoice is issued and keeps its lines and taxes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER keep_parts BEFORE INSERT OR UPDATE OR DELETE ON invoices_invoiceline FOR EACH ROW
EXECUTE FUNCTION invoices_keep_parts();
CREATE TRIGGER keep_parts BEFORE INSERT OR UPDATE OR DELETE ON invoices_invoicetax FOR EACH ROW
EXECUTE FUNCTION invoices_keep_parts();

CREATE FUNCTION invoices_keep_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'payment % is booked; register one that takes it back', OLD.reference
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER keep_payment BEFORE UPDATE OR DELETE ON invoices_payment FOR EACH ROW
EXECUTE FUNCTION invoices_keep_payment();
"""

SUMS = """
CREATE FUNCTION invoices_add_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invoices_invoice SET paid_amount = paid_amount + NEW.amount, updated_at = NEW.created_at
    WHERE id = NEW.invoice_id AND kind = 'invoice' AND number IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only an issued invoice takes payments' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER add_payment AFTER INSERT ON invoices_payment FOR EACH ROW EXECUTE FUNCTION invoices_add_payment();

CREATE FUNCTION invoices_add_credit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invoices_invoice SET credited_amount = credited_amount + NEW.total_amount, updated_at = NEW.updated_at
    WHERE id = NEW.credited_invoice_id AND kind = 'invoice' AND number IS NOT NULL AND currency = NEW.currency;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a credit note needs an issued invoice in its currency' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER add_credit AFTER UPDATE OF number ON invoices_invoice FOR EACH ROW
WHEN (NEW.kind = 'credit_note' AND OLD.number IS NULL AND NEW.number IS NOT NULL)
EXECUTE FUNCTION invoices_add_credit();
CREATE TRIGGER add_credit_at_once AFTER INSERT ON invoices_invoice FOR EACH ROW
WHEN (NEW.kind = 'credit_note' AND NEW.number IS NOT NULL) EXECUTE FUNCTION invoices_add_credit();
"""

ORPHANS = """
-- Issued invoices outlive their customer, as the law wants; drafts do not.
CREATE FUNCTION invoices_drop_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM invoices_invoiceline WHERE invoice_id = NEW.id;
    DELETE FROM invoices_invoicetax WHERE invoice_id = NEW.id;
    DELETE FROM invoices_invoice WHERE id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER drop_draft AFTER UPDATE OF customer_id ON invoices_invoice FOR EACH ROW
WHEN (NEW.number IS NULL AND NEW.customer_id IS NULL) EXECUTE FUNCTION invoices_drop_draft();
"""

UNDO = """
DROP FUNCTION invoices_keep_issued, invoices_keep_parts, invoices_keep_payment, invoices_add_payment,
    invoices_add_credit, invoices_drop_draft CASCADE;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0002_consent_to_marketing"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("invoice", "Invoice"), ("credit_note", "Credit note")],
                        default="invoice",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "number",
                    models.CharField(editable=False, max_length=40, null=True, unique=True, verbose_name="number"),
                ),
                (
                    "series",
                    models.CharField(blank=True, default="", editable=False, max_length=20, verbose_name="series"),
                ),
                ("year", models.SmallIntegerField(editable=False, null=True, verbose_name="year")),
                ("sequence", models.IntegerField(editable=False, null=True, verbose_name="sequence")),
                (
                    "state",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(models.Q(("number__isnull", True)), then=models.Value("draft")),
                            models.When(models.Q(("kind", "credit_note")), then=models.Value("issued")),
                            models.When(
                                models.Q(
                                    ("credited_amount__gt", 0), ("credited_amount__gte", models.F("total_amount"))
                                ),
                                then=models.Value("cancelled"),
                            ),
                            models.When(
                                models.Q(
                                    (
                                        "total_amount__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("paid_amount"), "+", models.F("credited_amount")
                                        ),
                                    )
                                ),
                                then=models.Value("paid"),
                            ),
                            models.When(models.Q(("paid_amount__gt", 0)), then=models.Value("partially_paid")),
                            default=models.Value("issued"),
                        ),
                        output_field=models.CharField(
                            choices=[
                                ("draft", "draft"),
                                ("issued", "issued"),
                                ("partially_paid", "partially paid"),
                                ("paid", "paid"),
                                ("overdue", "overdue"),
                                ("cancelled", "cancelled"),
                            ],
                            max_length=14,
                            verbose_name="state",
                        ),
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "French"), ("en", "English")], max_length=2, verbose_name="language"
                    ),
                ),
                ("start_date", models.DateField(blank=True, null=True, verbose_name="start of the period")),
                ("end_date", models.DateField(blank=True, null=True, verbose_name="end of the period")),
                ("issue_date", models.DateField(editable=False, null=True, verbose_name="date of issue")),
                ("due_date", models.DateField(blank=True, null=True, verbose_name="due date")),
                ("notes", models.TextField(blank=True, default="", max_length=2000, verbose_name="notes")),
                ("client", models.JSONField(default=dict, editable=False, verbose_name="customer on the day of issue")),
                (
                    "net_amount",
                    models.DecimalField(
                        decimal_places=3, default=decimal.Decimal, max_digits=16, verbose_name="net amount"
                    ),
                ),
                (
                    "total_tax",
                    models.DecimalField(decimal_places=3, default=decimal.Decimal, max_digits=16, verbose_name="tax"),
                ),
                (
                    "total_amount",
                    models.DecimalField(decimal_places=3, default=decimal.Decimal, max_digits=16, verbose_name="total"),
                ),
                (
                    "paid_amount",
                    models.DecimalField(
                        decimal_places=3, default=decimal.Decimal, editable=False, max_digits=16, verbose_name="paid"
                    ),
                ),
                (
                    "credited_amount",
                    models.DecimalField(
                        decimal_places=3,
                        default=decimal.Decimal,
                        editable=False,
                        max_digits=16,
                        verbose_name="credited",
                    ),
                ),
                (
                    "pause_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dispute", "disputed by the customer"),
                            ("promise", "promised to be paid"),
                            ("other", "other reason"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="why reminders pause",
                    ),
                ),
                ("paused_until", models.DateField(blank=True, null=True, verbose_name="reminders pause until")),
                (
                    "pause_note",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="note on the pause"),
                ),
                ("pdf_path", models.CharField(blank=True, default="", editable=False, max_length=200)),
                ("pdf_sha256", models.CharField(blank=True, default="", editable=False, max_length=64)),
                ("pdf_size", models.IntegerField(default=0, editable=False, verbose_name="size of the PDF in bytes")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("updated_at", models.DateTimeField(verbose_name="updated")),
                ("issued_at", models.DateTimeField(editable=False, null=True, verbose_name="issued")),
                (
                    "credited_invoice",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="invoices.invoice",
                        verbose_name="credited invoice",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="invoices",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "invoice",
                "verbose_name_plural": "invoices",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(verbose_name="position")),
                ("title", models.CharField(max_length=500, verbose_name="title")),
                ("quantity", models.DecimalField(decimal_places=6, max_digits=16, verbose_name="quantity")),
                ("unit", models.CharField(blank=True, default="", max_length=20, verbose_name="unit")),
                ("unit_price", models.DecimalField(decimal_places=6, max_digits=16, verbose_name="unit price")),
                ("tax_rate", models.DecimalField(decimal_places=3, max_digits=6, verbose_name="tax rate")),
                ("net_amount", models.DecimalField(decimal_places=3, max_digits=16, verbose_name="net amount")),
                ("start_date", models.DateField(blank=True, null=True, verbose_name="start")),
                ("end_date", models.DateField(blank=True, null=True, verbose_name="end")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoices.invoice",
                        verbose_name="invoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "line",
                "verbose_name_plural": "lines",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="InvoiceTax",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tax_rate", models.DecimalField(decimal_places=3, max_digits=6, verbose_name="tax rate")),
                ("net_amount", models.DecimalField(decimal_places=3, max_digits=16, verbose_name="net amount")),
                ("tax_amount", models.DecimalField(decimal_places=3, max_digits=16, verbose_name="tax")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taxes",
                        to="invoices.invoice",
                        verbose_name="invoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "tax",
                "verbose_name_plural": "taxes",
                "ordering": ["-tax_rate"],
            },
        ),
        migrations.CreateModel(
            name="NumberCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("series", models.CharField(max_length=20)),
                ("year", models.SmallIntegerField()),
                ("last", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("series", "year"), name="one_counter_per_series_and_year")
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=3, max_digits=16, verbose_name="amount")),
                ("date", models.DateField(verbose_name="date")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("transfer", "bank transfer"),
                            ("direct_debit", "direct debit"),
                            ("card", "card"),
                            ("cheque", "cheque"),
                            ("cash", "cash"),
                            ("other", "other"),
                        ],
                        max_length=12,
                        verbose_name="method",
                    ),
                ),
                ("reference", models.CharField(max_length=100, verbose_name="reference")),
                ("created_at", models.DateTimeField(verbose_name="registered")),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="invoices.invoice",
                        verbose_name="invoice",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="invoices.payment",
                        verbose_name="reverses",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["customer", "id"], name="invoice_customer"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["state", "id"], name="invoice_state"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["due_date", "id"], name="invoice_due"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("state__in", ("issued", "partially_paid"))),
                fields=["due_date", "id"],
                name="invoice_open_due",
            ),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(fields=["issue_date", "id"], name="invoice_issue_date"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(condition=models.Q(("kind", "credit_note")), fields=["id"], name="invoice_credit_note"),
        ),
        migrations.AddIndex(
            model_name="invoice",
            index=models.Index(
                condition=models.Q(("pdf_size__gt", 1000000)), fields=["-pdf_size"], name="invoice_large_pdf"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("series", ""), _negated=True),
                fields=("series", "year", "sequence"),
                name="invoice_sequence_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["invoice", "credit_note"])), name="invoice_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sequence__isnull", True), ("series", ""), ("year__isnull", True)),
                    models.Q(
                        models.Q(("series", ""), _negated=True),
                        ("number__isnull", False),
                        ("sequence__isnull", False),
                        ("year__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="invoice_series_goes_with_a_sequence",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("issue_date__isnull", True),
                        ("issued_at__isnull", True),
                        ("number__isnull", True),
                        ("pdf_path", ""),
                    ),
                    models.Q(
                        ("issue_date__isnull", False),
                        ("issued_at__isnull", False),
                        ("number__gt", ""),
                        ("pdf_size__gt", 0),
                        models.Q(("pdf_path", ""), _negated=True),
                        ("pdf_sha256__regex", "^[0-9a-f]{64}$"),
                    ),
                    _connector="OR",
                ),
                name="issued_invoice_has_its_pdf",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credited_invoice__isnull", False), ("due_date__isnull", True), ("kind", "credit_note")),
                    models.Q(("credited_invoice__isnull", True), ("kind", "invoice"), ("number__isnull", True)),
                    models.Q(("credited_invoice__isnull", True), ("due_date__isnull", False), ("kind", "invoice")),
                    _connector="OR",
                ),
                name="invoice_is_due_and_credit_note_credits",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("due_date__isnull", True),
                    ("issue_date__isnull", True),
                    ("due_date__gte", models.F("issue_date")),
                    _connector="OR",
                ),
                name="invoice_is_not_due_before_its_issue",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("end_date__isnull", True),
                    ("start_date__isnull", True),
                    ("end_date__gte", models.F("start_date")),
                    _connector="OR",
                ),
                name="invoice_period_ends_after_its_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "total_amount",
                        django.db.models.expressions.CombinedExpression(
                            models.F("net_amount"), "+", models.F("total_tax")
                        ),
                    ),
                    ("total_amount__gte", 0),
                ),
                name="invoice_total_adds_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credited_amount__gte", 0),
                    ("credited_amount__lte", models.F("total_amount")),
                    ("paid_amount__gte", 0),
                ),
                name="invoice_is_credited_at_most_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("pause_reason", ""), ("paused_until__isnull", True)),
                        models.Q(("pause_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("pause_reason", "promise"), _negated=True),
                        ("paused_until__isnull", False),
                        _connector="OR",
                    ),
                ),
                name="invoice_pause_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoiceline",
            constraint=models.UniqueConstraint(fields=("invoice", "position"), name="invoice_line_position_once"),
        ),
        migrations.AddConstraint(
            model_name="invoiceline",
            constraint=models.CheckConstraint(
                condition=models.Q(("tax_rate__gte", 0), ("tax_rate__lte", 100)),
                name="invoice_line_tax_is_a_percentage",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoicetax",
            constraint=models.UniqueConstraint(fields=("invoice", "tax_rate"), name="invoice_tax_rate_once"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                fields=("invoice", "reference"), name="payment_reference_once_per_invoice"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="payment_is_not_nothing"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("reference", ""), _negated=True), name="payment_has_a_reference"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["transfer", "direct_debit", "card", "cheque", "cash", "other"])),
                name="payment_method_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("reverses__isnull", True), ("amount__lt", 0), _connector="OR"),
                name="reversal_takes_back",
            ),
        ),
        migrations.RunSQL(IMMUTABLE + SUMS + ORPHANS, reverse_sql=UNDO),
    ]
