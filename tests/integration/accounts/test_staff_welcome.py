"""The staff welcome: sent once at creation, again on demand, each time with a temporary password of its own."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user, deactivate, send_staff_welcome
from omnicrm.accounts.operations.welcome import REPLACED
from omnicrm.accounts.roles import Role
from omnicrm.audit.operations import Actor
from omnicrm.customers.errors import InvalidInput
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane, State
from tests.integration.accounts.conftest import NOW, PASSWORD, entries, sent, the_one

THREE_DAYS = timedelta(hours=72)
LATER = NOW + timedelta(hours=1)


def welcomed(by: Actor, **more: Any) -> User:
    fields = {"email": "sam@example.com", "full_name": "Sam Port", "role": Role.BILLING, "language": "en", **more}
    return create_user(**fields, welcome=True, by=by, now=NOW)


def test_says_how_to_sign_in_in_which_role(admin: Actor) -> None:
    user = welcomed(admin)
    message = the_one("UserWelcome")
    assert (message.to_email, message.lane) == ("sam@example.com", Lane.SECURITY)
    password = message.variables["temp_password"]
    assert authenticate(username="sam@example.com", password=password) == user
    assert message.variables == {
        "user_name": "Sam Port",
        "email": "sam@example.com",
        "role": "Billing",
        "login_url": "http://localhost:8000/backoffice/",
        "temp_password": password,
        "support_email": "support@yourcompany.com",
    }


def test_the_address_is_verified_as_well(admin: Actor) -> None:
    welcomed(admin)
    assert the_one("EmailVerification").to_email == "sam@example.com"


def test_the_temporary_password_is_valid_for_three_days_and_so_is_its_message(admin: Actor) -> None:
    user = welcomed(admin)
    assert user.must_change_password
    assert user.temporary_password_until == the_one("UserWelcome").expires_at == NOW + THREE_DAYS
    assert not user.temporary_password_is_over(now=NOW + THREE_DAYS - timedelta(seconds=1))
    assert user.temporary_password_is_over(now=NOW + THREE_DAYS)


def test_the_temporary_password_is_masked_and_nowhere_else(admin: Actor) -> None:
    welcomed(admin)
    message = the_one("UserWelcome")
    assert message.shown_variables["temp_password"] == "•••"
    kept = [User.objects.values().get(email="sam@example.com"), *(entry.__dict__ for entry in entries("welcome_sent"))]
    assert message.variables["temp_password"] not in str(kept)


def test_no_two_users_get_the_same_one(admin: Actor) -> None:
    for number in range(5):
        welcomed(admin, email=f"sam{number}@example.com")
    assert len({message.variables["temp_password"] for message in sent("UserWelcome")}) == 5


def test_whoever_was_given_a_password_keeps_it(admin: Actor) -> None:
    user = welcomed(admin, password=PASSWORD)
    assert authenticate(username=user.email, password=PASSWORD) == user
    message = the_one("UserWelcome")
    assert (message.variables["temp_password"], message.expires_at, user.must_change_password) == ("", None, False)


class TestAgain:
    def test_brings_a_new_password_and_ends_the_old_one(self, admin: Actor) -> None:
        user = welcomed(admin)
        send_staff_welcome(user_id=user.pk, by=admin, now=LATER)
        first, second = (message.variables["temp_password"] for message in sent("UserWelcome"))
        assert authenticate(username=user.email, password=first) is None
        assert authenticate(username=user.email, password=second) == user

    def test_ends_the_sessions(self, helene: User, admin: Actor) -> None:
        browser = Client()
        browser.force_login(helene)
        send_staff_welcome(user_id=helene.pk, by=admin, now=LATER)
        assert not browser.get("/i18n/setlang/").wsgi_request.user.is_authenticated

    def test_cancels_the_earlier_one_that_has_not_left(self, admin: Actor) -> None:
        user = welcomed(admin)
        message_id = send_staff_welcome(user_id=user.pk, by=admin, now=LATER)
        first, second = sent("UserWelcome")
        assert (first.state, first.reason) == (State.CANCELLED, REPLACED)
        assert (second.state, second.id) == (State.QUEUED, message_id)

    def test_leaves_an_earlier_one_that_has_left(self, admin: Actor) -> None:
        user = welcomed(admin)
        Message.objects.filter(section__endswith="UserWelcome").update(state=State.ACCEPTED)
        send_staff_welcome(user_id=user.pk, by=admin, now=LATER)
        assert [message.state for message in sent("UserWelcome")] == [State.ACCEPTED, State.QUEUED]

    def test_is_not_for_users_of_customers(self, karim: User, admin: Actor) -> None:
        with pytest.raises(InvalidInput, match="staff"):
            send_staff_welcome(user_id=karim.pk, by=admin, now=LATER)

    def test_is_not_for_deactivated_users(self, helene: User, admin: Actor) -> None:
        deactivate(user_id=helene.pk, by=admin, now=NOW)
        with pytest.raises(InvalidInput, match="active"):
            send_staff_welcome(user_id=helene.pk, by=admin, now=LATER)
        assert not Message.objects.exists()

    def test_is_in_the_audit_log(self, helene: User, admin: Actor) -> None:
        send_staff_welcome(user_id=helene.pk, by=admin, now=LATER)
        (entry,) = entries("welcome_sent")
        assert (entry.actor_id, entry.target_id, entry.at) == (admin.id, helene.pk, LATER)
