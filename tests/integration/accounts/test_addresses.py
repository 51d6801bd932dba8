"""Addresses: verified by link or code, once; a new one comes into force only when it is verified."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from omnicrm.accounts.actors import user_actor
from omnicrm.accounts.errors import ProofRefused, TooOften, WrongCode
from omnicrm.accounts.models import Proof, User
from omnicrm.accounts.operations import (
    cancel_address_change,
    change_address,
    deactivate,
    request_verification,
    verify_by_code,
    verify_by_link,
)
from omnicrm.accounts.operations.resets import answer_reset_request
from omnicrm.accounts.queries import address_to_verify, may_ask_again_at, reset_proof, verification_proof
from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.errors import AlreadyTaken, InvalidInput
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane
from tests.integration.accounts.conftest import (
    NOW,
    PASSWORD,
    code_of,
    entries,
    sent,
    the_one,
    token_of,
    wrong_code,
)

SOON = NOW + timedelta(minutes=5)
DAY = timedelta(hours=24)


@pytest.fixture
def asked(helene: User) -> Message:
    """Hélène's verification, in the queue."""
    request_verification(user_id=helene.pk, now=NOW)
    return the_one("EmailVerification")


def moving(user: User, *, to: str = "new@example.com") -> Message:
    """The verification of the address the user wants to move to."""
    change_address(user_id=user.pk, new_email=to, by=user_actor(user), now=NOW)
    return sent("EmailVerification", to=to)[-1]


class TestAsking:
    def test_sends_a_link_and_a_code(self, helene: User, asked: Message) -> None:
        assert (asked.to_email, asked.lane, asked.expires_at) == (helene.email, Lane.SECURITY, NOW + DAY)
        assert re.fullmatch(r"http://localhost:8000/account/verify/[\w-]{43}/", asked.variables["verification_url"])
        assert re.fullmatch(r"\d{6}", asked.variables["verification_code"])

    def test_both_are_secret(self, asked: Message) -> None:
        assert asked.shown_variables | {"user_name": ""} == {
            "user_name": "",
            "verification_url": "•••",
            "verification_code": "•••",
        }
        assert token_of(asked) not in str(Proof.objects.values().get())

    def test_the_code_cannot_be_guessed_from_a_copy_of_the_database(
        self, helene: User, asked: Message, settings: Any
    ) -> None:
        settings.SECRET_KEY = "that of somebody who has only the copy"
        with pytest.raises(WrongCode):
            verify_by_code(user_id=helene.pk, code=code_of(asked), now=SOON)

    def test_again_only_after_a_minute_and_the_refusal_says_when(self, helene: User, asked: Message) -> None:
        with pytest.raises(TooOften, match="45 seconds") as refusal:
            request_verification(user_id=helene.pk, now=NOW + timedelta(seconds=15))
        assert refusal.value.retry_at == may_ask_again_at(helene, now=NOW) == NOW + timedelta(seconds=60)
        request_verification(user_id=helene.pk, now=refusal.value.retry_at)
        assert len(sent("EmailVerification")) == 2

    def test_a_newer_one_voids_the_older(self, helene: User, asked: Message) -> None:
        request_verification(user_id=helene.pk, now=SOON)
        newer = sent("EmailVerification")[-1]
        assert verification_proof(token=token_of(asked), now=SOON) is None
        assert verification_proof(token=token_of(newer), now=SOON)

    def test_is_pointless_once_verified(self, helene: User, asked: Message) -> None:
        verify_by_link(token=token_of(asked), now=NOW)
        with pytest.raises(InvalidInput, match="already"):
            request_verification(user_id=helene.pk, now=SOON)


