"""The portal, as customers use it in Chromium: from signing up to reading what was sent to them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from omnicrm.customers.models import Customer
from omnicrm.emails.users import EmailVerification
from omnicrm.onboarding.models import PendingSignUp
from omnicrm.onboarding.sign_up import send_proof
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import enqueue
from omnicrm.selfcare.emails import PAGE_SIZE
from tests.browser.conftest import fits

pytestmark = pytest.mark.django_db(transaction=True)

OpenPage = Callable[..., Page]
SIZES = pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
PASSWORD = "correct horse battery"


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the pages say in one language."""

    language: str
    name: str
    email: str
    password: str
    create: str
    code: str
    go_on: str
    hello: str
    my_emails: str
    profile: str
    news: str
    no_news: str
    saved: str
    save: str
    phone: str


ENGLISH = Words(
    language="en",
    name="Your name",
    email="Email",
    password="Password",
    create="Create the account",
    code="Six-digit code",
    go_on="Continue",
    hello="Hello, Nina Roux",
    my_emails="My emails",
    profile="Profile",
    news="Send me news and offers",
    no_news="No more news and offers",
    saved="Your profile is saved.",
    save="Save",
    phone="Phone",
)
FRENCH = Words(
    language="fr",
    name="Votre nom",
    email="E-mail",
    password="Mot de passe",
    create="Créer le compte",
    code="Code à six chiffres",
    go_on="Continuer",
    hello="Bonjour, Nina Roux",
    my_emails="Mes e-mails",
    profile="Profil",
    news="M’envoyer actualités et offres",
    no_news="Ne plus recevoir d’actualités ni d’offres",
    saved="Votre profil est enregistré.",
    save="Enregistrer",
    phone="Téléphone",
)
BOTH = pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])


def begin(page: Page, words: Words) -> dict[str, str]:
    """Fills the form in; returns what the email says."""
    page.get_by_label(words.name, exact=True).fill("Nina Roux")
    page.get_by_label(words.email, exact=True).fill("nina@example.com")
    page.get_by_label(words.password, exact=True).fill(PASSWORD)
    page.get_by_role("button", name=words.create).click()
    expect(page.get_by_label(words.code)).to_be_focused()
    send_proof(sign_up_id=PendingSignUp.objects.get().pk, now=now())
    return dict(Message.objects.get().variables)


@BOTH
@SIZES
def test_a_stranger_becomes_a_customer(open_page: OpenPage, live_server: Any, words: Words, width: int) -> None:
    page = open_page(f"{live_server.url}/self-care/sign-up/", language=words.language, width=width)
    assert fits(page)
    email = begin(page, words)
    assert fits(page)
    page.get_by_label(words.code).fill(email["verification_code"])
    page.get_by_role("button", name=words.go_on).click()
    expect(page.get_by_role("heading", name=words.hello)).to_be_visible()
    assert fits(page)
    page.get_by_role("navigation").get_by_role("link", name=words.my_emails).click()
    page.locator(".rows a").first.click()
    expect(page.frame_locator("iframe").get_by_text("Nina Roux").first).to_be_visible()
    assert fits(page)


@BOTH
@SIZES
def test_a_customer_changes_the_profile(open_page: OpenPage, live_server: Any, words: Words, width: int) -> None:
    page = open_page(f"{live_server.url}/self-care/sign-up/", language=words.language, width=width)
    email = begin(page, words)
    page.get_by_label(words.code).fill(email["verification_code"])
    page.keyboard.press("Enter")
    page.get_by_role("navigation").get_by_role("link", name=words.profile).click()
    page.get_by_label(words.phone).fill("+33 1 23 45 67 89")
    page.get_by_role("button", name=words.save).click()
    expect(page.get_by_role("status")).to_have_text(words.saved)
    page.get_by_role("button", name=words.news).click()
    expect(page.get_by_role("button", name=words.no_news)).to_be_visible()
    assert fits(page)


def test_older_emails_come_without_leaving_the_page(open_page: OpenPage, live_server: Any) -> None:
    page = open_page(f"{live_server.url}/self-care/sign-up/")
    page.get_by_label(ENGLISH.code).fill(begin(page, ENGLISH)["verification_code"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=ENGLISH.hello)).to_be_visible()
    to = Recipient(email="nina@example.com", name="Nina", language="en", customer_id=Customer.objects.get().pk)
    for number in range(PAGE_SIZE):
        enqueue(EmailVerification.sample("en"), to=to, key=f"verification:{number}", now=now())
    page.get_by_role("navigation").get_by_role("link", name=ENGLISH.my_emails).click()
    expect(page.locator(".rows li")).to_have_count(PAGE_SIZE)
    page.get_by_role("link", name="Older").click()
    expect(page.locator(".rows li")).to_have_count(PAGE_SIZE + 1)
    assert "before" not in page.url


def test_the_link_works_without_javascript_and_elsewhere(open_page: OpenPage, live_server: Any) -> None:
    first = open_page(f"{live_server.url}/self-care/sign-up/", scripts=False)
    email = begin(first, ENGLISH)
    elsewhere = open_page(live_server.url + re.sub(r"^https?://[^/]+", "", email["verification_url"]), scripts=False)
    elsewhere.get_by_label("The password you chose").fill(PASSWORD)
    elsewhere.get_by_role("button", name=ENGLISH.create).click()
    expect(elsewhere.get_by_role("heading", name=ENGLISH.hello)).to_be_visible()
