"""Users: one per address, with a password that deserves the name, and the permissions of their role."""

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import (
    change_role,
    create_proven_user,
    create_user,
    deactivate,
    reactivate,
    set_password,
    update_user,
)
from omnicrm.accounts.roles import PERMISSIONS, Permission, Role
from omnicrm.audit.operations import SYSTEM, Actor, anonymous
from omnicrm.customers.errors import AlreadyTaken, InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.outbox.models import Message
from tests.integration.accounts.conftest import NOW, PASSWORD, entries


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
    set_password(user_id=helene.pk, new_password=None, now=NOW)
    assert authenticate(username="helene@example.com", password=PASSWORD) is None


def test_a_new_password_replaces_the_old_one(helene: User) -> None:
    set_password(user_id=helene.pk, new_password="another good one", now=NOW)
    assert authenticate(username="helene@example.com", password="another good one") == helene
    with pytest.raises(InvalidInput, match="password"):
        set_password(user_id=helene.pk, new_password="helene@example.com", now=NOW)
    assert authenticate(username="helene@example.com", password="another good one") == helene


def test_a_user_may_do_what_the_role_allows(helene: User) -> None:
    assert helene.may(Permission.WRITE_CUSTOMERS)
    assert not helene.may(Permission.MANAGE_ACCOUNTS)
    helene.is_superuser = True
    assert helene.may(Permission.MANAGE_ACCOUNTS)
    helene.is_active = False
    assert not helene.may(Permission.READ_CUSTOMERS)


class TestUsersOfCustomers:
    def test_belong_to_a_customer_and_are_no_staff(self, karim: User, benali: Customer) -> None:
        assert (karim.customer, karim.is_staff, karim.role) == (benali, False, Role.CUSTOMER)

    def test_may_see_and_change_their_own_and_nothing_else(self, karim: User) -> None:
        assert {permission for permission in Permission if karim.may(permission)} == {
            Permission.READ_OWN,
            Permission.WRITE_OWN,
        }

    def test_staff_have_nothing_of_their_own(self) -> None:
        own = PERMISSIONS[Role.CUSTOMER]
        assert [role for role in Role if role != Role.CUSTOMER and PERMISSIONS[role] & own] == []

    @pytest.mark.django_db
    @pytest.mark.parametrize(("role", "customer_id"), [(Role.CUSTOMER, None), (Role.CUSTOMER, 0), (Role.SUPPORT, 1)])
    def test_the_role_and_the_customer_go_together(self, role: Role, customer_id: int | None) -> None:
        with pytest.raises(InvalidInput, match="customer_id"):
            create_user(email="a@example.com", full_name="A", role=role, customer_id=customer_id, now=NOW)

    @pytest.mark.parametrize(
        "change",
        [{"is_staff": True}, {"is_superuser": True}, {"customer": None}, {"role": Role.ADMIN}],
        ids=["staff", "superuser", "no customer", "staff role"],
    )
    def test_the_database_keeps_them_apart_from_staff(self, karim: User, change: dict[str, object]) -> None:
        with pytest.raises(IntegrityError, match="user_is_staff_or_of_a_customer"), transaction.atomic():
            User.objects.filter(pk=karim.pk).update(**change)

    def test_never_become_staff(self, karim: User, helene: User) -> None:
        with pytest.raises(InvalidInput, match="role"):
            change_role(user_id=karim.pk, role=Role.ADMIN, by=SYSTEM, now=NOW)
        with pytest.raises(InvalidInput, match="role"):
            change_role(user_id=helene.pk, role=Role.CUSTOMER, by=SYSTEM, now=NOW)

    def test_go_with_their_customer(self, karim: User, benali: Customer) -> None:
        benali.delete()
        assert not User.objects.filter(pk=karim.pk).exists()

    def test_can_come_with_a_proven_address_and_a_hashed_password(self, benali: Customer, karim: User) -> None:
        user = create_proven_user(
            customer_id=benali.pk,
            email="zoe@example.org",
            full_name="Zoé Benali",
            language="fr",
            password_hash=karim.password,
            by=anonymous("203.0.113.7"),
            now=NOW,
        )
        assert authenticate(username="zoe@example.org", password=PASSWORD) == user
        assert (user.email_verified_at, user.customer) == (NOW, benali)
        assert not Message.objects.exists()