class TestLink:
    def test_verifies(self, helene: User, asked: Message) -> None:
        assert verify_by_link(token=token_of(asked), now=SOON).email_verified_at == SOON
        (entry,) = entries("address_verified")
        assert entry.target_id == helene.pk

    def test_looking_at_it_verifies_nothing(self, helene: User, asked: Message) -> None:
        for _ in range(3):
            assert verification_proof(token=token_of(asked), now=SOON)
        helene.refresh_from_db()
        assert helene.email_verified_at is None

    def test_works_once(self, asked: Message) -> None:
        verify_by_link(token=token_of(asked), now=SOON)
        with pytest.raises(ProofRefused):
            verify_by_link(token=token_of(asked), now=SOON)

    def test_works_for_a_day(self, asked: Message) -> None:
        with pytest.raises(ProofRefused):
            verify_by_link(token=token_of(asked), now=NOW + DAY)
        assert verify_by_link(token=token_of(asked), now=NOW + DAY - timedelta(seconds=1))

    def test_does_not_work_after_the_code_did(self, helene: User, asked: Message) -> None:
        verify_by_code(user_id=helene.pk, code=code_of(asked), now=SOON)
        with pytest.raises(ProofRefused):
            verify_by_link(token=token_of(asked), now=SOON)

    def test_that_of_a_reset_verifies_nothing(self, helene: User) -> None:
        answer_reset_request(address=helene.email, asked_at=NOW)
        with pytest.raises(ProofRefused):
            verify_by_link(token=token_of(the_one("UserPasswordReset")), now=NOW)

    def test_does_not_work_for_a_deactivated_user(self, helene: User, asked: Message) -> None:
        deactivate(user_id=helene.pk, by=SYSTEM, now=NOW)
        with pytest.raises(ProofRefused):
            verify_by_link(token=token_of(asked), now=SOON)


class TestCode:
    @pytest.mark.parametrize("typed", ["{}", " {} ", "{0:.3} {1}"], ids=["plain", "around", "within"])
    def test_verifies_however_it_is_spaced(self, helene: User, asked: Message, typed: str) -> None:
        code = code_of(asked)
        user = verify_by_code(user_id=helene.pk, code=typed.format(code, code[3:]), now=SOON)
        assert user.email_verified_at == SOON

    def test_a_wrong_one_costs_a_try_and_the_right_one_still_works(self, helene: User, asked: Message) -> None:
        with pytest.raises(WrongCode, match="4 more times") as refusal:
            verify_by_code(user_id=helene.pk, code=wrong_code(asked), now=SOON)
        assert refusal.value.tries_left == 4
        assert verify_by_code(user_id=helene.pk, code=code_of(asked), now=SOON)

    def test_five_wrong_ones_void_code_and_link(self, helene: User, asked: Message) -> None:
        for _ in range(4):
            with pytest.raises(WrongCode):
                verify_by_code(user_id=helene.pk, code=wrong_code(asked), now=SOON)
        for code in (wrong_code(asked), code_of(asked)):
            with pytest.raises(ProofRefused, match="no longer valid"):
                verify_by_code(user_id=helene.pk, code=code, now=SOON)
        assert verification_proof(token=token_of(asked), now=SOON) is None

    @pytest.mark.parametrize("code", ["", "x" * 10_000, "\x00", "\ud800", "１２３４５６"])
    def test_nonsense_is_a_wrong_one(self, helene: User, asked: Message, code: str) -> None:
        with pytest.raises(WrongCode):
            verify_by_code(user_id=helene.pk, code=code, now=SOON)

    def test_works_for_a_day(self, helene: User, asked: Message) -> None:
        with pytest.raises(ProofRefused):
            verify_by_code(user_id=helene.pk, code=code_of(asked), now=NOW + DAY)

    def test_is_of_no_use_to_somebody_else(self, helene: User, karim: User, asked: Message) -> None:
        with pytest.raises(ProofRefused):
            verify_by_code(user_id=karim.pk, code=code_of(asked), now=SOON)

    def test_opens_no_reset(self, helene: User) -> None:
        answer_reset_request(address=helene.email, asked_at=NOW)
        with pytest.raises(ProofRefused):
            verify_by_code(user_id=helene.pk, code="", now=NOW)


