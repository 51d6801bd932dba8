"""The audit log: found by what, who, whom, where and when; read in words; taken away as a file; changed by nobody."""

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.actors import user_actor, user_target
from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user, update_user
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry, TargetKind
from omnicrm.audit.operations import SYSTEM, Target, anonymous, record
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import customer, staff

LOG = reverse("admin:audit_entry_changelist")
EXPORT = reverse("admin:audit_entry_export")
LONG_AGO = datetime(2026, 2, 3, 12, tzinfo=UTC)


def address(name: str) -> Target:
    return Target(kind=TargetKind.ADDRESS, name=name)


def knock(name: str, *, ip: str = "203.0.113.7", at: datetime | None = None) -> Entry:
    """A failed sign-in."""
    return record(
        action=Action.SIGN_IN_FAILED,
        by=anonymous(ip),
        target=address(name),
        detail={"why": "password"},
        now=at or now(),
    )


def shown(browser: Client, **query: str) -> list[Entry]:
    return list(browser.get(LOG, query).context["cl"].result_list)


def rows(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


class TestFinding:
    def test_by_what_was_done(self, admin: Client) -> None:
        knocked = knock("a@example.com")
        record(action=Action.LOCKED_OUT, by=anonymous(None), target=address("a@example.com"), now=now())
        assert shown(admin, action_done="sign_in_failed") == [knocked]

    def test_by_part_of_the_name_of_who_did_it(self, admin: Client) -> None:
        sam = staff(Role.SUPPORT)
        entry = record(action=Action.SIGNED_OUT, by=user_actor(sam), now=now())
        assert shown(admin, actor="support p") == [entry]

    def test_by_part_of_whom_it_was_done_to(self, admin: Client) -> None:
        knocked = knock("hélène@example.com")
        knock("other@example.com")
        assert shown(admin, target="HÉLÈNE") == [knocked]

    def test_by_ip_address_however_it_is_written(self, admin: Client) -> None:
        knocked = knock("a@example.com", ip="2001:db8::7")
        knock("a@example.com")
        assert shown(admin, ip=" 2001:DB8:0::7 ") == [knocked]

    def test_by_days_both_included(self, admin: Client) -> None:
        knocked = knock("a@example.com", at=LONG_AGO)
        knock("a@example.com", at=LONG_AGO - timedelta(days=1))
        assert shown(admin, created_from="2026-02-03", created_until="2026-02-03") == [knocked]

    @pytest.mark.parametrize(
        "query", [{"ip": "300.1.1.1"}, {"about": "moon:1"}, {"about": "user:x"}, {"about": "user:" + "9" * 30}]
    )
    def test_what_nobody_can_be_looking_for_finds_nothing(self, admin: Client, query: dict[str, str]) -> None:
        knock("a@example.com")
        response = admin.get(LOG, query)
        assert response.status_code == 200
        assert "Nothing was found." in response.content.decode()

    def test_filters_go_together(self, admin: Client) -> None:
        knocked = knock("a@example.com", ip="192.0.2.1")
        knock("b@example.com", ip="192.0.2.1")
        knock("a@example.com")
        assert shown(admin, ip="192.0.2.1", target="a@") == [knocked]

    def test_pages_do_not_lose_an_entry(self, admin: Client) -> None:
        for number in range(60):
            knock(f"{number}@example.com", ip="192.0.2.1")
        first, second = shown(admin, ip="192.0.2.1"), shown(admin, ip="192.0.2.1", p="2")
        assert (len(first), len({entry.pk for entry in [*first, *second]})) == (50, 60)


class TestWhatHappened:
    def test_to_a_user_is_all_they_did_and_that_was_done_to_them_or_their_address(self, admin: Client) -> None:
        sam = staff(Role.SUPPORT, email="sam@yourcompany.com")
        knocked = knock("SAM@yourcompany.com")
        done = record(action=Action.SIGNED_OUT, by=user_actor(sam), now=now())
        knock("other@example.com")
        response = admin.get(reverse("admin:accounts_user_history", args=[sam.pk]), follow=True)
        (created,) = Entry.objects.filter(action="user_created", target_id=sam.pk)
        assert list(response.context["cl"].result_list) == [done, knocked, created]
        assert "Only about Support Person" in response.content.decode()

    def test_to_a_customer_is_what_happened_to_its_users_too(self, admin: Client) -> None:
        owner = customer()
        user = create_user(
            email="karim@example.org", full_name="Karim", role=Role.CUSTOMER, customer_id=owner.pk, now=now()
        )
        exported = record(
            action=Action.CUSTOMER_EXPORTED, by=SYSTEM, target=Target(kind=TargetKind.CUSTOMER, id=owner.pk), now=now()
        )
        knocked = knock("karim@example.org")
        page = reverse("admin:customers_customer_change", args=[owner.pk])
        link = f"{LOG}?about=customer:{owner.pk}"
        assert link in admin.get(page).content.decode()
        found = list(admin.get(link, follow=True).context["cl"].result_list)
        assert found == [knocked, exported, Entry.objects.get(action="user_created", target_id=user.pk)]

    def test_to_a_customer_is_not_offered_to_support(self, sign_in: SignIn) -> None:
        owner = customer()
        page = sign_in(Role.SUPPORT).get(reverse("admin:customers_customer_change", args=[owner.pk]))
        assert "about=customer" not in page.content.decode()


class TestReading:
    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_every_action_is_shown(self, sign_in: SignIn, language: str) -> None:
        for action in Action:
            record(action=action, by=SYSTEM, now=now())
        browser = sign_in(language=language)
        pages = [shown(browser), shown(browser, p="2")]
        assert {entry.action for page in pages for entry in page} == set(Action.values)

    def test_details_stand_in_words(self, admin: Client) -> None:
        sam = staff(Role.SUPPORT)
        update_user(user_id=sam.pk, role=Role.READ_ONLY, language="fr", by=SYSTEM, now=now())
        entry = Entry.objects.latest("id")
        page = admin.get(reverse("admin:audit_entry_change", args=[entry.pk])).content.decode()
        assert "role: Support → Read-only" in page
        assert "language: English → French" in page

    def test_what_has_no_words_is_shown_as_it_is(self, admin: Client) -> None:
        record(action=Action.USER_CHANGED, by=SYSTEM, detail={"novel": [1, {"a": None}], "flag": True}, now=now())
        assert "flag: yes; novel: [1, {&#x27;a&#x27;: None}]" in admin.get(LOG).content.decode()

    def test_an_action_of_a_later_version_is_shown_as_it_is(self, admin: Client) -> None:
        Entry.objects.create(at=now(), action="teleported", actor_kind="system")
        assert "teleported" in admin.get(LOG).content.decode()

    def test_names_are_escaped(self, admin: Client) -> None:
        knock("<script>alert(1)</script>@example.com")
        page = admin.get(LOG).content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_who_was_erased_has_no_name_but_a_place_in_the_log(self, admin: Client) -> None:
        owner = customer()
        user = create_user(
            email="karim@example.org", full_name="Karim", role=Role.CUSTOMER, customer_id=owner.pk, now=now()
        )
        record(action=Action.SIGNED_OUT, by=user_actor(user, ip="192.0.2.1"), target=user_target(user), now=now())
        owner.delete()
        page = admin.get(LOG, {"action_done": "signed_out"}).content.decode()
        assert "erased" in page
        assert "Karim" not in page
        assert "192.0.2.1" not in page

    def test_looking_changes_nothing(self, admin: Client) -> None:
        entry = knock("a@example.com")
        before = Entry.objects.count()
        page = reverse("admin:audit_entry_change", args=[entry.pk])
        assert admin.get(page).status_code == 200
        assert admin.post(page, {"actor_name": "X"}).status_code == 403
        assert Entry.objects.count() == before


class TestExport:
    def test_holds_what_the_filters_show(self, admin: Client) -> None:
        knock("a@example.com", at=LONG_AGO)
        knock("b@example.com", ip="192.0.2.1")
        response = admin.post(f"{EXPORT}?created_until=2026-02-03")
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert "no-store" in response["Cache-Control"]
        (row,) = rows(response)
        assert (row["time (UTC)"], row["action"], row["action's name"]) == (
            "2026-02-03T12:00:00Z",
            "failed to sign in",
            "sign_in_failed",
        )
        assert (row["by whom"], row["target"], row["IP address"]) == ("not signed in", "a@example.com", "203.0.113.7")
        assert row["details"] == "because of: the password"

    def test_is_in_the_log_without_what_was_typed(self, admin: Client) -> None:
        admin.post(f"{EXPORT}?action_done=sign_in_failed&target=karim", REMOTE_ADDR="192.0.2.1")
        entry = Entry.objects.latest("id")
        assert (entry.action, entry.actor_id, entry.ip) == ("log_exported", User.objects.get().pk, "192.0.2.1")
        assert entry.detail == {"action": "sign_in_failed", "searched": True}

    def test_goes_beyond_what_a_page_shows(self, admin: Client) -> None:
        for number in range(60):
            knock(f"{number}@example.com")
        assert len(rows(admin.post(f"{EXPORT}?action_done=sign_in_failed"))) == 60

    @pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t"])
    def test_brings_no_formula_into_a_spreadsheet(self, admin: Client, begin: str) -> None:
        knock(f"{begin}cmd|' /C calc'!A0")
        (row,) = rows(admin.post(f"{EXPORT}?action_done=sign_in_failed"))
        assert row["target"] == f"'{begin}cmd|' /C calc'!A0"

    def test_is_not_made_by_a_link(self, admin: Client) -> None:
        assert admin.get(EXPORT).status_code == 405
        assert not Entry.objects.filter(action="log_exported").exists()

    def test_takes_no_form_from_elsewhere(self, admin: Client) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = admin.cookies
        assert strict.post(EXPORT).status_code == 403
