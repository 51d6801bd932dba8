"""The account pages, as staff and customers see and use them in Chromium."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.utils.timezone import now
from playwright.sync_api import Locator, Page, expect

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user
from omnicrm.accounts.operations.resets import answer_reset_request
from omnicrm.accounts.roles import Role
from omnicrm.outbox.models import Message

pytestmark = pytest.mark.django_db(transaction=True)

OpenPage = Callable[..., Page]
At = Callable[..., Page]
EMAIL, PASSWORD, BETTER = "ada@yourcompany.com", "correct horse 42", "better horse 43"
BOTH = pytest.mark.parametrize(
    ("language", "width", "dark"),
    [("en", 1280, False), ("fr", 390, True)],
    ids=["english desktop", "french phone dark"],
)
"""Texts are found by their place, so that a test need not know both languages by heart."""


@pytest.fixture(autouse=True)
def _no_attempts_yet(transactional_db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture
def width() -> int:
    return 1280


@pytest.fixture
def dark() -> bool:
    return False


@pytest.fixture
def ada(language: str, transactional_db: None) -> User:
    return create_user(
        email=EMAIL, full_name="Ada Minot", role=Role.ADMIN, language=language, password=PASSWORD, now=now()
    )


@pytest.fixture
def at(open_page: OpenPage, live_server: Any, language: str, width: int, dark: bool) -> At:
    """`at("/account/")`: that page in a fresh browser."""
    return lambda path, **options: open_page(
        f"{live_server.url}{path}", language=language, width=width, dark=dark, **options
    )


@pytest.fixture
def signed_in(at: At, ada: User) -> At:
    """As `at`, after signing in."""

    def act(path: str, **options: Any) -> Page:
        page = at(f"/account/sign-in/?next={path}", **options)
        sign_in(page)
        shows(page, path)
        return page

    return act


def sign_in(page: Page, password: str = PASSWORD) -> None:
    fill(page, login=EMAIL, password=password)
    submit(page)


def fill(page: Page, **typed: str) -> None:
    for name, text in typed.items():
        page.locator(f"[name={name}]").fill(text)


def submit(page: Page) -> None:
    page.locator("main form .button").first.click()


def alert(page: Page) -> Locator:
    return page.get_by_role("alert")


def shows(page: Page, path: str) -> None:
    """The page is open, and nothing of it lies beyond the right edge."""
    expect(page).to_have_url(re.compile(rf"{re.escape(path)}(\?.*)?$"))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def link_in(section: str, variable: str) -> str:
    return urlsplit(Message.objects.get(section__endswith=section).variables[variable]).path


@BOTH
def test_who_mistypes_is_told_so_and_gets_in_with_the_right_password(ada: User, at: At) -> None:
    page = at("/account/sign-in/")
    expect(page.locator("[name=login]")).to_be_focused()
    sign_in(page, "wrong")
    expect(alert(page)).to_be_visible()
    expect(page.locator("[name=login]")).to_have_value(EMAIL)
    sign_in(page)
    shows(page, "/backoffice/")


@BOTH
def test_a_forgotten_password_is_set_anew_by_the_link(ada: User, at: At) -> None:
    page = at("/account/sign-in/")
    page.locator("a[href='/account/forgot/']").click()
    fill(page, email=EMAIL)
    submit(page)
    shows(page, "/account/forgot/sent/")
    answer_reset_request(address=EMAIL, asked_at=now())
    page = at(link_in("UserPasswordReset", "reset_url"))
    shows(page, "/account/reset/")
    fill(page, new_password=BETTER, new_password_again="something else")
    submit(page)
    expect(page.locator("#id_new_password_again_error")).to_be_visible()
    fill(page, new_password=BETTER, new_password_again=BETTER)
    submit(page)
    shows(page, "/account/sign-in/")
    sign_in(page, BETTER)
    shows(page, "/backoffice/")


@BOTH
def test_a_temporary_password_is_exchanged_before_anything_else(ada: User, at: At) -> None:
    User.objects.update(temporary_password_until=now().replace(year=now().year + 1))
    page = at("/account/sign-in/")
    sign_in(page)
    shows(page, "/account/password/")
    expect(page.locator(".tabs")).to_have_count(0)
    fill(page, current_password=PASSWORD, new_password=BETTER, new_password_again=BETTER)
    submit(page)
    shows(page, "/backoffice/")


@BOTH
def test_a_second_factor_is_set_up_and_asked_for(at: At, signed_in: At) -> None:
    page = signed_in("/account/second-factor/")
    submit_link(page)
    shows(page, "/account/second-factor/set-up/")
    expect(page.locator(".qr svg")).to_be_visible()
    secret = page.locator("#authenticator_secret").inner_text().replace(" ", "")
    fill(page, code=format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1])))
    submit(page)
    shows(page, "/account/second-factor/codes/")
    code = page.locator(".codes code").first.inner_text()
    page = at("/account/sign-in/")
    sign_in(page)
    shows(page, "/account/sign-in/code/")
    fill(page, code=code)
    submit(page)
    shows(page, "/backoffice/")


def submit_link(page: Page) -> None:
    page.locator("main a.button").first.click()


@BOTH
def test_a_new_address_is_verified_by_its_code(signed_in: At, ada: User) -> None:
    page = signed_in("/account/address/")
    fill(page, new_email="ada@newhome.example")
    submit(page)
    shows(page, "/account/verify/")
    expect(page.locator("[data-wait]")).to_be_disabled()
    fill(page, code=Message.objects.get(section__endswith="EmailVerification").variables["verification_code"])
    submit(page)
    shows(page, "/account/")
    expect(page.locator(".facts")).to_contain_text("ada@newhome.example")


def test_the_button_opens_again_when_the_cool_down_is_over(signed_in: At) -> None:
    page = signed_in("/account/address/")
    page.clock.install()
    fill(page, new_email="ada@newhome.example")
    submit(page)
    again = page.locator("[data-wait]")
    expect(again).to_be_disabled()
    page.clock.run_for(61_000)
    expect(again).to_be_enabled()
    expect(page.locator("[data-wait-text]")).to_have_count(0)


@BOTH
def test_another_session_is_ended(at: At, signed_in: At) -> None:
    there = signed_in("/account/")
    page = signed_in("/account/sessions/")
    page.locator(".rows button").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator(".rows li")).to_have_count(1)
    there.reload()
    shows(there, "/account/sign-in/")


def test_the_language_is_switched_and_stays(at: At) -> None:
    page = at("/account/sign-in/?next=/account/")
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page).to_have_url(re.compile(r"next=/account/"))
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_all_is_reached_by_keyboard(ada: User, at: At) -> None:
    page = at("/account/sign-in/")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.locator("main .button")).to_be_focused()
    page.keyboard.press("Enter")
    shows(page, "/backoffice/")


def test_without_scripts_everything_works(signed_in: At) -> None:
    page = signed_in("/account/address/", scripts=False)
    fill(page, new_email="ada@newhome.example")
    submit(page)
    expect(page.locator("[data-wait]")).to_be_enabled()
    page.locator("[data-wait]").click()
    expect(alert(page)).to_be_visible()


@BOTH
def test_every_page_fits_the_screen_breaks_no_rule_and_labels_every_field(signed_in: At) -> None:
    page = signed_in("/account/")
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for path in (
        "",
        "password/",
        "address/",
        "verify/",
        "sessions/",
        "second-factor/",
        "second-factor/set-up/",
        "sign-out/",
    ):
        page.goto(re.sub(r"/account/.*", f"/account/{path}", page.url))
        shows(page, f"/account/{path}")
        assert page.evaluate(UNLABELLED) == [], path
        assert page.evaluate("document.querySelectorAll('h1').length") == 1, path
    assert complaints == []


UNLABELLED = """
[...document.querySelectorAll("main :is(input, select, textarea):not([type=hidden], [aria-hidden])")]
  .filter((field) => !field.labels.length).map((field) => field.name)
"""
