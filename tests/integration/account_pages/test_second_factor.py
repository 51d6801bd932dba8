"""The second factor: set up, asked for, replaced by a recovery code, turned off, removed by an administrator."""

import re
import time
from typing import Any
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.actors import user_actor
from omnicrm.accounts.models import User
from omnicrm.accounts.pages.operations import remove_second_factor
from omnicrm.audit.models import Entry
from tests.integration.account_pages.conftest import (
    BACK_OFFICE,
    HOME,
    SIGN_IN,
    Browser,
    code_for,
    code_of,
    is_signed_in,
    recovery_codes_of,
    sign_in,
    signed_in,
    trail,
    with_second_factor,
    words,
)

SET_UP = reverse("mfa_activate_totp")
TURN_OFF = reverse("mfa_deactivate_totp")
CODES = reverse("mfa_view_recovery_codes")
NEW_CODES = reverse("mfa_generate_recovery_codes")
ASK = reverse("mfa_authenticate")
CONFIRM = reverse("account_reauthenticate")


def secret_on(page: Any) -> str:
    found = re.search(r'id="authenticator_secret">([A-Z2-7 ]{39})<', page.content.decode())
    assert found
    return found[1].replace(" ", "")


def long_after_signing_in(browser: Browser) -> Browser:
    session = browser.session
    session["account_authentication_methods"][-1]["at"] = time.time() - 301
    session.save()
    return browser


@pytest.fixture
def guarded(ada: User) -> User:
    """Ada, who has a second factor."""
    return with_second_factor(ada)


class TestSettingUp:
    def test_shows_a_code_to_scan_and_the_same_key_as_text(self, ada: User) -> None:
        page = signed_in(ada).get(SET_UP)
        assert "<svg" in page.content.decode()
        assert "<?xml" not in page.content.decode()
        assert "Votre%20Entreprise" in page.context["totp_url"]
        assert secret_on(page) in page.context["totp_url"]

    def test_turns_it_on_with_a_code_of_the_app_and_gives_recovery_codes(self, ada: User) -> None:
        browser = signed_in(ada)
        secret = secret_on(browser.get(SET_UP))
        page = browser.post(SET_UP, {"code": code_for(secret)}, follow=True)
        assert page.request["PATH_INFO"] == CODES
        assert all(code in page.content.decode() for code in recovery_codes_of(ada))
        assert trail() == ["signed_in", "second_factor_on"]

    def test_with_a_wrong_code_changes_nothing(self, ada: User) -> None:
        browser = signed_in(ada)
        browser.get(SET_UP)
        assert "Incorrect code." in words(browser.post(SET_UP, {"code": "000000"}))
        assert not Authenticator.objects.exists()
        assert trail() == ["signed_in"]

    def test_keeps_the_key_so_that_a_copy_of_the_database_does_not_give_it_away(self, ada: User) -> None:
        browser = signed_in(ada)
        secret = secret_on(browser.get(SET_UP))
        browser.post(SET_UP, {"code": code_for(secret)})
        stored = [str(data) for data in Authenticator.objects.values_list("data", flat=True)]
        assert not any(secret in data for data in stored)

    def test_asks_for_the_password_again_if_signing_in_was_long_ago(self, ada: User) -> None:
        browser = long_after_signing_in(signed_in(ada))
        assert unquote(browser.get(SET_UP)["Location"]) == f"{CONFIRM}?next={SET_UP}"
        assert "Incorrect password." in words(browser.post(CONFIRM, {"password": "wrong", "next": SET_UP}))
        assert browser.post(CONFIRM, {"password": "correct horse 42", "next": SET_UP})["Location"] == SET_UP
        assert browser.get(SET_UP).status_code == 200


