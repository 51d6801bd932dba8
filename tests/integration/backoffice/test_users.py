"""Users: created in a role, changed, given a password, deactivated. There is always an administrator."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from tests.integration.backoffice.scene import signed_in, staff

LIST = reverse("admin:accounts_user_changelist")
ADD = reverse("admin:accounts_user_add")
NEW = {
    "full_name": "Sam Port",
    "email": "sam@YourCompany.com",
    "role": "Support",
    "language": "en",
    "password": "correct horse 42",
}


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def page(user: User, name: str = "change") -> str:
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


def words(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


class TestCreating:
    def test_creates_a_user_who_can_sign_in(self, admin: Client) -> None:
        response = admin.post(ADD, NEW, follow=True)
        assert words(response) == ["Sam Port may sign in now."]
        user = User.objects.get(email="sam@yourcompany.com")
        assert (user.role, user.language, user.is_staff) == (Role.SUPPORT, "en", True)
        assert Client().login(username="SAM@yourcompany.com", password=NEW["password"])

    @pytest.mark.parametrize(
        ("field", "value"),
        [("email", "no"), ("email", ""), ("full_name", ""), ("role", "Root"), ("password", "short"), ("password", "")],
    )
    def test_wrong_input_is_said_beside_its_field(self, admin: Client, field: str, value: str) -> None:
        response = admin.post(ADD, NEW | {field: value})
        assert list(response.context["form"].errors) == [field]
        assert User.objects.count() == 1

    def test_an_address_has_one_user_in_any_case(self, admin: Client) -> None:
        admin.post(ADD, NEW)
        response = admin.post(ADD, NEW | {"email": "SAM@yourcompany.com"})
        assert "A user has this address already." in response.content.decode()

    def test_the_password_is_not_shown_again_after_an_error(self, admin: Client) -> None:
        assert "correct horse 42" not in admin.post(ADD, NEW | {"email": "no"}).content.decode()


class TestChanging:
    def test_changes_name_role_and_language(self, admin: Client) -> None:
        user = staff(Role.SUPPORT)
        admin.post(page(user), {"full_name": "New Name", "role": "Billing", "language": "fr"})
        user.refresh_from_db()
        assert (user.full_name, user.role, user.language) == ("New Name", Role.BILLING, "fr")

    def test_nobody_becomes_more_by_fields_that_are_not_there(self, admin: Client) -> None:
        user = staff(Role.SUPPORT)
        extra = {"is_superuser": "on", "email": "other@example.com", "is_staff": ""}
        admin.post(page(user), {"full_name": "A", "role": "Support", "language": "fr", **extra})
        user.refresh_from_db()
        assert (user.is_superuser, user.email, user.is_staff) == (False, "support-en@yourcompany.com", True)

    def test_the_last_administrator_stays_one(self, admin: Client) -> None:
        me = User.objects.get()
        response = admin.post(page(me), {"full_name": "A", "role": "Support", "language": "fr"})
        assert "Nobody else could manage users then" in response.content.decode()
        me.refresh_from_db()
        assert me.role == Role.ADMIN

    def test_customers_who_sign_in_are_not_listed(self, admin: Client) -> None:
        outsider = create_user(
            email="c@example.com", full_name="Customer", role=Role.READ_ONLY, now=now(), is_staff=False
        )
        assert "c@example.com" not in admin.get(LIST).content.decode()
        assert admin.get(page(outsider)).status_code == 302


class TestPassword:
    def test_the_new_password_holds_and_old_sessions_end(self, admin: Client) -> None:
        user = staff(Role.SUPPORT)
        their_browser = signed_in(user)
        response = admin.post(page(user, "password_page"), {"password": "correct horse 43"}, follow=True)
        assert words(response) == ["The new password of Support Person is set."]
        assert their_browser.get(reverse("admin:index")).status_code == 302
        assert Client().login(username=user.email, password="correct horse 43")

    def test_who_sets_their_own_stays_signed_in(self, admin: Client) -> None:
        admin.post(page(User.objects.get(), "password_page"), {"password": "correct horse 43"})
        assert admin.get(reverse("admin:index")).status_code == 200

    def test_a_weak_password_is_refused(self, admin: Client) -> None:
        user = staff(Role.SUPPORT)
        response = admin.post(page(user, "password_page"), {"password": "password"})
        assert list(response.context["form"].errors) == ["password"]

    def test_no_password_stands_in_the_history(self, admin: Client) -> None:
        admin.post(page(staff(Role.SUPPORT), "password_page"), {"password": "correct horse 43"})
        assert "correct horse" not in LogEntry.objects.get().change_message


class TestDeactivating:
    def test_asks_first_then_ends_all_sessions(self, admin: Client) -> None:
        user = staff(Role.SUPPORT)
        their_browser = signed_in(user)
        assert "Deactivate Support Person?" in admin.get(page(user, "deactivate_page")).content.decode()
        assert their_browser.get(reverse("admin:index")).status_code == 200
        admin.post(page(user, "deactivate_page"))
        assert their_browser.get(reverse("admin:index")).status_code == 302

    def test_can_be_taken_back(self, admin: Client) -> None:
        user = staff(Role.SUPPORT)
        admin.post(page(user, "deactivate_page"))
        admin.post(page(user, "reactivate_page"))
        user.refresh_from_db()
        assert user.is_active

    def test_the_last_administrator_cannot_be(self, admin: Client) -> None:
        me = User.objects.get()
        response = admin.post(page(me, "deactivate_page"), follow=True)
        assert "Nobody else could manage users then" in words(response)[0]
        me.refresh_from_db()
        assert me.is_active

    def test_one_of_two_administrators_can_be(self, admin: Client) -> None:
        other = staff(email="other@yourcompany.com")
        admin.post(page(other, "deactivate_page"))
        other.refresh_from_db()
        assert not other.is_active
