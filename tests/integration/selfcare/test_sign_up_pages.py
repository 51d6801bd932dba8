"""The pages of a sign-up: the form, the code or link, and then the portal."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.models import User
from omnicrm.customers.models import Customer
from omnicrm.onboarding.models import PendingSignUp
from omnicrm.onboarding.sign_up import send_proof
from omnicrm.outbox.models import Message
from tests.integration.selfcare.conftest import PASSWORD

FORM = {
    "account_type": "Individual",
    "full_name": "Nina Roux",
    "email": "nina@example.com",
    "password": PASSWORD,
    "language": "en",
}
SIGN_UP, CODE = "/self-care/sign-up/", "/self-care/sign-up/code/"


@pytest.fixture
def browser(db: None) -> Client:
    return Client(headers={"accept-language": "en"})


def sent() -> dict[str, str]:
    """What the latest verification says."""
    message = Message.objects.filter(section="api_crmCommunicationEmailVerification").latest("id")
    return dict(message.variables)


def begin(browser: Client, **fields: str) -> PendingSignUp:
    response = browser.post(SIGN_UP, {**FORM, **fields})
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == CODE
    pending = PendingSignUp.objects.latest("asked_at")
    send_proof(sign_up_id=pending.pk, now=now())
    return pending


def path_of(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


def test_the_code_leads_into_the_portal(browser: Client) -> None:
    begin(browser)
    response = browser.post(CODE, {"code": sent()["verification_code"]}, follow=True)
    assert response.redirect_chain[-1] == ("/self-care/", 302)
    assert "Nina Roux" in response.content.decode()
    assert Customer.objects.get().customer_name == "Nina Roux"


def test_the_link_works_in_another_browser_with_the_password(browser: Client) -> None:
    begin(browser)
    elsewhere = Client(headers={"accept-language": "en"})
    address = path_of(sent()["verification_url"])
    assert "nina@example.com" in elsewhere.get(address).content.decode()
    response = elsewhere.post(address, {"current_password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1] == ("/self-care/", 302)


def test_a_scanner_that_opens_the_link_creates_nothing(browser: Client) -> None:
    begin(browser)
    for _ in range(3):
        assert Client().get(path_of(sent()["verification_url"])).status_code == 200
    assert not User.objects.exists()


def test_a_wrong_password_on_the_link_is_told_beside_the_field(browser: Client) -> None:
    begin(browser)
    response = browser.post(path_of(sent()["verification_url"]), {"current_password": "another one entirely"})
    assert "This is not your current password." in response.content.decode()
    assert not User.objects.exists()


def test_a_used_link_says_so(browser: Client) -> None:
    begin(browser)
    address = path_of(sent()["verification_url"])
    browser.post(CODE, {"code": sent()["verification_code"]})
    response = Client().get(address)
    assert response.status_code == 404
    assert b"This link opens nothing" in response.content or "ouvre" in response.content.decode()


def test_an_address_with_an_account_is_answered_word_for_word_alike(browser: Client, zoe: User) -> None:
    pages = []
    for email in ("nina@example.com", "nora@example.com", zoe.email):
        visitor = Client(headers={"accept-language": "en"})
        begin(visitor, email=email)
        shown = visitor.get(CODE).content.decode().replace(email, "ADDRESS")
        pages.append(re.sub(r'value="[A-Za-z0-9]{64}"', "", re.sub(r"\b\d+</span>|data-wait=\"\d+\"", "", shown)))
    assert pages[0] == pages[1] == pages[2]


def test_a_weak_password_is_refused_with_the_rule(browser: Client) -> None:
    response = browser.post(SIGN_UP, {**FORM, "password": "password"})
    assert "too common" in response.content.decode()


def test_marketing_is_not_ticked_beforehand(browser: Client) -> None:
    shown = browser.get(SIGN_UP).content.decode()
    box = re.search(r"<input[^>]*wants_marketing[^>]*>", shown)
    assert box
    assert "checked" not in box[0]


def test_the_code_page_without_a_sign_up_leads_to_the_form(browser: Client) -> None:
    response = browser.get(CODE)
    assert (response.status_code, response["Location"]) == (302, SIGN_UP)


def test_another_email_within_the_cool_down_is_refused_in_words(browser: Client) -> None:
    begin(browser)
    response = browser.post("/self-care/sign-up/again/", follow=True)
    assert "Try again in" in response.content.decode()


def test_who_is_signed_in_needs_no_account(at_zoes: Client) -> None:
    response = at_zoes.get(SIGN_UP)
    assert (response.status_code, response["Location"]) == (302, "/self-care/")


def test_the_sign_in_page_leads_to_signing_up(browser: Client) -> None:
    assert f'href="{SIGN_UP}"' in browser.get(reverse("account_login")).content.decode()


def test_what_was_typed_stays_but_for_the_password(browser: Client) -> None:
    shown = browser.post(SIGN_UP, {**FORM, "email": "no address"}).content.decode()
    assert "Nina Roux" in shown
    assert PASSWORD not in shown
