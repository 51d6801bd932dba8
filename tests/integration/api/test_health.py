"""The health check: open to all, and frank."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from omnicrm.outbox.models import Message, Pause
from omnicrm.outbox.operations import cancel
from tests.integration.api.conftest import NOW, Integrator

pytestmark = pytest.mark.django_db


def test_a_server_that_can_work_is_ok_and_needs_no_key() -> None:
    health = Client().get("/crm/health")
    assert health.status_code == 200
    assert health.json() == {
        "status": "ok",
        "database": "ok",
        "migrations": "ok",
        "oldest_due_message_seconds": None,
        "paused_until": None,
        "pause_reason": "",
    }


def test_the_longest_waiting_email_is_told(api: Integrator) -> None:
    api.create()
    api.create()
    Message.objects.update(not_before=timezone.now() - timedelta(minutes=10))
    Message.objects.filter(id=Message.objects.latest("id").id).update(not_before=timezone.now() + timedelta(days=1))
    assert 600 <= Client().get("/crm/health").json()["oldest_due_message_seconds"] < 660
    cancel(Q(), reason="test", now=NOW)
    assert Client().get("/crm/health").json()["oldest_due_message_seconds"] is None


def test_a_pause_is_told_but_does_not_take_the_server_out() -> None:
    until = NOW + timedelta(hours=1)
    Pause.objects.create(until=until, reason="429: too many requests", since=NOW)
    health = Client().get("/crm/health")
    assert (health.status_code, health.json()["status"]) == (200, "paused")
    assert (health.json()["paused_until"], health.json()["pause_reason"]) == (
        f"{until:%Y-%m-%dT%H:%M:%SZ}",
        "429: too many requests",
    )


def test_tables_of_another_version_take_the_server_out() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'api'")
    health = Client().get("/crm/health")
    assert (health.status_code, health.json()["status"], health.json()["migrations"]) == (503, "down", "pending")
