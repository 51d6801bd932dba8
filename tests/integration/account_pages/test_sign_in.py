"""Signing in by email and password, and out again."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import deactivate
from omnicrm.audit.models import Entry
from omnicrm.audit.operations import SYSTEM
from tests.integration.account_pages.conftest import (
    ADDRESS,
    BACK_OFFICE,
    HOME,
    PASSWORD,
    SIGN_IN,
    Browser,
    headers_of,
    is_signed_in,
    sign_in,
    signed_in,
    trail,
    words,
)


class CountingHasher(MD5PasswordHasher):
    """Quick, and tells how often it was asked."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).hashed += 1
        return str(super().encode(password, salt))


WRONG = "The email address and/or password you specified are not correct."


class TestTheWayIn:
    @pytest.mark.parametrize("email", [ADDRESS, "ADA@YourCompany.com", f" {ADDRESS} "])
    def test_is_the_address_in_any_case(self, ada: User, client: Browser, email: str) -> None:
        assert sign_in(client, email)["Location"] == BACK_OFFICE
        assert client.get(BACK_OFFICE).status_code == 200

    def test_leads_customers_to_self_care(self, helene: User, client: Browser) -> None:
        assert sign_in(client, helene.email)["Location"] == "/self-care/"

    def test_leads_to_the_page_that_was_asked_for(self, ada: User, client: Browser) -> None:
        wanted = reverse("admin:outbox_message_changelist")
        form = client.get(wanted, follow=True)
        assert form.redirect_chain[-1][0].startswith(SIGN_IN)
        assert sign_in(client, next=wanted)["Location"] == wanted
        assert f'name="next" value="{wanted}"' in form.content.decode()

    @pytest.mark.parametrize(
        "elsewhere",
        ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example"],
    )
    def test_leads_to_no_other_site(self, ada: User, client: Browser, elsewhere: str) -> None:
        assert sign_in(client, next=elsewhere)["Location"] == BACK_OFFICE
        assert sign_in(Browser(), to=f"{SIGN_IN}?next={elsewhere}")["Location"] == BACK_OFFICE

    def test_is_one_for_the_back_office_too(self, ada: User, client: Browser) -> None:
        assert client.get(reverse("admin:login"))["Location"] == f"{SIGN_IN}?next={BACK_OFFICE}"
        sign_in(client)
        assert client.get(reverse("admin:login"), follow=True).request["PATH_INFO"] == BACK_OFFICE

    def test_is_not_taken_twice(self, ada: User) -> None:
        assert signed_in(ada).get(SIGN_IN)["Location"] == BACK_OFFICE

    def test_speaks_the_users_own_language_from_then_on(self, helene: User, client: Browser) -> None:
        english = {"HTTP_ACCEPT_LANGUAGE": "en"}
        assert "Sign in" in words(client.get(SIGN_IN, **english))
        sign_in(client, helene.email)
        assert 'lang="fr"' in client.get(HOME, **english).content.decode()

    def test_is_noted_with_how_and_from_where(self, ada: User, client: Browser) -> None:
        sign_in(client, remember="on")
        entry = Entry.objects.get(action="signed_in")
        assert (entry.actor_id, entry.actor_name, entry.ip) == (ada.pk, "Ada Minot", "127.0.0.1")
        assert entry.detail == {"second_factor": None, "remembered": True}


class TestRefusals:
    @pytest.mark.parametrize(("email", "password"), [(ADDRESS, "wrong"), ("nobody@example.com", PASSWORD)])
    def test_tell_a_wrong_password_and_an_unknown_address_alike(
        self, ada: User, client: Browser, email: str, password: str
    ) -> None:
        response = sign_in(client, email, password)
        assert response.status_code == 200
        assert WRONG in words(response)
        assert not is_signed_in(client)

    def test_answer_the_unknown_as_the_known(self, ada: User) -> None:
        known, unknown = (sign_in(Browser(), email, "wrong") for email in (ADDRESS, "ada@yourcompany.net"))
        assert known.status_code == unknown.status_code
        assert headers_of(known) == headers_of(unknown)
        assert known.cookies.keys() == unknown.cookies.keys()
        assert words(known) == words(unknown)

    def test_hash_a_password_for_the_unknown_too(self, ada: User, settings: Any) -> None:
        settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
        ada.set_password(PASSWORD)
        ada.save()
        counts = []
        for email in (ADDRESS, "nobody@example.com"):
            CountingHasher.hashed = 0
            sign_in(Browser(), email, "wrong")
            counts.append(CountingHasher.hashed)
        assert counts == [1, 1]

    def test_are_noted_with_the_address_and_not_with_whose_it_is(self, ada: User, client: Browser) -> None:
        for email in (ADDRESS, "nobody@example.com"):
            sign_in(client, email, "wrong")
        entries = Entry.objects.filter(action="sign_in_failed").order_by("id")
        assert [(each.target_name, each.target_id, each.actor_id) for each in entries] == [
            (ADDRESS, None, None),
            ("nobody@example.com", None, None),
        ]

    def test_meet_the_deactivated(self, ada: User, client: Browser) -> None:
        User.objects.filter(pk=ada.pk).update(is_active=False)
        assert WRONG in words(sign_in(client))

    def test_end_what_a_deactivated_user_had_open(self, ada: User, helene: User) -> None:
        theirs = signed_in(helene)
        deactivate(user_id=helene.pk, by=SYSTEM, now=now())
        assert not is_signed_in(theirs)

    @pytest.mark.parametrize("email", ["", "no address", "a" * 400 + "@example.com", "a\x00@example.com"])
    def test_say_what_is_no_address(self, ada: User, client: Browser, email: str) -> None:
        assert "login" in sign_in(client, email).context["form"].errors

    def test_of_a_temporary_password_that_has_run_out_say_what_to_do(self, ada: User, client: Browser) -> None:
        User.objects.update(temporary_password_until=now() - timedelta(seconds=1))
        assert "Your temporary password has run out. Ask an administrator" in words(sign_in(client))
        assert not is_signed_in(client)
        assert trail() == ["sign_in_failed"]

    def test_never_show_the_password_again(self, ada: User, client: Browser) -> None:
        assert PASSWORD not in sign_in(client, "nobody@example.com").content.decode()


