"""Signing in over the API: a session like any other, the same limits and the same silence about who has an account."""

from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils.timezone import now
from procrastinate.contrib.django.models import ProcrastinateJob

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user, send_staff_welcome
from omnicrm.accounts.operations.resets import answer_reset_request
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.audit.operations import SYSTEM
from omnicrm.outbox.models import Message
from tests.integration.api.conftest import JSON, PROBLEM

EMAIL, PASSWORD, NEW = "ada@yourcompany.com", "correct horse battery", "an even longer password"


@pytest.fixture
def ada(db: None) -> User:
    return create_user(email=EMAIL, full_name="Ada", role=Role.SUPPORT, password=PASSWORD, language="en", now=now())


@pytest.fixture
def browser(db: None) -> Client:
    """Held to the rules of CSRF."""
    return Client(enforce_csrf_checks=True)


def call(browser: Client, route: str, body: dict[str, Any], **headers: str) -> Any:
    token = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else ""
    return browser.post(f"/crm/auth/{route}", body, JSON, headers={"X-CSRFToken": token, **headers})


def login(browser: Client, **fields: Any) -> Any:
    return call(browser, "login", {"email": EMAIL, "password": PASSWORD, **fields})


def test_the_right_password_begins_a_session(browser: Client, ada: User) -> None:
    answer = login(browser)
    assert (answer.status_code, answer.json()["user_id"]) == (200, ada.pk)
    assert browser.get("/crm/customer").status_code == 200
    assert Entry.objects.get(action=Action.SIGNED_IN).actor_id == ada.pk


def test_the_session_writes_with_the_csrf_token_it_was_given(browser: Client, ada: User) -> None:
    login(browser)
    body = {"customer_name": "Martin"}
    assert browser.post("/crm/customer", body, JSON).status_code == 403
    token = browser.cookies["csrftoken"].value
    assert browser.post("/crm/customer", body, JSON, headers={"X-CSRFToken": token}).status_code == 201


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(browser: Client, ada: User) -> None:
    wrong = login(browser, password="wrong")
    unknown = login(browser, email="nobody@yourcompany.com")
    assert (wrong.status_code, wrong["Content-Type"]) == (401, PROBLEM)
    assert wrong.content == unknown.content


def test_too_many_tries_are_refused_even_with_the_right_password(browser: Client, ada: User) -> None:
    for _ in range(5):
        assert login(browser, password="wrong").status_code == 401
    assert login(browser).status_code == 429


def test_a_session_ends_by_request(browser: Client, ada: User) -> None:
    login(browser)
    assert call(browser, "logout", {}).status_code == 204
    assert browser.get("/crm/customer").status_code == 401


def test_without_remember_the_session_ends_with_the_browser(browser: Client, ada: User) -> None:
    assert login(browser).cookies["sessionid"]["max-age"] == ""
    assert login(Client(), remember=True).cookies["sessionid"]["max-age"] == 30 * 24 * 3600


@pytest.mark.parametrize("route", ["login", "forgot_password", "reset_password", "change_password", "verify_email"])
def test_what_a_foreign_form_could_send_is_refused(browser: Client, ada: User, route: str) -> None:
    answer = browser.post(f"/crm/auth/{route}", b'{"email": "a@example.com"}', "text/plain")
    assert answer.status_code in {415, 422}
    assert answer["Content-Type"] == PROBLEM
    assert not Entry.objects.filter(action=Action.SIGNED_IN).exists()


@pytest.fixture
def totp(ada: User) -> TOTP:
    RecoveryCodes.activate(ada)
    return TOTP.activate(ada, generate_totp_secret())


def test_a_second_factor_is_asked_for_by_a_type_programs_know(browser: Client, totp: TOTP) -> None:
    answer = login(browser)
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:omnicrm:second-factor-required"
    assert browser.get("/crm/customer").status_code == 401


