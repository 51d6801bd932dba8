"""Signing up in self-care: an address is proven first, and nobody learns who has an account."""

import asyncio
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from psycopg import AsyncConnection

from omnicrm.accounts.errors import ProofRefused, TooOften, WrongCode, WrongPassword
from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import ConsentSource, Contact, Customer
from omnicrm.onboarding.guards import NO_SIGN_UP
from omnicrm.onboarding.models import PendingSignUp
from omnicrm.onboarding.sign_up import (
    awaited,
    confirm_by_code,
    confirm_by_link,
    forget_old,
    resend,
    send_proof,
    sign_up,
)
from omnicrm.outbox.guards import Reasons, no_longer_true
from omnicrm.outbox.models import Message
from omnicrm.outbox.runtime import conninfo
from tests.integration.onboarding.conftest import NOW, WELCOME, welcomes_to

VERIFICATION = "api_crmCommunicationEmailVerification"
RESET = "api_crmCommunicationUserPasswordReset"
ADDRESS = "zoe@example.com"
PASSWORD = "correct horse battery"
IP = "203.0.113.7"

SignUp = Callable[..., PendingSignUp]


@pytest.fixture
def sign_up_mailed(db: None) -> SignUp:
    """`sign_up_mailed(email=...)`: has signed up, and the job has run."""

    def act(**fields: object) -> PendingSignUp:
        given = {
            "email": ADDRESS,
            "full_name": "Zoé Petit",
            "password": PASSWORD,
            "language": "fr",
            "wants_marketing": False,
        }
        pending = sign_up(**{**given, **fields}, ip=IP, now=NOW)  # type: ignore[arg-type]  # each test gives its own
        send_proof(sign_up_id=pending.pk, now=NOW)
        return pending

    return act


def mails_to(address: str = ADDRESS, section: str = VERIFICATION) -> list[Message]:
    return list(Message.objects.filter(to_email=address, section=section).order_by("id"))


def code_sent() -> str:
    return str(mails_to()[-1].variables["verification_code"])


def token_sent() -> str:
    found = re.search(r"/self-care/sign-up/([^/]+)/$", mails_to()[-1].variables["verification_url"])
    assert found
    return found[1]


def test_nothing_is_created_before_the_address_is_proven(sign_up_mailed: SignUp) -> None:
    sign_up_mailed()
    assert not Customer.objects.exists()
    assert not User.objects.exists()
    assert len(mails_to()) == 1


