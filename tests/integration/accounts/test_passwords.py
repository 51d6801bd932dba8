"""Changing a password: one's own against the current one, another's by an administrator; its owner is always told."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from omnicrm.accounts.actors import user_actor
from omnicrm.accounts.errors import TooOften, WrongPassword
from omnicrm.accounts.models import User
from omnicrm.accounts.operations import change_password, send_staff_welcome, set_password
from omnicrm.audit.operations import SYSTEM, Actor
from omnicrm.customers.errors import InvalidInput
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane
from tests.integration.accounts.conftest import IP, NEW_PASSWORD, NOW, PASSWORD, entries, the_one

WINDOW = timedelta(minutes=15)


def change(user: User, *, current: str = PASSWORD, new: str = NEW_PASSWORD, after: timedelta = timedelta(0)) -> User:
    return change_password(
        user_id=user.pk, current_password=current, new_password=new, by=user_actor(user, ip=IP), now=NOW + after
    )


class TestOnesOwn:
    def test_the_new_one_holds(self, helene: User) -> None:
        change(helene)
        assert authenticate(username=helene.email, password=NEW_PASSWORD) == helene
        assert authenticate(username=helene.email, password=PASSWORD) is None

    def test_every_session_ends(self, helene: User) -> None:
        browser = Client()
        browser.force_login(helene)
        change(helene)
        assert not browser.get("/i18n/setlang/").wsgi_request.user.is_authenticated

    def test_its_owner_is_told_that_it_was_themselves(self, helene: User) -> None:
        change(helene)
        message = the_one("UserPasswordChange")
        assert (message.to_email, message.lane, message.variables["changed_by"]) == (
            helene.email,
            Lane.SECURITY,
            "yourself",
        )
        assert message.variables["change_date"] == "31 May 2026 at 14:00 CEST"

    def test_a_temporary_one_is_one_no_longer(self, helene: User, admin: Actor) -> None:
        send_staff_welcome(user_id=helene.pk, by=admin, now=NOW)
        temporary = the_one("UserWelcome").variables["temp_password"]
        assert not change(helene, current=temporary).must_change_password

    @pytest.mark.parametrize("new", ["short", "password123", "Helene@example", PASSWORD])
    def test_a_weak_one_and_the_old_one_are_refused(self, helene: User, new: str) -> None:
        with pytest.raises(InvalidInput, match="new_password"):
            change(helene, new=new)
        assert authenticate(username=helene.email, password=PASSWORD) == helene
        assert not Message.objects.exists()

    def test_the_current_one_has_to_be_right(self, helene: User) -> None:
        with pytest.raises(WrongPassword, match="current_password"):
            change(helene, current="not it")
        assert authenticate(username=helene.email, password=PASSWORD) == helene

    def test_a_wrong_try_is_in_the_audit_log_without_what_was_tried(self, helene: User) -> None:
        with pytest.raises(WrongPassword):
            change(helene, current="not it")
        (entry,) = entries("password_change_failed")
        assert (entry.actor_id, entry.ip, entry.detail) == (helene.pk, IP, {})

    def test_ten_wrong_tries_close_it_for_a_while_even_to_the_right_one(self, helene: User) -> None:
        for _ in range(10):
            with pytest.raises(WrongPassword):
                change(helene, current="not it")
        with pytest.raises(TooOften):
            change(helene)
        assert change(helene, after=WINDOW)

    def test_a_right_one_makes_wrong_tries_forgotten(self, helene: User) -> None:
        for current in [*["not it"] * 9, PASSWORD, *["not it"] * 10]:
            if current == PASSWORD:
                change(helene)
                continue
            with pytest.raises(WrongPassword):
                change(helene, current=current)

    def test_nobody_closes_it_to_somebody_else(self, helene: User, karim: User) -> None:
        for _ in range(10):
            with pytest.raises(WrongPassword):
                change(karim, current="not it")
        assert change(helene)


class TestByAnAdministrator:
    def test_its_owner_is_told_by_whom(self, helene: User, admin: Actor) -> None:
        set_password(user_id=helene.pk, new_password=NEW_PASSWORD, by=admin, now=NOW)
        assert the_one("UserPasswordChange").variables["changed_by"] == "Ada Minot"
        assert authenticate(username=helene.email, password=NEW_PASSWORD) == helene

    def test_who_sets_their_own_is_told_so(self, helene: User) -> None:
        set_password(user_id=helene.pk, new_password=NEW_PASSWORD, by=user_actor(helene), now=NOW)
        assert the_one("UserPasswordChange").variables["changed_by"] == "yourself"

    @pytest.mark.parametrize(("language", "words"), [("fr", "un administrateur"), ("en", "an administrator")])
    def test_the_command_line_is_an_administrator(self, helene: User, language: str, words: str) -> None:
        User.objects.update(language=language)
        set_password(user_id=helene.pk, new_password=NEW_PASSWORD, by=SYSTEM, now=NOW)
        assert the_one("UserPasswordChange").variables["changed_by"] == words

    def test_staff_write_to_it_support_and_customers_to_customer_support(self, helene: User, karim: User) -> None:
        for user in (helene, karim):
            set_password(user_id=user.pk, new_password=NEW_PASSWORD, now=NOW)
        support = {message.to_email: message.variables["support_email"] for message in Message.objects.all()}
        assert support == {helene.email: "support@yourcompany.com", karim.email: "support@yourcompany.com"}

    def test_it_is_in_the_audit_log_without_the_password(self, helene: User, admin: Actor) -> None:
        set_password(user_id=helene.pk, new_password=NEW_PASSWORD, by=admin, now=NOW)
        (entry,) = entries("password_changed")
        assert (entry.actor_id, entry.target_id, entry.detail) == (admin.id, helene.pk, {})
