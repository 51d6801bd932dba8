"""What protects every account page: headers, forms of our own, one way for mail, and a wall before the back office."""

import re
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings as django_settings
from django.core.mail import send_mail
from django.urls import NoReverseMatch, get_resolver, reverse

from omnicrm.accounts.models import User
from omnicrm.accounts.pages.adapter import OnlyByOutbox
from omnicrm.accounts.pages.urls import urlpatterns
from tests.integration.account_pages.conftest import (
    BACK_OFFICE,
    HOME,
    SIGN_IN,
    Browser,
    signed_in,
    with_second_factor,
    words,
)

STRANGERS = [reverse(f"account_{name}") for name in ("login", "forgot", "forgot_sent", "reset")]
OWN = [
    reverse(name)
    for name in (
        "account_home",
        "account_password",
        "account_address",
        "account_verify",
        "account_sessions",
        "account_logout",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_index",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
    )
]


def assert_protected(response: Any) -> None:
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] in {"same-origin", "no-referrer"}


class TestEveryPage:
    @pytest.mark.parametrize("page", STRANGERS)
    def test_for_strangers_is_kept_by_no_cache_and_runs_nothing_foreign(
        self, db: None, client: Browser, page: str
    ) -> None:
        assert_protected(client.get(page))

    def test_of_ones_own_too(self, ada: User) -> None:
        browser = signed_in(with_second_factor(ada))
        for page in OWN:
            response = browser.get(page)
            assert response.status_code == 200, page
            assert_protected(response)
            assert not re.search(r"<script>|style=|\son\w+=|(src|href)=\"(https?:)?//", response.content.decode()), page

    def test_of_ones_own_is_closed_to_strangers(self, db: None, client: Browser) -> None:
        for page in OWN:
            if page != reverse("account_logout"):
                assert client.get(page)["Location"].startswith(SIGN_IN), page

    def test_names_its_language(self, db: None, client: Browser) -> None:
        assert '<html lang="en">' in client.get(SIGN_IN).content.decode()
        assert '<html lang="fr">' in client.get(SIGN_IN, HTTP_ACCEPT_LANGUAGE="fr").content.decode()

    def test_can_be_read_in_the_other_language(self, db: None, client: Browser) -> None:
        client.post(reverse("set_language"), {"language": "fr", "next": SIGN_IN})
        assert "Mot de passe" in words(client.get(SIGN_IN))

    def test_is_one_that_we_want(self) -> None:
        of_allauth = {
            route.name for route in urlpatterns if str(route.callback.__module__).startswith("allauth.account")
        }
        assert of_allauth == {"account_login", "account_logout", "account_reauthenticate"}
        for unwanted in ("account_signup", "account_email", "account_reset_password", "account_change_password"):
            with pytest.raises(NoReverseMatch):
                reverse(unwanted)

    def test_takes_no_form_from_elsewhere(self, ada: User) -> None:
        browser = signed_in(ada)
        browser.handler.enforce_csrf_checks = True
        for name in ("login", "forgot", "password", "address", "sessions", "logout", "verify_again", "address_keep"):
            refused = browser.post(reverse(f"account_{name}"), {"email": "a@example.com"})
            assert refused.status_code == 403, name
            assert "This page was open too long" in words(refused)
            assert_protected(refused)


class TestCookies:
    def test_are_for_https_alone_where_the_site_is(self) -> None:
        names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE")
        is_https = django_settings.CSRF_TRUSTED_ORIGINS[0].startswith("https://")
        assert {getattr(django_settings, name) for name in names} == {is_https}

    def test_of_the_language_is_out_of_reach_for_scripts(self, db: None, client: Browser) -> None:
        cookie = client.post(reverse("set_language"), {"language": "fr"}).cookies["django_language"]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


class TestMail:
    def test_of_allauth_never_leaves(self, ada: User) -> None:
        with pytest.raises(OnlyByOutbox):
            get_adapter().send_mail("account/email/login_code", ada.email, {})

    def test_of_django_never_leaves(self, settings: Any) -> None:
        settings.EMAIL_BACKEND = "omnicrm.accounts.pages.no_mail.NoMail"  # pytest-django puts a mailbox in its place
        with pytest.raises(OnlyByOutbox):
            send_mail("Subject", "text", "a@example.com", ["b@example.com"])

    def test_has_that_one_way_out_in_the_settings(self) -> None:
        written = Path(django_settings.BASE_DIR, "settings.py").read_text(encoding="utf-8")
        assert 'EMAIL_BACKEND = "omnicrm.accounts.pages.no_mail.NoMail"' in written


class TestTheBackOffice:
    def test_tells_customers_that_it_is_for_staff(self, helene: User) -> None:
        refused = signed_in(helene).get(BACK_OFFICE)
        assert refused.status_code == 403
        assert 'href="/self-care/"' in refused.content.decode()
        assert_protected(refused)

    def test_never_sends_a_customer_round_in_circles(self, helene: User, client: Browser) -> None:
        client.post(f"{SIGN_IN}?next={BACK_OFFICE}", {"login": helene.email, "password": "correct horse 42"})
        assert client.get(BACK_OFFICE, follow=True).redirect_chain == []

    def test_leads_to_the_one_page_about_passwords(self, ada: User) -> None:
        browser = signed_in(ada)
        assert browser.get(reverse("admin:password_change"))["Location"] == reverse("account_password")

    def test_is_reached_from_ones_account_and_back(self, ada: User) -> None:
        browser = signed_in(ada)
        assert f'href="{BACK_OFFICE}"' in browser.get(HOME).content.decode()
        assert f'href="{HOME}"' in browser.get(BACK_OFFICE).content.decode()


def test_no_admin_page_of_allauth_is_there() -> None:
    names = {str(route) for route in get_resolver().reverse_dict if isinstance(route, str)}
    assert not {name for name in names if "authenticator" in name or "usersession" in name}