class TestTooManyAttempts:
    def test_lock_an_address_whether_it_is_known_or_not(self, ada: User) -> None:
        for email in (ADDRESS, "nobody@example.com"):
            for host in range(5):
                sign_in(Browser(REMOTE_ADDR=f"192.0.2.{host}"), email, "wrong")
            locked = sign_in(Browser(REMOTE_ADDR="192.0.2.99"), email)
            assert "Too many failed login attempts. Try again later." in words(locked)

    def test_are_counted_whatever_name_the_server_is_called_by(self, ada: User, client: Browser) -> None:
        for host in ("testserver", "localhost", "127.0.0.1", "testserver", "localhost"):
            client.post(SIGN_IN, {"login": ADDRESS, "password": "wrong"}, HTTP_HOST=host)
        assert sign_in(client).status_code == 200

    def test_from_one_place_lock_that_place_for_every_address(self, ada: User, client: Browser) -> None:
        for name in range(10):
            sign_in(client, f"name{name}@example.com", "wrong")
        assert not is_signed_in(client)
        assert sign_in(client).status_code == 200
        assert sign_in(Browser(REMOTE_ADDR="192.0.2.1")).status_code == 302

    def test_are_noted_once_per_lock_out(self, ada: User, client: Browser) -> None:
        for _ in range(8):
            sign_in(client, password="wrong")
        assert trail() == ["sign_in_failed"] * 5 + ["locked_out"]

    def test_in_a_minute_get_a_page_that_says_when_to_come_back(self, ada: User, client: Browser) -> None:
        for _ in range(30):
            client.post(SIGN_IN)
        refused = client.post(SIGN_IN)
        assert (refused.status_code, refused["Retry-After"]) == (429, "60")
        assert "Wait a minute, then try again." in words(refused)

    def test_succeeding_costs_no_attempt(self, ada: User) -> None:
        for _ in range(8):
            assert sign_in(Browser()).status_code == 302


class TestRememberedOrNot:
    def test_without_the_tick_the_cookie_ends_with_the_browser(self, ada: User, client: Browser) -> None:
        assert sign_in(client).cookies["sessionid"]["max-age"] == ""

    def test_with_the_tick_it_lasts_thirty_days(self, ada: User, client: Browser) -> None:
        assert sign_in(client, remember="on").cookies["sessionid"]["max-age"] == 30 * 24 * 3600

    def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(self, ada: User, client: Browser) -> None:
        cookie = sign_in(client).cookies["sessionid"]
        assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")

    def test_the_session_of_before_signing_in_is_worth_nothing_afterwards(self, ada: User, client: Browser) -> None:
        session = client.session
        session["planted"] = True
        session.save()
        planted = session.session_key
        client.cookies[settings.SESSION_COOKIE_NAME] = planted
        sign_in(client)
        assert client.session.session_key != planted
        thief = Browser()
        thief.cookies[settings.SESSION_COOKIE_NAME] = planted
        assert not is_signed_in(thief)


class TestSigningOut:
    def test_ends_the_session_and_is_noted(self, ada: User) -> None:
        browser = signed_in(ada)
        key = browser.session.session_key
        assert browser.post(reverse("account_logout"))["Location"] == SIGN_IN
        browser.cookies[settings.SESSION_COOKIE_NAME] = key
        assert not is_signed_in(browser)
        assert trail() == ["signed_in", "signed_out"]

    def test_asks_first_when_only_a_link_was_followed(self, ada: User) -> None:
        browser = signed_in(ada)
        assert "Are you sure you want to sign out?" in words(browser.get(reverse("account_logout")))
        assert is_signed_in(browser)

    def test_from_the_back_office_is_the_same(self, ada: User) -> None:
        browser = signed_in(ada)
        browser.post(reverse("admin:logout"))
        assert not is_signed_in(browser)
        assert trail() == ["signed_in", "signed_out"]
