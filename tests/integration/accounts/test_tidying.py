"""What is left behind goes: old proofs, lost jobs, and erased people in the audit log."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from omnicrm.accounts import tasks
from omnicrm.accounts.actors import user_actor
from omnicrm.accounts.models import Proof, Throttle, User
from omnicrm.accounts.operations import change_address, request_reset, update_user
from omnicrm.accounts.operations.resets import answer_reset_request
from omnicrm.audit.models import Action, Entry
from omnicrm.audit.operations import Actor, record
from omnicrm.customers.models import Customer
from tests.integration.accounts.conftest import IP, NOW

HOUR = timedelta(hours=1)


def test_proofs_go_a_month_after_they_ran_out(helene: User) -> None:
    answer_reset_request(address=helene.email, asked_at=NOW)
    for after, left in ((HOUR + timedelta(days=30) - timedelta(seconds=1), 1), (HOUR + timedelta(days=30), 0)):
        tasks.tidy(timestamp=int((NOW + after).timestamp()))
        assert Proof.objects.count() == left


@pytest.mark.django_db
def test_counts_go_when_they_no_longer_count() -> None:
    request_reset(email="nobody@example.com", ip=IP, now=NOW)
    tasks.tidy(timestamp=int((NOW + HOUR).timestamp()))
    assert not Throttle.objects.exists()


class TestErased:
    """A user of a customer who is deleted, whoever deletes the customer."""

    @pytest.fixture
    def acted(self, karim: User, admin: Actor) -> User:
        """Has left traces in the log, as have others who tried or changed something."""
        by = user_actor(karim, ip="198.51.100.4")
        record(action=Action.SIGNED_IN, by=by, now=NOW)
        change_address(user_id=karim.pk, new_email="karim.b@example.org", by=by, now=NOW)
        update_user(user_id=karim.pk, by=admin, now=NOW, full_name="Karim B.")
        request_reset(email="KARIM@example.org", ip="198.51.100.4", now=NOW)
        return karim

    def left(self) -> list[Mapping[str, Any]]:
        return list(Entry.objects.exclude(target_name="Ada Minot").values())

    def test_is_no_longer_in_the_log(self, acted: User, benali: Customer) -> None:
        before = self.left()
        assert "Karim" in str(before)
        benali.delete()
        after = self.left()
        assert "karim" not in str(after).lower()
        assert "198.51.100.4" not in str(after)
        assert [(entry["id"], entry["action"], entry["at"]) for entry in after] == [
            (entry["id"], entry["action"], entry["at"]) for entry in before
        ]

    def test_is_forgotten_also_by_plain_sql(self, acted: User) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_proof")
            cursor.execute("DELETE FROM accounts_user WHERE id = %s", [acted.pk])
        assert "karim" not in str(self.left()).lower()

    def test_staff_who_are_deleted_stay_in_the_log(self, admin: Actor) -> None:
        User.objects.filter(pk=admin.id).delete()
        assert Entry.objects.get(action="user_created").target_name == "Ada Minot"


@pytest.mark.django_db(transaction=True)
def test_a_reset_whose_worker_was_lost_is_run_again() -> None:
    request_reset(email="nobody@example.com", ip=IP, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        (worker,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s", [worker])
    context: Any = SimpleNamespace(app=app)
    async_to_sync(tasks.rescue.func)(context, timestamp=int(datetime.now(UTC).timestamp()))
    assert ProcrastinateJob.objects.get(task_name="accounts.send_reset").status == "todo"
