"""The audit log: what was written stays as it was written, until it is old or the person in it is forgotten."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.timezone import now as clock

from omnicrm.audit.models import Action, ActorKind, Entry, TargetKind
from omnicrm.audit.operations import Actor, Target, anonymous, drop_older, forget, record
from omnicrm.audit.tasks import drop_older_entries

NOW = datetime(2026, 5, 31, 12, tzinfo=UTC)
HELENE = Actor(kind=ActorKind.USER, id=7, name="Hélène Martin", ip="203.0.113.7")
KARIM = Target(kind=TargetKind.USER, id=8, name="Karim Benali")

pytestmark = pytest.mark.django_db


def noted(action: Action = Action.USER_CHANGED, *, by: Actor = HELENE, now: datetime = NOW, **more: Any) -> Entry:
    return record(action=action, by=by, now=now, **{"target": KARIM, **more})


def passing(door: str, statement: str) -> None:
    """Runs a statement as somebody would who knows how the log's own functions get past the trigger."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('omnicrm.audit_pass', %s, true)", [door])
        cursor.execute(statement)


@pytest.fixture
def entry() -> Entry:
    return noted(detail={"role": {"from": "Support", "to": "Admin"}})


def test_an_entry_says_who_did_what_to_whom_from_where(entry: Entry) -> None:
    stored = Entry.objects.get()
    assert (stored.at, stored.action, stored.ip) == (NOW, Action.USER_CHANGED, "203.0.113.7")
    assert (stored.actor_kind, stored.actor_id, stored.actor_name) == (ActorKind.USER, 7, "Hélène Martin")
    assert (stored.target_kind, stored.target_id, stored.target_name) == (TargetKind.USER, 8, "Karim Benali")
    assert stored.detail == {"role": {"from": "Support", "to": "Admin"}}


def test_an_entry_needs_no_target() -> None:
    stored = record(action=Action.LOCKED_OUT, by=anonymous("2001:db8::1"), now=NOW)
    assert (stored.target_kind, stored.target_id, stored.target_name) == ("", None, "")


def test_a_hostile_name_is_cut_to_fit() -> None:
    noted(target=Target(kind=TargetKind.ADDRESS, name="\x00" + "x" * 5_000))
    assert Entry.objects.get().target_name == "x" * 254


class TestAppendOnly:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_entry SET actor_name = 'Somebody else'",
            "UPDATE audit_entry SET at = at",
            "DELETE FROM audit_entry",
        ],
    )
    def test_nothing_changes_or_deletes_it(self, entry: Entry, statement: str) -> None:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert Entry.objects.get().actor_name == "Hélène Martin"

    def test_nothing_empties_it(self) -> None:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE audit_entry")

    def test_the_way_past_is_shut_again_after_a_pass(self, entry: Entry) -> None:
        drop_older(than=timedelta(days=365), now=NOW)
        forget(kind=TargetKind.USER, record_id=99)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Entry.objects.update(target_name="")

    @pytest.mark.parametrize("change", ["action = 'signed_in'", "actor_id = 1", "actor_name = 'Other'", "at = now()"])
    def test_forgetting_can_only_take_away(self, entry: Entry, change: str) -> None:
        with pytest.raises(DatabaseError, match="append-only"):
            passing("forget", f"UPDATE audit_entry SET {change}")  # noqa: S608 - the test's own words

    def test_a_young_entry_cannot_be_dropped(self) -> None:
        noted(now=clock() - timedelta(days=29))
        with pytest.raises(DatabaseError, match="append-only"):
            passing("drop_older", "DELETE FROM audit_entry")


class TestRetention:
    def test_what_is_older_goes(self) -> None:
        today = clock()
        noted(now=today - timedelta(days=366))
        kept = noted(now=today - timedelta(days=364))
        assert drop_older(than=timedelta(days=365), now=today) == 1
        assert Entry.objects.get() == kept

    def test_the_last_thirty_days_stay_whatever_is_asked(self) -> None:
        today = clock()
        noted(now=today - timedelta(days=31))
        kept = noted(now=today - timedelta(days=29))
        assert drop_older(than=timedelta(0), now=today) == 1
        assert Entry.objects.get() == kept

    def test_every_night_a_year_is_kept(self) -> None:
        today = clock()
        noted(now=today - timedelta(days=366))
        kept = noted(now=today - timedelta(days=364))
        drop_older_entries(timestamp=int(today.timestamp()))
        assert Entry.objects.get() == kept


class TestForgetting:
    def test_names_addresses_and_details_go_and_the_fact_stays(self) -> None:
        karim = Actor(kind=ActorKind.USER, id=8, name="Karim Benali", ip="198.51.100.4")
        noted(Action.ADDRESS_CHANGED, by=karim, detail={"from": "karim@example.com", "to": "k@example.com"})
        forget(kind=TargetKind.USER, record_id=8)
        stored: dict[str, Any] = Entry.objects.values().get()
        assert "arim" not in str(stored)
        assert (stored["ip"], stored["detail"]) == (None, {})
        assert (stored["action"], stored["at"], stored["actor_id"], stored["target_id"]) == (
            "address_changed",
            NOW,
            8,
            8,
        )

    def test_who_acted_on_them_stays_known(self) -> None:
        noted()
        forget(kind=TargetKind.USER, record_id=8)
        stored = Entry.objects.get()
        assert (stored.actor_name, stored.ip, stored.target_name) == ("Hélène Martin", "203.0.113.7", "")

    def test_what_strangers_tried_with_their_address_goes_in_any_case_of_it(self) -> None:
        noted(
            Action.SIGN_IN_FAILED,
            by=anonymous("198.51.100.4"),
            target=Target(kind=TargetKind.ADDRESS, name="KARIM@example.com"),
            detail={"method": "password"},
        )
        forget(kind=TargetKind.USER, record_id=8, addresses=("karim@example.com",))
        stored = Entry.objects.get()
        assert (stored.target_name, stored.ip, stored.detail) == ("", None, {})

    def test_others_lose_nothing(self, entry: Entry) -> None:
        forget(kind=TargetKind.USER, record_id=9, addresses=("other@example.com",))
        forget(kind=TargetKind.CUSTOMER, record_id=8)
        assert Entry.objects.get().target_name == "Karim Benali"
