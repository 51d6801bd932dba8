"""Signing in, the language, the headers that every page carries, one's own password."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from tests.integration.backoffice.conftest import SignIn

LOGIN = reverse("admin:login")
INDEX = reverse("admin:index")
PASSWORD = "correct horse 42"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def user(db: None) -> User:
    return create_user(
        email="ada@yourcompany.com", full_name="Ada Minot", role=Role.ADMIN, language="en", password=PASSWORD, now=now()
    )


def sign_in_by(email: str, password: str = PASSWORD, *, browser: Client, to: str = LOGIN) -> Any:
    return browser.post(to, {"username": email, "password": password})


class TestSigningIn:
    @pytest.mark.parametrize("email", ["ada@yourcompany.com", "ADA@YourCompany.com"])
    def test_by_email_in_any_case(self, user: User, client: Client, email: str) -> None:
        assert sign_in_by(email, browser=client)["Location"] == INDEX
        assert client.get(INDEX).status_code == 200

    def test_leads_to_the_page_that_was_asked_for(self, user: User, client: Client) -> None:
        wanted = reverse("admin:outbox_message_changelist")
        login = client.get(wanted)["Location"]
        assert sign_in_by(user.email, browser=client, to=login)["Location"] == wanted

    def test_leads_to_no_other_site(self, user: User, client: Client) -> None:
        location = sign_in_by(user.email, browser=client, to=f"{LOGIN}?next=https://evil.example/")["Location"]
        assert "evil" not in location

    @pytest.mark.parametrize(("email", "password"), [("ada@yourcompany.com", "wrong"), ("nobody@x.example", PASSWORD)])
    def test_tells_a_wrong_password_and_an_unknown_address_alike(
        self, user: User, client: Client, email: str, password: str
    ) -> None:
        response = sign_in_by(email, password, browser=client)
        assert response.status_code == 200
        assert response.context["form"].non_field_errors()
        assert "username" not in response.context["form"].errors

    def test_is_not_for_customers(self, user: User, client: Client) -> None:
        User.objects.update(is_staff=False)
        assert sign_in_by(user.email, browser=client).status_code == 200
        assert client.get(INDEX).status_code == 302


class TestLanguage:
    def test_is_the_users_own_after_signing_in(self, user: User, client: Client) -> None:
        headers = {"HTTP_ACCEPT_LANGUAGE": "fr"}
        assert "Mot de passe" in client.get(LOGIN, **headers).content.decode()
        sign_in_by(user.email, browser=client)
        assert "Waiting to be sent" in client.get(INDEX, **headers).content.decode()

    def test_can_be_switched_from_the_user_menu(self, sign_in: SignIn) -> None:
        browser = sign_in(language="en")
        assert f'action="{reverse("set_language")}"' in browser.get(INDEX).content.decode()
        browser.post(reverse("set_language"), {"language": "fr", "next": INDEX})
        assert "En attente d’envoi" in browser.get(INDEX).content.decode()


class TestEveryAnswer:
    @pytest.mark.parametrize(
        "page", ["admin:login", "admin:index", "admin:customers_customer_changelist", "admin:figures"]
    )
    def test_has_a_strict_content_security_policy(self, admin: Client, page: str) -> None:
        policy = admin.get(reverse(page))["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self' 'unsafe-eval'" in policy
        assert "http" not in policy

    def test_brings_all_it_needs_from_this_server(self, admin: Client) -> None:
        shown = admin.get(INDEX).content.decode()
        assert 'src="http' not in shown
        assert 'src="//' not in shown
        assert "<script>" not in shown

    def test_the_refusal_has_it_too(self, sign_in: SignIn) -> None:
        response = sign_in(Role.READ_ONLY).get(reverse("admin:accounts_user_changelist"))
        assert response.status_code == 403
        assert "default-src 'none'" in response["Content-Security-Policy"]

    def test_a_form_from_elsewhere_changes_nothing(self, admin: Client) -> None:
        admin.handler.enforce_csrf_checks = True
        assert admin.post(reverse("admin:outbox_suppression_add"), {"address": "a@example.com"}).status_code == 403

    def test_a_null_byte_in_the_address_is_refused(self, admin: Client) -> None:
        assert admin.get(reverse("admin:outbox_message_changelist"), {"section": "\x00"}).status_code == 400


class TestOwnPassword:
    PAGE = reverse("admin:password_change")

    def change(self, browser: Client, old: str = PASSWORD, new: str = "better horse 43") -> Any:
        return browser.post(self.PAGE, {"old_password": old, "new_password1": new, "new_password2": new})

    def test_can_be_changed_and_keeps_the_session(self, user: User, client: Client) -> None:
        sign_in_by(user.email, browser=client)
        assert self.change(client).status_code == 302
        assert client.get(INDEX).status_code == 200
        assert Client().login(username=user.email, password="better horse 43")

    def test_ends_the_other_sessions(self, user: User, client: Client) -> None:
        elsewhere = Client()
        for browser in (client, elsewhere):
            sign_in_by(user.email, browser=browser)
        self.change(client)
        assert elsewhere.get(INDEX).status_code == 302

    @pytest.mark.parametrize(("old", "new"), [("wrong", "better horse 43"), (PASSWORD, "12345678")])
    def test_needs_the_old_one_and_a_strong_new_one(self, user: User, client: Client, old: str, new: str) -> None:
        sign_in_by(user.email, browser=client)
        assert self.change(client, old, new).status_code == 200
        assert Client().login(username=user.email, password=PASSWORD)


@pytest.mark.parametrize("role", Role)
def test_the_menu_of_an_app_shows_nothing_that_the_role_may_not_open(role: Role, sign_in: SignIn) -> None:
    expected = 200 if role == Role.ADMIN else 404
    assert sign_in(role).get(reverse("admin:app_list", args=["accounts"])).status_code == expected


def test_only_our_own_models_are_here(admin: Client) -> None:
    addresses = {model["admin_url"] for app in admin.get(INDEX).context["app_list"] for model in app["models"]}
    assert addresses == {
        reverse(f"admin:{name}_changelist")
        for name in (
            "customers_customer",
            "outbox_message",
            "outbox_suppression",
            "accounts_user",
            "accounts_apikey",
        )
    }
