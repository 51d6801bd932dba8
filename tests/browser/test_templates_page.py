"""The templates pages, as staff see and use them in Chromium."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from omnicrm.outbox.models import Message
from tests.browser.conftest import fits, sign_in
from tests.integration.backoffice.scene import customer, staff

pytestmark = pytest.mark.django_db(transaction=True)

OpenPage = Callable[..., Page]
Enter = Callable[..., Page]


@pytest.fixture
def enter(open_page: OpenPage, live_server: Any) -> Enter:
    """`enter("fr", width=390)`: the templates, as an administrator who has signed in sees them.

    What the browser complains of, such as what a policy blocks, fails the test by `complaints`.
    """

    def act(language: str, **options: Any) -> Page:
        page = open_page(language=language, **options)
        sign_in(page, staff(language=language), at=live_server.url)
        page.goto(f"{live_server.url}/backoffice/templates/")
        return page

    return act


def complaints_of(page: Page) -> list[str]:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    return complaints


def test_an_email_is_looked_at_and_tested_on_a_desktop(enter: Enter) -> None:
    page = enter("en", width=1280)
    complaints = complaints_of(page)
    assert fits(page)
    page.locator(".bo-emails").get_by_role("link", name="Customer welcome").click()
    for language, name in {"French": "Hélène Lefèvre", "English": "Helen Smith"}.items():
        frame = page.frame_locator(f'iframe[title="Customer welcome, {language}"]')
        expect(frame.get_by_text(name).first).to_be_visible()
    page.get_by_role("link", name="Text", exact=True).click()
    expect(page.locator(".bo-sample .bo-text").last).to_contain_text("Helen Smith")
    expect(page.locator("iframe")).to_have_count(0)
    page.get_by_label("Address").fill("ada@yourcompany.com")
    page.get_by_role("button", name="Send the test").click()
    page.get_by_role("link", name="See what becomes of it").click()
    expect(page.get_by_role("heading", name="Customer welcome → ada@yourcompany.com")).to_be_visible()
    assert Message.objects.get().subject.startswith("[TEST] ")
    assert fits(page)
    assert complaints == []


def test_an_email_is_looked_at_on_a_phone_in_french(enter: Enter) -> None:
    page = enter("fr", width=390, height=844)
    complaints = complaints_of(page)
    assert fits(page)
    page.get_by_text("Comment concevoir un modèle").click()
    expect(page.get_by_role("link", name="Modèles transactionnels")).to_be_visible()
    assert fits(page)
    page.locator(".bo-emails").get_by_role("link", name="Vérification d’adresse").click()
    page.get_by_role("link", name="Téléphone", exact=True).click()
    page.locator("iframe").first.scroll_into_view_if_needed()
    expect(page.frame_locator("iframe >> nth=0").get_by_text("Claire Fontaine").first).to_be_visible()
    expect(page.get_by_text("Cet e-mail n’est pas configuré")).to_be_visible()
    expect(page.get_by_role("button", name="Envoyer le test")).to_have_count(0)
    assert fits(page)
    assert complaints == []


def test_a_customers_data_is_chosen_while_typing(enter: Enter) -> None:
    customer("Boulangerie Zoé", email="zoe@example.com")
    page = enter("en", width=1280)
    complaints = complaints_of(page)
    page.locator(".bo-emails").get_by_role("link", name="Customer welcome").click()
    page.get_by_role("searchbox", name="With a customer’s own data").press_sequentially("boul")
    page.get_by_role("link", name="Boulangerie Zoé").click()
    for language in ("French", "English"):
        frame = page.frame_locator(f'iframe[title="Customer welcome, {language}"]')
        expect(frame.get_by_text("Boulangerie Zoé").first).to_be_visible()
    page.get_by_role("link", name="Dark", exact=True).click()
    expect(page.get_by_role("heading", name="for Boulangerie Zoé")).to_be_visible()
    background = page.frame_locator("iframe >> nth=0").locator("body")
    expect(background).not_to_have_css("background-color", "rgb(255, 255, 255)")
    assert fits(page)
    assert complaints == []


def test_without_scripts_a_customer_is_found_and_the_views_are_switched(enter: Enter) -> None:
    customer("Boulangerie Zoé", email="zoe@example.com")
    page = enter("en", width=390, height=844, scripts=False)
    page.locator(".bo-emails").get_by_role("link", name="Customer welcome").click()
    page.get_by_role("searchbox", name="With a customer’s own data").fill("zoe@")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Boulangerie Zoé").click()
    page.get_by_role("link", name="Text", exact=True).click()
    expect(page.locator(".bo-sample .bo-text").first).to_contain_text("Bonjour Boulangerie Zoé,")
    page.get_by_role("link", name="Back to sample data").click()
    expect(page.locator(".bo-sample .bo-text").first).to_contain_text("Hélène Lefèvre")
