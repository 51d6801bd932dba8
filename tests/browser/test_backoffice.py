"""The back office, as staff see and use it in Chromium."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.roles import Role
from omnicrm.customers.models import Customer
from omnicrm.onboarding.operations import register_customer
from omnicrm.outbox.models import Message, Pause
from omnicrm.outbox.states import State
from tests.browser.conftest import fits, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

OpenPage = Callable[..., Page]
SIZES = pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
EMAIL, PASSWORD = "ada@yourcompany.com", "correct horse 42"


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the screens say in one language."""

    language: str
    waiting: str
    first_name: str
    add_customer: str
    welcome_queued: str
    welcome: str
    queued: str
    queue_again: str
    queued_again: str
    paused: str
    other_language: str


ENGLISH = Words(
    language="en",
    waiting="Waiting to be sent",
    first_name="First name",
    add_customer="Add the customer",
    welcome_queued="Welcome email queued for zoe@example.com.",
    welcome="Customer welcome",
    queued="queued",
    queue_again="Queue again",
    queued_again="1 message is queued again.",
    paused="Sending is paused.",
    other_language="français",
)
FRENCH = Words(
    language="fr",
    waiting="En attente d’envoi",
    first_name="Prénom",
    add_customer="Ajouter le client",
    welcome_queued="E-mail de bienvenue mis en file pour zoe@example.com.",
    welcome="Bienvenue client",
    queued="en file",
    queue_again="Remettre en file",
    queued_again="1 message est remis en file.",
    paused="L’envoi est en pause.",
    other_language="English",
)
BOTH = pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])


Enter = Callable[..., Page]


def ada(language: str) -> User:
    return create_user(
        email=EMAIL, full_name="Ada Minot", role=Role.ADMIN, language=language, password=PASSWORD, now=now()
    )


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def enter(open_page: OpenPage, live_server: Any) -> Enter:
    """`enter(words, width=390)`: the dashboard, as an administrator who has signed in sees it."""

    def act(words: Words, **options: Any) -> Page:
        page = open_page(language=words.language, **options)
        sign_in(page, ada(words.language), at=live_server.url)
        page.goto(f"{live_server.url}/backoffice/")
        return page

    return act


def zoe() -> Message:
    contacts = [{"first_name": "Zoé", "last_name": "Perrin", "email": "zoe@example.com"}]
    registered = register_customer(now=now(), customer_name="Boulangerie du Port", contacts=contacts)
    return Message.objects.get(customer=registered.customer)


def go(page: Page, path: str) -> None:
    page.goto(re.sub(r"/backoffice/.*", f"/backoffice/{path}", page.url))


@BOTH
@SIZES
def test_a_new_customer_is_welcomed(enter: Enter, words: Words, width: int) -> None:
    page = enter(words, width=width)
    go(page, "customers/customer/")
    page.locator('a[href*="/customer/add/"]').first.click()
    page.locator("#id_customer_name").fill("Boulangerie du Port")
    page.get_by_label(words.first_name).fill("Zoé")
    page.locator("#id_email").fill("zoe@example.com")
    page.get_by_role("button", name=words.add_customer).click()
    expect(page.get_by_text(words.welcome_queued)).to_be_visible()
    message = page.locator(".bo-rows li").filter(has_text=words.welcome)
    expect(message).to_contain_text(words.queued)
    assert Message.objects.get().to_email == "zoe@example.com"
    message.get_by_role("link").click()
    expect(page.locator(".bo-timeline")).to_be_visible()
    assert fits(page)


@BOTH
def test_a_refused_message_is_queued_again(enter: Enter, words: Words) -> None:
    message = zoe()
    Message.objects.update(state=State.REFUSED, reason="send-0010: no such template")
    page = enter(words)
    page.locator(".bo-rows a").filter(has_text=words.welcome).click()
    expect(page.get_by_text("send-0010: no such template").first).to_be_visible()
    page.get_by_role("link", name=words.queue_again).click()
    page.get_by_role("button", name=words.queue_again).click()
    expect(page.get_by_text(words.queued_again)).to_be_visible()
    message.refresh_from_db()
    assert message.state == State.QUEUED


def test_several_messages_are_chosen_and_cancelled(enter: Enter) -> None:
    zoe()
    page = enter(ENGLISH)
    go(page, "outbox/message/")
    page.locator("input.action-select").first.check()
    page.get_by_label("Select action to run").select_option("cancel")
    page.get_by_role("button", name="Run").click()
    page.get_by_label("Reason").fill("Recalled")
    page.get_by_role("button", name="Cancel the email").click()
    expect(page.get_by_text("1 message is cancelled.")).to_be_visible()
    expect(page.locator("#result_list")).to_contain_text("Recalled")


@pytest.mark.parametrize(("words", "width"), [(ENGLISH, 1280), (FRENCH, 390)], ids=["english", "french"])
def test_the_dashboard_refreshes_itself(enter: Enter, words: Words, width: int) -> None:
    page = enter(words, width=width)
    expect(page.get_by_text(words.paused)).to_have_count(0)
    Pause.objects.create(until=now() + timedelta(minutes=5), since=now(), reason="too many requests")
    expect(page.get_by_text(words.paused)).to_be_visible()
    assert fits(page)


