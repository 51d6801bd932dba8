"""What has to be done first: change a temporary password, set up a second factor. Nothing else is open until then."""

from datetime import timedelta
from typing import Any, get_args

import pytest
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.roles import Role
from omnicrm.config.fields import RoleName
from tests.integration.account_pages.conftest import (
    BACK_OFFICE,
    HOME,
    PASSWORD,
    Browser,
    code_for,
    signed_in,
    with_second_factor,
    words,
)
from tests.integration.account_pages.test_second_factor import SET_UP, secret_on

PASSWORD_PAGE = reverse("account_password")
OTHERS = [BACK_OFFICE, HOME, reverse("account_sessions"), reverse("mfa_index"), reverse("admin:customers_customer_add")]


@pytest.fixture
def newcomer(ada: User) -> User:
    """Ada, whose password came by email."""
    ada.temporary_password_until = now() + timedelta(hours=72)
    ada.save()
    return ada


@pytest.fixture
def admins_need_a_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_ROLES = ("Admin",)


def test_the_config_knows_every_role() -> None:
    assert set(get_args(RoleName)) == set(Role.values)


class TestTemporaryPassword:
    @pytest.mark.parametrize("page", OTHERS)
    def test_every_page_leads_to_choosing_ones_own(self, newcomer: User, page: str) -> None:
        assert signed_in(newcomer).get(page)["Location"] == PASSWORD_PAGE

    def test_posting_elsewhere_does_nothing(self, newcomer: User) -> None:
        browser = signed_in(newcomer)
        assert browser.post(reverse("account_sessions"), {"session": "all"})["Location"] == PASSWORD_PAGE
        assert browser.get(PASSWORD_PAGE).status_code == 200

    def test_the_api_answers_with_a_problem(self, newcomer: User) -> None:
        refused = signed_in(newcomer).get("/crm/customer")
        assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
        assert PASSWORD_PAGE in refused.json()["detail"]

    def test_afterwards_everything_is_open(self, newcomer: User) -> None:
        browser = signed_in(newcomer)
        new = {"new_password": "better horse 43", "new_password_again": "better horse 43"}
        assert browser.post(PASSWORD_PAGE, {"current_password": PASSWORD, **new})["Location"] == BACK_OFFICE
        assert browser.get(BACK_OFFICE).status_code == 200
        assert browser.get("/crm/customer").status_code == 200

    def test_it_cannot_be_kept(self, newcomer: User) -> None:
        browser = signed_in(newcomer)
        same = {"new_password": PASSWORD, "new_password_again": PASSWORD}
        assert "Choose another password" in words(browser.post(PASSWORD_PAGE, {"current_password": PASSWORD, **same}))
        assert browser.get(HOME)["Location"] == PASSWORD_PAGE

    def test_signing_out_and_changing_the_language_stay_possible(self, newcomer: User) -> None:
        browser = signed_in(newcomer)
        assert browser.post(reverse("set_language"), {"language": "fr", "next": HOME})["Location"] == HOME
        assert browser.get(reverse("account_logout")).status_code == 200

    def test_links_in_emails_stay_open(self, newcomer: User) -> None:
        assert signed_in(newcomer).get(reverse("account_verify_link", args=["a"])).status_code == 200


@pytest.mark.usefixtures("admins_need_a_second_factor")
class TestSecondFactor:
    @pytest.mark.parametrize("page", [*OTHERS, PASSWORD_PAGE])
    def test_every_page_leads_to_setting_it_up(self, ada: User, page: str) -> None:
        assert signed_in(ada).get(page)["Location"] == SET_UP

    def test_the_api_answers_with_a_problem(self, ada: User) -> None:
        refused = signed_in(ada).get("/crm/customer")
        assert refused.status_code == 403
        assert SET_UP in refused.json()["detail"]

    def test_afterwards_everything_is_open(self, ada: User) -> None:
        browser = signed_in(ada)
        page = browser.get(SET_UP)
        assert "Your role signs in with a second factor." in words(page)
        browser.post(SET_UP, {"code": code_for(secret_on(page))})
        assert browser.get(BACK_OFFICE).status_code == 200

    def test_comes_after_the_temporary_password(self, newcomer: User) -> None:
        assert signed_in(newcomer).get(SET_UP)["Location"] == PASSWORD_PAGE

    def test_who_has_one_is_not_stopped(self, ada: User) -> None:
        assert signed_in(with_second_factor(ada)).get(BACK_OFFICE).status_code == 200

    def test_other_roles_are_not_asked(self, helene: User, client: Browser) -> None:
        assert signed_in(helene).get(HOME).status_code == 200