class TestSigningIn:
    def test_needs_the_code_too(self, guarded: User, client: Browser) -> None:
        assert sign_in(client)["Location"] == ASK
        assert not is_signed_in(client)
        assert client.post(ASK, {"code": code_of(guarded)})["Location"] == BACK_OFFICE
        assert is_signed_in(client)
        assert Entry.objects.get(action="signed_in").detail["second_factor"] == "totp"

    def test_remembers_what_was_ticked_before_the_code(self, guarded: User) -> None:
        for remember, lasts in (({"remember": "on"}, 30 * 24 * 3600), ({}, "")):
            browser = Browser()
            sign_in(browser, **remember)
            code = recovery_codes_of(guarded)[0]
            assert browser.post(ASK, {"code": code}).cookies["sessionid"]["max-age"] == lasts

    def test_still_goes_where_it_was_meant_to(self, guarded: User, client: Browser) -> None:
        sign_in(client, next=HOME)
        assert client.post(ASK, {"code": code_of(guarded)})["Location"] == HOME

    def test_takes_no_code_twice(self, guarded: User) -> None:
        code = code_of(guarded)
        first, second = Browser(), Browser()
        for browser in (first, second):
            sign_in(browser)
            browser.post(ASK, {"code": code})
        assert is_signed_in(first)
        assert not is_signed_in(second)

    def test_takes_each_recovery_code_once(self, guarded: User) -> None:
        code = recovery_codes_of(guarded)[0]
        first, second = Browser(), Browser()
        for browser in (first, second):
            sign_in(browser)
            browser.post(ASK, {"code": code})
        assert is_signed_in(first)
        assert not is_signed_in(second)
        assert Entry.objects.get(action="signed_in").detail["second_factor"] == "recovery_codes"

    def test_with_a_wrong_code_is_refused_and_noted(self, guarded: User, client: Browser) -> None:
        sign_in(client)
        assert "Incorrect code." in words(client.post(ASK, {"code": "000000"}))
        assert Entry.objects.get(action="sign_in_failed").detail == {"why": "second factor"}

    def test_is_locked_after_five_wrong_codes_from_anywhere(self, guarded: User) -> None:
        for host in range(5):
            browser = Browser(REMOTE_ADDR=f"192.0.2.{host}")
            sign_in(browser)
            browser.post(ASK, {"code": "000000"})
        browser = Browser(REMOTE_ADDR="192.0.2.99")
        sign_in(browser)
        assert "Too many failed login attempts" in words(browser.post(ASK, {"code": code_of(guarded)}))
        assert trail()[-1] == "locked_out"

    def test_cannot_begin_with_the_code(self, guarded: User, client: Browser) -> None:
        assert client.post(ASK, {"code": code_of(guarded)})["Location"] == SIGN_IN

    def test_can_be_given_up(self, guarded: User, client: Browser) -> None:
        sign_in(client)
        client.post(reverse("account_logout"), {"next": SIGN_IN})
        assert client.get(ASK)["Location"] == SIGN_IN

    def test_under_another_secret_key_says_that_the_code_is_wrong(
        self, guarded: User, client: Browser, settings: Any
    ) -> None:
        sign_in(client)
        code = code_of(guarded)
        Authenticator.objects.update(data={"secret": "of another key", "seed": "of another key", "used_mask": 0})
        assert "Incorrect code." in words(client.post(ASK, {"code": code}))


class TestTurningOff:
    def test_asks_first_and_is_noted(self, guarded: User) -> None:
        browser = signed_in(guarded)
        assert browser.get(TURN_OFF).status_code == 200
        assert Authenticator.objects.exists()
        browser.post(TURN_OFF)
        assert not Authenticator.objects.exists()
        assert trail() == ["signed_in", "second_factor_off"]

    def test_is_not_for_roles_that_need_it(self, guarded: User, settings: Any) -> None:
        settings.SECOND_FACTOR_ROLES = ("Admin",)
        browser = signed_in(guarded)
        assert "You cannot deactivate two-factor authentication." in words(browser.post(TURN_OFF))
        assert Authenticator.objects.exists()

    def test_by_an_administrator_helps_who_lost_their_phone(self, guarded: User, helene: User) -> None:
        by = user_actor(helene)
        assert remove_second_factor(user_id=guarded.pk, by=by, now=now())
        assert not remove_second_factor(user_id=guarded.pk, by=by, now=now())
        assert sign_in(Browser())["Location"] == BACK_OFFICE
        entry = Entry.objects.get(action="second_factor_off")
        assert (entry.actor_id, entry.target_id) == (helene.pk, guarded.pk)


class TestRecoveryCodes:
    def test_can_be_read_again_and_kept_as_a_file(self, guarded: User) -> None:
        browser = signed_in(guarded)
        codes = recovery_codes_of(guarded)
        assert all(code in browser.get(CODES).content.decode() for code in codes)
        file = browser.get(reverse("mfa_download_recovery_codes"))
        assert file.content.decode().split() == codes
        assert "no-store" in file["Cache-Control"]

    def test_are_replaced_by_new_ones(self, guarded: User) -> None:
        browser = signed_in(guarded)
        old = recovery_codes_of(guarded)
        assert browser.post(NEW_CODES, follow=True).request["PATH_INFO"] == CODES
        assert not set(old) & set(recovery_codes_of(guarded))