def test_a_recovery_code_is_a_second_factor_once(browser: Client, totp: TOTP, ada: User) -> None:
    code = RecoveryCodes(ada.authenticator_set.get(type="recovery_codes")).get_unused_codes()[0]
    assert login(browser, code=code).status_code == 200
    assert login(Client(), code=code).status_code == 401


def test_a_wrong_code_begins_nothing(browser: Client, totp: TOTP) -> None:
    assert login(browser, code="000000").status_code == 401
    assert browser.get("/crm/customer").status_code == 401


def test_a_forgotten_password_is_answered_alike_for_known_and_unknown(browser: Client, ada: User) -> None:
    known = call(browser, "forgot_password", {"email": EMAIL})
    unknown = call(browser, "forgot_password", {"email": "nobody@yourcompany.com"})
    assert known.status_code == unknown.status_code == 202
    assert known.content == unknown.content
    assert ProcrastinateJob.objects.filter(task_name="accounts.send_reset").count() == 2


def test_a_reset_sets_the_password_and_ends_every_session(browser: Client, ada: User) -> None:
    login(browser)
    answer_reset_request(address=EMAIL, asked_at=now())
    token = Message.objects.get().variables["reset_url"].rstrip("/").rpartition("/")[2]
    elsewhere = Client()
    assert call(elsewhere, "reset_password", {"token": token, "new_password": NEW}).status_code == 204
    assert browser.get("/crm/customer").status_code == 401
    assert login(elsewhere, password=NEW).status_code == 200
    assert call(Client(), "reset_password", {"token": token, "new_password": PASSWORD}).status_code == 422


def test_a_change_of_password_keeps_this_session_and_ends_the_others(browser: Client, ada: User) -> None:
    other = Client()
    login(other)
    login(browser)
    assert call(browser, "change_password", {"current_password": PASSWORD, "new_password": NEW}).status_code == 204
    assert browser.get("/crm/customer").status_code == 200
    assert other.get("/crm/customer").status_code == 401


def test_guesses_of_the_current_password_count_under_any_idempotency_key(browser: Client, ada: User) -> None:
    login(browser)
    answers = [
        call(
            browser,
            "change_password",
            {"current_password": f"guess {number}", "new_password": NEW},
            **{"Idempotency-Key": f"try-{number}"},
        )
        for number in range(11)
    ]
    assert "Try again in" in answers[-1].json()["detail"]


def test_a_temporary_password_opens_nothing_but_its_change(browser: Client, ada: User) -> None:
    send_staff_welcome(user_id=ada.pk, by=SYSTEM, now=now())
    temporary = Message.objects.get().variables["temp_password"]
    assert login(browser, password=temporary).json()["temporary_password_until"] is not None
    refused = browser.get("/crm/customer")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:omnicrm:account-password-first")
    body = {"current_password": temporary, "new_password": NEW}
    assert call(browser, "change_password", body).status_code == 204
    assert browser.get("/crm/customer").status_code == 200


def test_an_address_is_verified_by_link_without_a_session(browser: Client, db: None) -> None:
    user = create_user(email=EMAIL, full_name="Ada", role=Role.SUPPORT, welcome=True, now=now())
    message = Message.objects.get(section="api_crmCommunicationEmailVerification")
    token = message.variables["verification_url"].rstrip("/").rpartition("/")[2]
    assert call(browser, "verify_email", {"token": token}).status_code == 204
    user.refresh_from_db()
    assert user.email_verified_at is not None


def test_an_address_is_verified_by_code_in_the_users_session(browser: Client, db: None) -> None:
    create_user(email=EMAIL, full_name="Ada", role=Role.SUPPORT, password=PASSWORD, welcome=True, now=now())
    code = Message.objects.get(section="api_crmCommunicationEmailVerification").variables["verification_code"]
    assert call(browser, "verify_email", {"code": code}).status_code == 401
    login(browser)
    assert call(browser, "verify_email", {"code": code}).status_code == 204


def test_a_verification_needs_exactly_one_of_the_two(browser: Client, db: None) -> None:
    assert call(browser, "verify_email", {}).status_code == 422
