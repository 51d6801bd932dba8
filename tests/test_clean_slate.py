"""Tests that commit leave nothing behind, and what the migrations made is there again after them."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction

from omnicrm.audit.models import Action
from omnicrm.audit.operations import SYSTEM, record
from omnicrm.customers.operations import add_service
from omnicrm.invoices.issuing import create_invoice
from omnicrm.onboarding.operations import register_customer
from tests import clean_slate
from tests.clean_slate import changed_tables, end_other_sessions, get_back, keep_as_it_is

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 25, 2, 41, tzinfo=UTC)


@pytest.fixture
def way_back() -> str:
    assert changed_tables() == []
    return keep_as_it_is()


def test_what_was_committed_is_gone(way_back: str) -> None:
    customer = register_customer(customer_name="Martin", contacts=[{"email": "helene@example.com"}], now=NOW).customer
    add_service(customer_id=customer.pk, service_name="Fibre", now=NOW)
    line = {"title": "Fibre", "quantity": 1, "unit_price": 100, "tax_rate": 20}
    create_invoice(customer_id=customer.pk, lines=[line], by=SYSTEM, now=NOW)
    assert {"customers_customer", "outbox_message", "invoices_invoice", "procrastinate_jobs", "audit_entry"} <= {
        *changed_tables()
    }
    get_back(way_back)
    assert changed_tables() == []


def test_what_the_migrations_made_is_there_again(way_back: str) -> None:
    ContentType.objects.create(app_label="made", model="by_a_test")
    ContentType.objects.filter(model="customer").update(model="renamed")
    Permission.objects.all().delete()
    assert changed_tables() == ["auth_permission", "django_content_type"]
    get_back(way_back)
    assert changed_tables() == []


def test_constraints_and_triggers_hold_again_afterwards(way_back: str) -> None:
    get_back(way_back)
    entry = record(action=Action.LOCKED_OUT, by=SYSTEM, now=NOW)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.delete()


def test_a_session_in_a_transaction_that_has_written_is_not_passed_over(
    way_back: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clean_slate, "PATIENCE", "50ms")
    impatient = keep_as_it_is()
    other = connection.copy()
    with other.cursor() as cursor:
        other.set_autocommit(False)
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('made', 'by_a_test')")
        with pytest.raises(DatabaseError, match="lock timeout"):
            get_back(impatient)
        other.rollback()
    other.close()


def test_a_session_that_was_left_open_is_ended_and_told() -> None:
    left = connection.copy()
    with left.cursor() as cursor:
        cursor.execute("SELECT 'left open'")
    assert end_other_sessions() == ["SELECT 'left open'"]
    with pytest.raises(DatabaseError), left.cursor() as cursor:
        cursor.execute("SELECT 1")
    left.close()
