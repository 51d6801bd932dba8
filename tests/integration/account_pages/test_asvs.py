"""Rules of OWASP ASVS 4.0.3 on passwords and sessions that no other module here puts to the test."""

import re
from typing import Any

import pytest
from django.conf import global_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.urls import reverse

import omnicrm.settings
from omnicrm.accounts.models import User
from omnicrm.accounts.operations import set_password
from omnicrm.customers.errors import InvalidInput
from tests.integration.account_pages.conftest import (
    HOME,
    PASSWORD,
    SIGN_IN,
    Browser,
    is_signed_in,
    sign_in,
    signed_in,
    with_second_factor,
)

PAGE = reverse("account_password")


def change_to(user: User, password: str) -> Any:
    typed = {"current_password": PASSWORD, "new_password": password, "new_password_again": password}
    return signed_in(user).post(PAGE, typed)


def is_refused(user: User, password: str) -> bool:
    return "new_password" in change_to(user, password).context["form"].errors


class TestPasswords:
    def test_a_password_has_twelve_characters_at_least(self, ada: User) -> None:
        assert is_refused(ada, "qm4xw0tzk7j")
        assert change_to(ada, "qm4xw0tzk7jd").status_code == 302

    def test_a_password_may_have_128_characters_and_no_more(self, ada: User) -> None:
        assert is_refused(ada, "long " * 25 + "horse")
        assert change_to(ada, "long " * 24 + "lastword").status_code == 302
        assert sign_in(Browser(), password="long " * 24 + "lastword").status_code == 302

    def test_every_character_of_a_password_counts(self, ada: User) -> None:
        chosen = "  clé à molette 🗝  "
        assert change_to(ada, chosen).status_code == 302
        for other in (chosen.strip(), chosen[:-1], chosen.replace("🗝", "?")):
            assert sign_in(Browser(), password=other).status_code == 200
        assert sign_in(Browser(), password=chosen).status_code == 302

    @pytest.mark.parametrize("password", ["password1234", "Ada Minot 42", "ada@yourcompany.com"])
    def test_a_password_that_is_common_or_like_ones_name_is_refused(self, ada: User, password: str) -> None:
        assert is_refused(ada, password)

    def test_a_password_needs_no_mixture_of_characters(self, ada: User) -> None:
        assert change_to(ada, "quietriversleeps").status_code == 302

    def test_password_managers_are_told_which_field_is_which(self, ada: User) -> None:
        page = signed_in(ada).get(PAGE).content.decode()
        assert re.findall(r'autocomplete="([\w-]+-password)"', page) == [
            "current-password",
            "new-password",
            "new-password",
        ]
        assert "onpaste" not in page

    def test_an_administrator_cannot_set_a_weak_one_either(self, ada: User) -> None:
        with pytest.raises(InvalidInput):
            set_password(user_id=ada.pk, new_password="Ada Minot 42", now=ada.created_at)


def test_passwords_are_hashed_slowly_and_with_a_salt() -> None:
    assert not hasattr(omnicrm.settings, "PASSWORD_HASHERS")  # therefore Django's own list, whose first is used
    first = f"{PBKDF2PasswordHasher.__module__}.{PBKDF2PasswordHasher.__qualname__}"
    assert global_settings.PASSWORD_HASHERS[0] == first
    hasher = PBKDF2PasswordHasher()
    assert hasher.iterations >= 1_000_000
    assert hasher.salt() != hasher.salt()


def test_a_new_installation_has_no_account(db: None) -> None:
    assert not User.objects.exists()


def test_a_reset_leaves_the_second_factor_on(ada: User) -> None:
    with_second_factor(ada)
    set_password(user_id=ada.pk, new_password="another horse 43", now=ada.created_at)
    browser = Browser()
    sign_in(browser, password="another horse 43")
    assert not is_signed_in(browser)


class TestSessions:
    def test_no_address_carries_the_session(self, ada: User) -> None:
        browser = Browser()
        answer = sign_in(browser)
        key = browser.cookies["sessionid"].value
        pages = "".join(browser.get(page).content.decode() for page in (HOME, reverse("account_sessions"), SIGN_IN))
        assert key not in answer["Location"] + pages

    def test_a_session_cannot_be_guessed(self, ada: User) -> None:
        keys = {signed_in(ada).cookies["sessionid"].value for _ in range(3)}
        assert len(keys) == 3
        assert all(re.fullmatch(r"[a-z0-9]{32}", key) for key in keys)
