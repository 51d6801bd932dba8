"""Users: one per address, with a password that deserves the name, and the permissions of their role."""

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user, set_password
from omnicrm.accounts.roles import Permission, Role
from omnicrm.customers.errors import AlreadyTaken, InvalidInput
from tests.integration.accounts.conftest import NOW, PASSWORD


def test_a_user_is_created_as_given(helene: User) -> None:
    stored = User.objects.get(pk=helene.pk)
    assert (stored.email, stored.full_name, stored.role) == ("Helene@example.com", "Hélène Martin", Role.SUPPORT)
    assert (stored.is_staff, stored.is_superuser, stored.is_active, stored.created_at) == (True, False, True, NOW)
    assert PASSWORD not in stored.password


@pytest.mark.django_db
def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_user(email="no", full_name="", role="King", language="de", now=NOW)
    assert [error.field for error in refusal.value.errors] == ["email", "full_name", "role", "language"]


def test_an_address_has_one_user_in_any_case(helene: User) -> None:
    with pytest.raises(AlreadyTaken, match="email"):
        create_user(email="helene@EXAMPLE.com", full_name="Other", role=Role.SUPPORT, now=NOW)


def test_the_database_refuses_a_second_user_of_an_address(helene: User) -> None:
    with pytest.raises(IntegrityError, match="user_email_once_in_any_case"), transaction.atomic():
        User.objects.create(email="HELENE@example.com", full_name="Other", created_at=NOW)


@pytest.mark.parametrize("weak", ["short", "password123", "Helene@example.com", ""])
@pytest.mark.django_db
def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(InvalidInput, match="password"):
        create_user(email="helene@example.com", full_name="Hélène", role=Role.SUPPORT, password=weak, now=NOW)
    assert User.objects.count() == 0


def test_signing_in_works_in_any_case_of_the_address(helene: User) -> None:
    assert authenticate(username="hELENE@example.COM", password=PASSWORD) == helene
    assert authenticate(username="helene@example.com", password=PASSWORD.upper()) is None


@pytest.mark.django_db
def test_an_unknown_address_costs_as_much_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    monkeypatch.setattr(User, "set_password", lambda _user, password: hashed.append(password))
    assert authenticate(username="nobody@example.com", password="anything") is None
    assert hashed == ["anything"]


def test_without_a_password_there_is_no_signing_in(helene: User) -> None:
    set_password(user_id=helene.pk, password=None)
    assert authenticate(username="helene@example.com", password=PASSWORD) is None


def test_a_new_password_replaces_the_old_one(helene: User) -> None:
    set_password(user_id=helene.pk, password="another good one")
    assert authenticate(username="helene@example.com", password="another good one") == helene
    with pytest.raises(InvalidInput, match="password"):
        set_password(user_id=helene.pk, password="helene@example.com")
    assert authenticate(username="helene@example.com", password="another good one") == helene


def test_a_user_may_do_what_the_role_allows(helene: User) -> None:
    assert helene.may(Permission.WRITE_CUSTOMERS)
    assert not helene.may(Permission.MANAGE_ACCOUNTS)
    helene.is_superuser = True
    assert helene.may(Permission.MANAGE_ACCOUNTS)
    helene.is_active = False
    assert not helene.may(Permission.READ_CUSTOMERS)