class TestMoving:
    def test_the_old_address_stays_in_force_until_then(self, helene: User) -> None:
        moving(helene)
        helene.refresh_from_db()
        assert helene.email == "Helene@example.com"
        assert authenticate(username="Helene@example.com", password=PASSWORD) == helene
        assert authenticate(username="new@example.com", password=PASSWORD) is None

    def test_the_new_one_is_in_force_from_then_on(self, helene: User) -> None:
        verify_by_link(token=token_of(moving(helene)), now=SOON)
        assert authenticate(username="new@example.com", password=PASSWORD) == helene
        assert authenticate(username="Helene@example.com", password=PASSWORD) is None
        (entry,) = entries("address_changed")
        assert entry.detail == {"from": "Helene@example.com", "to": "new@example.com"}

    def test_the_code_does_it_too(self, helene: User) -> None:
        user = verify_by_code(user_id=helene.pk, code=code_of(moving(helene)), now=SOON)
        assert (user.email, user.email_verified_at) == ("new@example.com", SOON)

    def test_sessions_stay(self, helene: User) -> None:
        browser = Client()
        browser.force_login(helene)
        verify_by_link(token=token_of(moving(helene)), now=SOON)
        assert browser.get("/i18n/setlang/").wsgi_request.user.is_authenticated

    def test_the_old_address_is_told_and_sees_the_new_one_masked(self, helene: User) -> None:
        moving(helene)
        message = the_one("UserAddressChange")
        assert (message.to_email, message.lane) == (helene.email, Lane.SECURITY)
        assert message.variables["new_email"] == "n•••@example.com"
        assert message.variables["change_date"] == "31 May 2026 at 14:00 CEST"

    def test_a_link_to_reset_the_password_that_the_old_address_got_is_void(self, helene: User) -> None:
        answer_reset_request(address=helene.email, asked_at=NOW)
        token = token_of(the_one("UserPasswordReset"))
        verify_by_link(token=token_of(moving(helene)), now=SOON)
        assert reset_proof(token=token, now=SOON) is None

    def test_asking_again_sends_to_the_new_address(self, helene: User) -> None:
        moving(helene)
        assert request_verification(user_id=helene.pk, now=SOON) == "new@example.com"
        assert len(sent("EmailVerification", to="new@example.com")) == 2

    def test_can_be_thought_better_of(self, helene: User) -> None:
        message = moving(helene)
        assert address_to_verify(helene) == "new@example.com"
        cancel_address_change(user_id=helene.pk, now=SOON)
        assert address_to_verify(helene) == helene.email
        with pytest.raises(ProofRefused):
            verify_by_link(token=token_of(message), now=SOON)

    def test_the_case_of_ones_own_address_can_be_changed(self, helene: User) -> None:
        user = verify_by_link(token=token_of(moving(helene, to="helene@example.com")), now=SOON)
        assert user.email == "helene@example.com"

    @pytest.mark.parametrize("address", ["", "nobody", "Helene@example.com"])
    def test_what_is_no_new_address_is_refused(self, helene: User, address: str) -> None:
        with pytest.raises(InvalidInput, match="new_email"):
            change_address(user_id=helene.pk, new_email=address, by=SYSTEM, now=NOW)
        assert not Message.objects.exists()

    def test_five_times_an_hour(self, helene: User) -> None:
        for number in range(5):
            moving(helene, to=f"new{number}@example.com")
        with pytest.raises(TooOften):
            moving(helene, to="new5@example.com")


class TestTaken:
    """The address of another user."""

    def test_is_answered_like_a_free_one_and_hears_nothing(self, helene: User, karim: User) -> None:
        answers = [
            change_address(user_id=helene.pk, new_email=address, by=SYSTEM, now=NOW)
            for address in ("free@example.org", "KARIM@example.org")
        ]
        assert answers == ["free@example.org", "KARIM@example.org"]
        assert address_to_verify(helene) == "KARIM@example.org"
        assert [message.to_email for message in sent("EmailVerification")] == ["free@example.org"]

    def test_tells_the_address_in_force_all_the_same(self, helene: User, karim: User) -> None:
        change_address(user_id=helene.pk, new_email=karim.email, by=SYSTEM, now=NOW)
        assert the_one("UserAddressChange").to_email == helene.email

    def test_is_answered_like_a_free_one_when_asked_again_and_when_guessed(self, helene: User, karim: User) -> None:
        change_address(user_id=helene.pk, new_email=karim.email, by=SYSTEM, now=NOW)
        assert request_verification(user_id=helene.pk, now=SOON) == karim.email
        with pytest.raises(WrongCode):
            verify_by_code(user_id=helene.pk, code="", now=SOON)
        assert not sent("EmailVerification")

    def test_by_the_time_of_verifying_is_refused_and_the_old_one_stays(self, helene: User, karim: User) -> None:
        message = moving(helene, to="race@example.org")
        User.objects.filter(pk=karim.pk).update(email="RACE@example.org")
        with pytest.raises(AlreadyTaken, match="another account"):
            verify_by_link(token=token_of(message), now=SOON)
        helene.refresh_from_db()
        assert helene.email == "Helene@example.com"
