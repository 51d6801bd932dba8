"""Browsers at the account pages, and the people in front of them."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from allauth.mfa.utils import decrypt
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.operations.resets import answer_reset_request
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Entry
from omnicrm.customers.models import Customer
from omnicrm.onboarding.operations import register_customer
from omnicrm.outbox.models import Message

PASSWORD = "correct horse 42"
ADDRESS = "ada@yourcompany.com"
SIGN_IN = reverse("account_login")
HOME = reverse("account_home")
BACK_OFFICE = reverse("admin:index")


class Browser(Client):
    """Of somebody who reads English, as long as the site does not know their language."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(**{"HTTP_ACCEPT_LANGUAGE": "en", **defaults})


@pytest.fixture
def client() -> Browser:
    return Browser()


@pytest.fixture(autouse=True)
def _no_attempts_yet(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ada(db: None) -> User:
    """An administrator who reads English."""
    return create_user(
        email=ADDRESS, full_name="Ada Minot", role=Role.ADMIN, language="en", password=PASSWORD, now=now()
    )


@pytest.fixture
def customer(db: None) -> Customer:
    contacts = [{"first_name": "Hélène", "last_name": "Martin", "email": "helene@example.com"}]
    return register_customer(now=now(), customer_name="Boulangerie Martin", contacts=contacts).customer


@pytest.fixture
def helene(customer: Customer) -> User:
    """Somebody of a customer, who reads French."""
    return create_user(
        email="helene@example.com",
        full_name="Hélène Martin",
        role=Role.CUSTOMER,
        customer_id=customer.pk,
        language="fr",
        password=PASSWORD,
        is_staff=False,
        now=now(),
    )


def sign_in(browser: Client, email: str = ADDRESS, password: str = PASSWORD, *, to: str = SIGN_IN, **more: str) -> Any:
    """What the form answers."""
    return browser.post(to, {"login": email, "password": password, **more})


def signed_in(user: User) -> Browser:
    """A browser in which the user has just signed in by password, and code where they have a second factor."""
    browser = Browser()
    response = sign_in(browser, user.email)
    assert response.status_code == 302, response.content.decode()
    if response["Location"] == reverse("mfa_authenticate"):
        browser.post(response["Location"], {"code": code_of(user)})
    return browser


def with_second_factor(user: User) -> User:
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    return user


def code_of(user: User) -> str:
    """What the user's app shows now."""
    secret = Authenticator.objects.get(user=user, type="totp").wrap()
    return code_for(_secret_of(secret))


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, list(counters())[1]))


def _secret_of(totp: TOTP) -> str:

    return decrypt(totp.instance.data["secret"])


def recovery_codes_of(user: User) -> list[str]:
    codes: list[str] = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    return codes


def trail() -> list[str]:
    """What the audit log tells of people, oldest first."""
    return list(Entry.objects.order_by("id").exclude(action="user_created").values_list("action", flat=True))


def words(response: Any) -> str:
    """The text of a page as it is read: without tags, in one line."""
    html = re.sub(r"<(script|style|head).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def headers_of(response: Any) -> dict[str, str]:
    """All but the time of day."""
    return {name: value for name, value in response.headers.items() if name != "Expires"}


def is_signed_in(browser: Client) -> bool:
    return browser.get(HOME).status_code != 302


def link_in(section: str) -> str:
    """The path of the link in the newest queued email of that section."""
    variables = Message.objects.filter(section__endswith=section).order_by("-created_at")[0].variables
    return urlsplit(variables.get("reset_url") or variables["verification_url"]).path


def code_in_email() -> str:
    code: str = (
        Message.objects.filter(section__endswith="EmailVerification")
        .latest("created_at")
        .variables["verification_code"]
    )
    return code


def ask_for_reset(user: User) -> str:
    """The path of the link that arrives in the user's inbox."""
    answer_reset_request(address=user.email, asked_at=now())
    return link_in("UserPasswordReset")