def test_the_code_makes_a_customer_with_a_user_and_a_welcome(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    done = confirm_by_code(sign_up_id=pending.pk, code=code_sent(), ip=IP, now=NOW)
    assert done.is_new_customer
    assert done.user.customer == done.customer
    assert (done.user.role, done.user.is_staff, done.user.email_verified_at) == (Role.CUSTOMER, False, NOW)
    assert done.user.check_password(PASSWORD)
    assert done.customer.customer_name == "Zoé Petit"
    assert len(welcomes_to(done.customer)) == 1


def test_the_link_with_the_chosen_password_does_the_same(sign_up_mailed: SignUp) -> None:
    sign_up_mailed()
    done = confirm_by_link(token=token_sent(), password=PASSWORD, ip=IP, now=NOW)
    assert done.user.email == ADDRESS


def test_a_link_alone_completes_nothing_that_a_stranger_began(sign_up_mailed: SignUp) -> None:
    sign_up_mailed()
    with pytest.raises(WrongPassword):
        confirm_by_link(token=token_sent(), password="not the stranger's", ip=IP, now=NOW)
    assert not User.objects.exists()


def test_looking_at_a_link_uses_nothing_up(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    assert awaited(token=token_sent(), now=NOW) == pending
    assert awaited(token=token_sent(), now=NOW) == pending


def test_neither_works_twice(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    code, token = code_sent(), token_sent()
    confirm_by_code(sign_up_id=pending.pk, code=code, ip=IP, now=NOW)
    with pytest.raises(ProofRefused):
        confirm_by_code(sign_up_id=pending.pk, code=code, ip=IP, now=NOW)
    with pytest.raises(ProofRefused):
        confirm_by_link(token=token, password=PASSWORD, ip=IP, now=NOW)
    assert User.objects.count() == 1


def test_five_wrong_codes_are_the_end(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    right = code_sent()
    wrong = "000000" if right != "000000" else "111111"
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as refusal:
            confirm_by_code(sign_up_id=pending.pk, code=wrong, ip=IP, now=NOW)
        assert refusal.value.tries_left == left
    for code in (wrong, right):
        with pytest.raises(ProofRefused):
            confirm_by_code(sign_up_id=pending.pk, code=code, ip=IP, now=NOW)


def test_a_code_may_be_typed_with_spaces(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    code = code_sent()
    confirm_by_code(sign_up_id=pending.pk, code=f" {code[:3]} {code[3:]} ", ip=IP, now=NOW)


def test_an_address_with_a_user_is_answered_alike_and_mailed_a_way_in(sign_up_mailed: SignUp) -> None:
    create_user(email="Zoe@example.com", full_name="Zoé Petit", role=Role.SUPPORT, password=PASSWORD, now=NOW)
    pending = sign_up_mailed()
    assert mails_to() == []
    assert len(mails_to("Zoe@example.com", RESET)) == 1
    with pytest.raises(WrongCode):
        confirm_by_code(sign_up_id=pending.pk, code="000000", ip=IP, now=NOW)


def test_a_sign_up_without_a_code_cannot_be_confirmed_by_an_empty_one(db: None) -> None:
    create_user(email=ADDRESS, full_name="Zoé Petit", role=Role.SUPPORT, password=PASSWORD, now=NOW)
    pending = sign_up(
        email=ADDRESS, full_name="Z", password=PASSWORD, language="fr", wants_marketing=False, ip=IP, now=NOW
    )
    with pytest.raises(WrongCode):
        confirm_by_code(sign_up_id=pending.pk, code="", ip=IP, now=NOW)


def test_a_known_contact_joins_the_customer_and_is_not_welcomed_twice(sign_up_mailed: SignUp, durand: Customer) -> None:
    pending = sign_up_mailed(email="paul@example.com")
    code = str(mails_to("paul@example.com")[-1].variables["verification_code"])
    done = confirm_by_code(sign_up_id=pending.pk, code=code, ip=IP, now=NOW)
    assert (done.customer, done.is_new_customer) == (durand, False)
    assert Customer.objects.count() == 1
    assert len(welcomes_to(durand)) == 1


def test_nobody_agrees_to_marketing_unasked(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    confirm_by_code(sign_up_id=pending.pk, code=code_sent(), ip=IP, now=NOW)
    assert Contact.objects.get().marketing_consent_at is None


def test_who_ticked_the_box_has_agreed_in_self_care(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed(wants_marketing=True)
    confirm_by_code(sign_up_id=pending.pk, code=code_sent(), ip=IP, now=NOW)
    contact = Contact.objects.get()
    assert (contact.marketing_consent_at, contact.marketing_consent_source) == (NOW, ConsentSource.SELF_CARE)


def test_a_business_gives_its_name(sign_up_mailed: SignUp) -> None:
    with pytest.raises(InvalidInput, match="name of the company"):
        sign_up_mailed(account_type="Business")
    pending = sign_up_mailed(account_type="Business", company_name="Boulangerie Petit")
    done = confirm_by_code(sign_up_id=pending.pk, code=code_sent(), ip=IP, now=NOW)
    assert done.customer.customer_name == "Boulangerie Petit"
    assert done.customer.contacts.get().full_name == "Zoé Petit"


def test_a_weak_password_is_refused_before_anything_is_stored(sign_up_mailed: SignUp) -> None:
    with pytest.raises(InvalidInput, match="too common"):
        sign_up_mailed(password="password")
    assert not PendingSignUp.objects.exists()


def test_the_password_is_stored_hashed(sign_up_mailed: SignUp) -> None:
    assert PASSWORD not in PendingSignUp.objects.get(pk=sign_up_mailed().pk).password


def test_another_email_has_a_new_code_and_the_first_is_void(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    old = token_sent()
    later = NOW + timedelta(seconds=61)
    resend(sign_up_id=pending.pk, now=later)
    send_proof(sign_up_id=pending.pk, now=later)
    assert awaited(token=old, now=later) is None
    assert awaited(token=token_sent(), now=later) == pending


def test_another_email_waits_for_the_cool_down(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    with pytest.raises(TooOften):
        resend(sign_up_id=pending.pk, now=NOW + timedelta(seconds=59))


def test_one_address_is_mailed_five_times_an_hour_at_most(sign_up_mailed: SignUp) -> None:
    for _ in range(5):
        sign_up_mailed()
    with pytest.raises(TooOften):
        sign_up_mailed()


def test_a_sign_up_that_ran_out_is_refused_and_forgotten(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    late = pending.expires_at
    with pytest.raises(ProofRefused):
        confirm_by_code(sign_up_id=pending.pk, code=code_sent(), ip=IP, now=late)
    assert forget_old(now=late) == 1


def test_the_job_may_run_late_or_twice(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    send_proof(sign_up_id=pending.pk, now=NOW)
    confirm_by_code(sign_up_id=pending.pk, code=code_sent(), ip=IP, now=NOW)
    send_proof(sign_up_id=pending.pk, now=NOW)
    assert len(mails_to()) == 2


@pytest.mark.django_db(transaction=True)
def test_an_email_whose_code_is_outdated_does_not_leave(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    send_proof(sign_up_id=pending.pk, now=NOW)
    old, new = mails_to()

    async def ask() -> Reasons:
        async with await AsyncConnection.connect(conninfo(), autocommit=True) as connection:
            return await no_longer_true(connection, VERIFICATION, [old.id, new.id])

    assert asyncio.run(ask()) == {old.id: NO_SIGN_UP}


def test_a_welcome_of_the_catalogue_is_what_goes_out(sign_up_mailed: SignUp) -> None:
    pending = sign_up_mailed()
    confirm_by_code(sign_up_id=pending.pk, code=code_sent(), ip=IP, now=NOW)
    assert mails_to(section=WELCOME)[0].variables["customer_name"] == "Zoé Petit"
