"""A forgotten password: the same answer for everybody, one link that works once, and everything told to its owner."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from omnicrm.accounts import tasks
from omnicrm.accounts.errors import ProofRefused, TooOften
from omnicrm.accounts.models import Proof, Purpose, User
from omnicrm.accounts.operations import (
    change_address,
    change_password,
    deactivate,
    reactivate,
    request_reset,
    reset_password,
    send_staff_welcome,
    set_password,
)
from omnicrm.accounts.operations.resets import SEND_RESET, answer_reset_request
from omnicrm.accounts.queries import reset_proof
from omnicrm.audit.operations import SYSTEM, Actor
from omnicrm.customers.errors import InvalidInput
from omnicrm.outbox.states import Lane
from tests.integration.accounts.conftest import IP, NEW_PASSWORD, NOW, PASSWORD, entries, sent, the_one, token_of

SOON = NOW + timedelta(minutes=5)


def token_for(user: User) -> str:
    """A reset that was asked for, and whose job has run."""
    answer_reset_request(address=user.email, asked_at=NOW)
    return token_of(sent("UserPasswordReset", to=user.email)[-1])


def run_jobs() -> None:
    for job in ProcrastinateJob.objects.filter(task_name="accounts.send_reset").order_by("id"):
        tasks.send_reset(**job.args)


class TestAsking:
    def test_a_link_is_sent_to_the_address_of_a_user(self, helene: User) -> None:
        request_reset(email="hELENE@example.com", ip=IP, now=NOW)
        run_jobs()
        message = the_one("UserPasswordReset")
        assert (message.to_email, message.lane) == (helene.email, Lane.SECURITY)
        assert message.variables["expiry_time"] == "1 hour"
        assert re.fullmatch(r"http://localhost:8000/account/reset/[\w-]{43}/", message.variables["reset_url"])
        assert message.expires_at == NOW + timedelta(hours=1)

    def test_the_link_is_secret(self, helene: User) -> None:
        token_for(helene)
        message = the_one("UserPasswordReset")
        assert message.shown_variables["reset_url"] == "•••"
        assert token_of(message) not in str(Proof.objects.values().get())

    def test_a_user_of_a_customer_gets_one_too_among_the_customers_messages(self, karim: User) -> None:
        token_for(karim)
        assert the_one("UserPasswordReset").customer_id == karim.customer_id

    @pytest.mark.parametrize("address", ["Helene@example.com", "nobody@example.com"])
    def test_the_request_does_the_same_for_a_known_and_an_unknown_address(
        self, helene: User, address: str, django_assert_num_queries: object
    ) -> None:
        with django_assert_num_queries(6):  # type: ignore[operator]  # pytest-django does not name its type
            request_reset(email=address, ip=IP, now=NOW)
        assert not sent("UserPasswordReset")
        assert not Proof.objects.exists()
        assert ProcrastinateJob.objects.get(task_name="accounts.send_reset").priority == 100

    @pytest.mark.django_db
    def test_nothing_is_sent_to_an_unknown_address(self) -> None:
        request_reset(email="nobody@example.com", ip=IP, now=NOW)
        run_jobs()
        assert not sent("UserPasswordReset")

    def test_nothing_is_sent_to_a_deactivated_user(self, helene: User) -> None:
        deactivate(user_id=helene.pk, by=SYSTEM, now=NOW)
        request_reset(email=helene.email, ip=IP, now=NOW)
        run_jobs()
        assert not sent("UserPasswordReset")

    @pytest.mark.django_db
    @pytest.mark.parametrize("text", ["", "nobody", "a\x00@example.com", "\ud800@example.com", "x" * 5_000])
    def test_what_is_no_address_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidInput, match="email"):
            request_reset(email=text, ip=IP, now=NOW)
        assert not ProcrastinateJob.objects.filter(task_name="accounts.send_reset").exists()

    @pytest.mark.django_db
    def test_every_request_is_in_the_audit_log(self) -> None:
        request_reset(email="nobody@example.com", ip=IP, now=NOW)
        (entry,) = entries("reset_requested")
        assert (entry.actor_kind, entry.target_name, entry.ip) == ("anonymous", "nobody@example.com", IP)

    @pytest.mark.django_db
    def test_an_address_is_asked_for_five_times_an_hour_from_wherever(self) -> None:
        for number in range(5):
            request_reset(email="nobody@example.com", ip=f"203.0.113.{number}", now=NOW)
        with pytest.raises(TooOften) as refusal:
            request_reset(email="NOBODY@example.com", ip="203.0.113.9", now=SOON)
        assert refusal.value.retry_at == NOW + timedelta(hours=1)
        request_reset(email="nobody@example.com", ip=IP, now=refusal.value.retry_at)

    @pytest.mark.django_db
    def test_one_place_asks_thirty_times_an_hour_for_whomever(self) -> None:
        for number in range(30):
            request_reset(email=f"c{number}@example.com", ip=IP, now=NOW)
        with pytest.raises(TooOften):
            request_reset(email="c30@example.com", ip=IP, now=NOW)
        request_reset(email="c30@example.com", ip="198.51.100.1", now=NOW)


class TestTheJob:
    def test_is_known_to_the_worker_by_the_name_under_which_it_is_asked_for(self) -> None:
        assert app.tasks[SEND_RESET] is tasks.send_reset

    def test_comes_twice_and_sends_once(self, helene: User) -> None:
        for _ in range(2):
            answer_reset_request(address=helene.email, asked_at=NOW)
        assert len(sent("UserPasswordReset")) == 1

    def test_comes_again_after_the_link_was_used_and_sends_nothing(self, helene: User) -> None:
        reset_password(token=token_for(helene), new_password=NEW_PASSWORD, ip=IP, now=SOON)
        answer_reset_request(address=helene.email, asked_at=NOW)
        assert len(sent("UserPasswordReset")) == 1

    def test_comes_after_that_of_a_newer_request_which_wins(self, helene: User) -> None:
        answer_reset_request(address=helene.email, asked_at=SOON)
        newer = token_of(the_one("UserPasswordReset"))
        answer_reset_request(address=helene.email, asked_at=NOW)
        assert reset_proof(token=newer, now=SOON) == helene
        assert len(sent("UserPasswordReset")) == 1

    def test_comes_so_late_that_its_message_has_run_out(self, helene: User) -> None:
        answer_reset_request(address=helene.email, asked_at=NOW - timedelta(hours=2))
        message = the_one("UserPasswordReset")
        assert message.expires_at == NOW - timedelta(hours=1)
        assert reset_proof(token=token_of(message), now=NOW) is None


class TestTheLink:
    def test_looking_at_it_changes_nothing(self, helene: User) -> None:
        token = token_for(helene)
        before = Proof.objects.values().get()
        assert [reset_proof(token=token, now=SOON) for _ in range(3)] == [helene] * 3
        assert Proof.objects.values().get() == before

    def test_sets_the_password(self, helene: User) -> None:
        reset_password(token=token_for(helene), new_password=NEW_PASSWORD, ip=IP, now=SOON)
        assert authenticate(username=helene.email, password=NEW_PASSWORD) == helene
        assert authenticate(username=helene.email, password=PASSWORD) is None

    def test_works_once(self, helene: User) -> None:
        token = token_for(helene)
        reset_password(token=token, new_password=NEW_PASSWORD, ip=IP, now=SOON)
        with pytest.raises(ProofRefused):
            reset_password(token=token, new_password="yet another password", ip=IP, now=SOON)
        assert authenticate(username=helene.email, password=NEW_PASSWORD) == helene

    def test_works_for_an_hour(self, helene: User) -> None:
        token = token_for(helene)
        last_moment = NOW + timedelta(hours=1) - timedelta(seconds=1)
        assert reset_proof(token=token, now=last_moment) == helene
        assert reset_proof(token=token, now=NOW + timedelta(hours=1)) is None
        with pytest.raises(ProofRefused):
            reset_password(token=token, new_password=NEW_PASSWORD, ip=IP, now=NOW + timedelta(hours=1))

    def test_a_newer_one_voids_it(self, helene: User) -> None:
        older = token_for(helene)
        answer_reset_request(address=helene.email, asked_at=SOON)
        newer = token_of(sent("UserPasswordReset")[-1])
        assert reset_proof(token=older, now=SOON) is None
        assert reset_proof(token=newer, now=SOON) == helene

    def test_the_database_keeps_one_open(self, helene: User) -> None:
        token_for(helene)
        columns = Proof.objects.values().get() | {"id": None, "token_hash": "other"}
        with pytest.raises(IntegrityError, match="proof_open_once"), transaction.atomic():
            Proof.objects.create(**columns)

    def test_any_change_of_the_password_voids_it(self, helene: User, admin: Actor) -> None:
        changes = [
            lambda: change_password(
                user_id=helene.pk, current_password=PASSWORD, new_password=NEW_PASSWORD, by=admin, now=SOON
            ),
            lambda: set_password(user_id=helene.pk, new_password=PASSWORD, by=admin, now=SOON),
            lambda: send_staff_welcome(user_id=helene.pk, by=admin, now=SOON),
        ]
        for number, change in enumerate(changes):
            answer_reset_request(address=helene.email, asked_at=NOW + timedelta(seconds=number))
            token = token_of(sent("UserPasswordReset")[-1])
            assert reset_proof(token=token, now=SOON) == helene
            change()
            assert reset_proof(token=token, now=SOON) is None

    def test_opens_nothing_for_a_deactivated_user_nor_after_the_return(self, helene: User) -> None:
        token = token_for(helene)
        deactivate(user_id=helene.pk, by=SYSTEM, now=NOW)
        assert reset_proof(token=token, now=SOON) is None
        reactivate(user_id=helene.pk, by=SYSTEM, now=NOW)
        assert reset_proof(token=token, now=SOON) is None

    @pytest.mark.django_db
    @pytest.mark.parametrize("token", ["", "x", "é" * 43, "\x00", "\ud800", "a" * 100_000])
    def test_an_unknown_one_is_refused_in_the_words_of_a_used_one(self, token: str) -> None:
        assert reset_proof(token=token, now=NOW) is None
        with pytest.raises(ProofRefused, match="no longer valid"):
            reset_password(token=token, new_password=NEW_PASSWORD, ip=IP, now=NOW)

    def test_that_of_a_verification_resets_nothing(self, helene: User) -> None:
        change_address(user_id=helene.pk, new_email="h@example.com", by=SYSTEM, now=NOW)
        assert reset_proof(token=token_of(the_one("EmailVerification")), now=NOW) is None

    def test_survives_a_weak_password(self, helene: User) -> None:
        token = token_for(helene)
        with pytest.raises(InvalidInput, match="new_password"):
            reset_password(token=token, new_password="password", ip=IP, now=SOON)
        reset_password(token=token, new_password=NEW_PASSWORD, ip=IP, now=SOON)


class TestAfterwards:
    def test_the_user_is_told_when_and_from_where(self, helene: User) -> None:
        reset_password(token=token_for(helene), new_password=NEW_PASSWORD, ip=IP, now=SOON)
        message = the_one("UserPasswordResetSuccess")
        assert (message.to_email, message.lane) == (helene.email, Lane.SECURITY)
        assert message.variables["change_date"] == "31 May 2026 at 14:05 CEST"
        assert message.variables["ip_address"] == IP

    def test_all_sessions_end(self, helene: User) -> None:
        browser = Client()
        browser.force_login(helene)
        reset_password(token=token_for(helene), new_password=NEW_PASSWORD, ip=IP, now=SOON)
        assert "_auth_user_id" in browser.session
        assert not browser.get("/i18n/setlang/").wsgi_request.user.is_authenticated

    def test_the_address_counts_as_verified(self, helene: User) -> None:
        assert helene.email_verified_at is None
        assert reset_password(token=token_for(helene), new_password=NEW_PASSWORD, ip=IP, now=SOON).email_verified_at

    def test_a_temporary_password_is_over(self, helene: User, admin: Actor) -> None:
        send_staff_welcome(user_id=helene.pk, by=admin, now=NOW)
        user = reset_password(token=token_for(helene), new_password=NEW_PASSWORD, ip=IP, now=SOON)
        assert not user.must_change_password

    def test_a_waiting_change_of_address_is_void(self, helene: User) -> None:
        change_address(user_id=helene.pk, new_email="thief@example.com", by=SYSTEM, now=NOW)
        reset_password(token=token_for(helene), new_password=NEW_PASSWORD, ip=IP, now=SOON)
        assert Proof.objects.get(purpose=Purpose.VERIFY).voided_at == SOON

    def test_it_is_in_the_audit_log_without_a_secret(self, helene: User) -> None:
        token = token_for(helene)
        reset_password(token=token, new_password=NEW_PASSWORD, ip=IP, now=SOON)
        (entry,) = entries("reset_completed")
        assert (entry.actor_id, entry.target_id, entry.ip, entry.detail) == (helene.pk, helene.pk, IP, {})