def come_back_to(page: Page) -> None:
    """As when one returns to the tab, which refreshes at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_refresh_takes_the_focus_from_nobody(enter: Enter) -> None:
    page = enter(ENGLISH)
    card = page.locator("a.bo-card").nth(1)
    card.focus()
    zoe()
    come_back_to(page)
    expect(card).to_contain_text("1")
    expect(card).to_be_focused()


def test_the_dashboard_says_when_its_figures_grow_old(enter: Enter) -> None:
    page = enter(ENGLISH)
    page.route("**/figures/", lambda route: route.abort())
    come_back_to(page)
    expect(page.get_by_text("The figures are no longer up to date")).to_be_visible()
    page.unroute("**/figures/")
    come_back_to(page)
    expect(page.get_by_text("As of")).to_be_visible()


def test_who_was_signed_out_meanwhile_is_led_to_the_sign_in_page(enter: Enter) -> None:
    page = enter(ENGLISH)
    page.context.clear_cookies(name="sessionid")
    come_back_to(page)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_without_scripts_the_pages_still_work(enter: Enter) -> None:
    zoe()
    page = enter(ENGLISH, scripts=False)
    expect(page.get_by_role("link", name="Refresh the figures")).to_be_visible()
    go(page, f"customers/customer/{Customer.objects.get().pk}/change/")
    page.locator("#id_customer_name").fill("Boulangerie Neuve")
    page.locator('[name="attributes-name"]').last.fill("plan")
    page.locator('[name="attributes-value"]').last.fill("Fibre")
    page.get_by_role("button", name="Save", exact=True).click()
    changed = Customer.objects.get()
    assert (changed.customer_name, changed.attributes) == ("Boulangerie Neuve", {"plan": "Fibre"})


def test_attributes_are_added_and_removed_row_by_row(enter: Enter) -> None:
    zoe()
    Customer.objects.update(attributes={"plan": "Fibre", "lines": 2})
    page = enter(ENGLISH)
    go(page, f"customers/customer/{Customer.objects.get().pk}/change/")
    page.get_by_role("button", name="Remove the attribute").first.click()
    page.get_by_role("button", name="Add an attribute").click()
    page.keyboard.type("site")
    page.keyboard.press("Tab")
    page.keyboard.type("Brest")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Customer.objects.get().attributes == {"lines": 2, "site": "Brest"}


@BOTH
def test_the_language_is_switched_in_the_user_menu_by_keyboard(enter: Enter, words: Words) -> None:
    page = enter(words)
    page.locator("#nav-sidebar [role=button]").last.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=words.other_language).click()
    other = FRENCH if words is ENGLISH else ENGLISH
    expect(page.get_by_role("heading", name=other.waiting)).to_be_visible()


def test_icons_have_names_that_can_be_read_aloud(enter: Enter) -> None:
    page = enter(ENGLISH)
    expect(page.get_by_role("link", name="Dashboard", exact=True)).to_be_visible()
    go(page, "customers/customer/")
    expect(page.locator("#main").get_by_role("link", name="Add customer").first).to_be_visible()


def test_the_menu_opens_on_a_phone_by_keyboard(enter: Enter) -> None:
    page = enter(ENGLISH, width=390)
    customers = page.get_by_role("link", name="Customers", exact=True)
    expect(customers).to_be_hidden()
    page.get_by_role("button", name="Menu").last.focus()
    page.keyboard.press("Enter")
    customers.click()
    expect(page.get_by_text("There is no customer yet.")).to_be_visible()


def test_filters_open_by_keyboard(enter: Enter) -> None:
    zoe()
    page = enter(ENGLISH)
    go(page, "outbox/message/")
    page.get_by_role("button", name="Filters").focus()
    page.keyboard.press("Enter")
    page.locator("#changelist-filter").get_by_role("link", name="refused by Mailjet").click()
    expect(page.get_by_text("Nothing was found.")).to_be_visible()


def test_times_are_those_of_the_browser(enter: Enter) -> None:
    message = zoe()
    Message.objects.update(created_at="2026-07-14T10:00:05+00:00")
    page = enter(ENGLISH)
    montreal = {"timezoneId": "America/Montreal"}
    page.context.new_cdp_session(page).send("Emulation.setTimezoneOverride", montreal)
    page.reload()
    go(page, f"outbox/message/{message.id}/change/")
    expect(page.locator(".bo-timeline")).to_contain_text("14 Jul 2026, 06:00:05")


@BOTH
@SIZES
def test_every_page_fits_the_screen_and_breaks_no_rule(enter: Enter, words: Words, width: int) -> None:
    message = zoe()
    page = enter(words, width=width)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    customer = f"customers/customer/{message.customer_id}"
    for path in (
        "",
        "customers/customer/",
        "customers/customer/add/",
        f"{customer}/change/",
        f"{customer}/change/#contacts",
        f"{customer}/change/#services",
        f"{customer}/erase/",
        "outbox/message/",
        f"outbox/message/{message.id}/change/",
        f"outbox/message/{message.id}/cancel/",
        "outbox/suppression/",
        "outbox/suppression/add/",
        "send/",
        "templates/",
        "templates/api_crmCommunicationCustomerWelcome/",
        f"templates/api_crmCommunicationCustomerWelcome/?view=text&customer={message.customer_id}",
        "accounts/user/",
        "accounts/user/add/",
        "accounts/apikey/",
        "accounts/apikey/add/",
    ):
        go(page, path)
        expect(page.locator("#main")).to_be_visible()
        assert fits(page), path
    assert complaints == []