class TestCreating:
    def test_an_imported_user_hears_nothing(self, helene: User) -> None:
        assert not Message.objects.exists()

    def test_a_user_of_a_customer_verifies_the_address(self, benali: Customer) -> None:
        create_user(
            email="k@example.org", full_name="K", role=Role.CUSTOMER, customer_id=benali.pk, welcome=True, now=NOW
        )
        (message,) = Message.objects.all()
        assert (message.section, message.to_email) == ("api_crmCommunicationEmailVerification", "k@example.org")

    def test_a_refused_user_gets_no_email(self, helene: User) -> None:
        with pytest.raises(AlreadyTaken):
            create_user(email=helene.email, full_name="Other", role=Role.SUPPORT, welcome=True, now=NOW)
        assert not Message.objects.exists()

    def test_it_is_in_the_audit_log(self, admin: Actor) -> None:
        user = create_user(email="b@example.com", full_name="B", role=Role.BILLING, by=admin, now=NOW)
        entry = entries("user_created")[-1]
        assert (entry.actor_name, entry.target_id, entry.detail) == ("Ada Minot", user.pk, {"role": "Billing"})


class TestChanging:
    def test_changes_what_is_given_and_says_from_what_to_what(self, helene: User, admin: Actor) -> None:
        update_user(user_id=helene.pk, by=admin, now=NOW, full_name="Hélène Durand", language="en")
        helene.refresh_from_db()
        assert (helene.full_name, helene.language, helene.role) == ("Hélène Durand", "en", Role.SUPPORT)
        (entry,) = entries("user_changed")
        assert entry.detail == {"full_name": {"from": "Hélène Martin", "to": "Hélène Durand"}}

    def test_what_changes_nothing_is_not_in_the_audit_log(self, helene: User, admin: Actor) -> None:
        change_role(user_id=helene.pk, role=Role.SUPPORT, by=admin, now=NOW)
        assert not entries("user_changed")

    def test_all_that_is_wrong_is_told_at_once(self, helene: User, admin: Actor) -> None:
        with pytest.raises(InvalidInput) as refusal:
            update_user(user_id=helene.pk, by=admin, now=NOW, full_name="", language="de", role="King")
        assert [error.field for error in refusal.value.errors] == ["full_name", "language", "role"]

    def test_an_unknown_user_cannot_be_changed(self, admin: Actor) -> None:
        with pytest.raises(User.DoesNotExist):
            update_user(user_id=0, by=admin, now=NOW, full_name="Nobody")


class TestDeactivating:
    def test_a_deactivated_user_cannot_sign_in_until_the_return(self, helene: User, admin: Actor) -> None:
        deactivate(user_id=helene.pk, by=admin, now=NOW)
        assert authenticate(username=helene.email, password=PASSWORD) is None
        reactivate(user_id=helene.pk, by=admin, now=NOW)
        assert authenticate(username=helene.email, password=PASSWORD) == helene

    def test_each_is_in_the_audit_log_once(self, helene: User, admin: Actor) -> None:
        for switch in (deactivate, deactivate, reactivate, reactivate):
            switch(user_id=helene.pk, by=admin, now=NOW)
        assert [entry.action for entry in entries("user_deactivated", "user_reactivated")] == [
            "user_deactivated",
            "user_reactivated",
        ]

    def test_the_last_administrator_stays_one(self, admin: Actor, helene: User) -> None:
        assert admin.id
        with pytest.raises(InvalidInput, match="Nobody else"):
            deactivate(user_id=admin.id, by=admin, now=NOW)
        with pytest.raises(InvalidInput, match="Nobody else"):
            change_role(user_id=admin.id, role=Role.SUPPORT, by=admin, now=NOW)
        change_role(user_id=helene.pk, role=Role.ADMIN, by=admin, now=NOW)
        deactivate(user_id=admin.id, by=admin, now=NOW)

    def test_a_deactivated_administrator_is_no_other(self, admin: Actor, helene: User) -> None:
        assert admin.id
        change_role(user_id=helene.pk, role=Role.ADMIN, by=admin, now=NOW)
        deactivate(user_id=helene.pk, by=admin, now=NOW)
        with pytest.raises(InvalidInput, match="Nobody else"):
            deactivate(user_id=admin.id, by=admin, now=NOW)
