"""One Chromium for the whole session, and pages that close with their test."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from omnicrm.accounts.models import User

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_OPTIONS = ("--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run")
PATIENCE = 60_000
"""Milliseconds until a page that does not react fails its test; a busy machine is slow."""

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def _chromium() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop | None]]:
    """The machine's own, else the one that playwright installed; and the event loop that drives it."""
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        loop = _exchange_loop(None)
        yield chromium, loop
        _exchange_loop(loop)
        chromium.close()


@pytest.fixture
def browser(
    _chromium: tuple[Browser, asyncio.AbstractEventLoop | None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Browser]:
    """The session's Chromium. Tests that use it may use the database as any other test does.

    Playwright's synchronous API marks its event loop as running in this thread, between its calls too. Asynchronous
    tests could not start theirs then, so the mark is taken away after each test. Django would refuse the database, and
    look for its connections in another place; both are mended here.
    """
    chromium, loop = _chromium
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    shared = {alias: connections[alias] for alias in connections}
    _exchange_loop(loop)
    for alias, connection in shared.items():
        connections[alias] = connection
    yield chromium
    for alias in shared:
        del connections[alias]
    _exchange_loop(None)


def _exchange_loop(loop: asyncio.AbstractEventLoop | None) -> asyncio.AbstractEventLoop | None:
    before = asyncio._get_running_loop()  # noqa: SLF001 - there is no public way, and Playwright itself does so
    asyncio._set_running_loop(loop)  # noqa: SLF001 - as above
    return before


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """`open_page(url, language="fr-FR", width=390, height=844, dark=True, scripts=False)`: a page of its own.

    Each has fresh cookies. A script error on a page fails the test in the end.
    """
    errors = list[str]()
    with ExitStack() as contexts:

        def open_one(
            url: str = "about:blank",
            *,
            language: str = "en-GB",
            width: int = 1280,
            height: int = 900,
            dark: bool = False,
            scripts: bool = True,
        ) -> Page:
            context = browser.new_context(
                locale=language,
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                java_script_enabled=scripts,
            )
            contexts.callback(context.close)
            context.set_default_timeout(PATIENCE)
            context.on("weberror", lambda found: errors.append(str(found.error)))
            page = context.new_page()
            page.goto(url)
            return page

        yield open_one
    assert errors == []


def fits(page: Page) -> bool:
    """Whether nothing of the page lies beyond the right edge of the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def sign_in(page: Page, user: User, *, at: str) -> None:
    """Signs the page's browser in to the server at that address, without a password, in the user's language."""
    session = Client()
    session.force_login(user)
    cookies = {"sessionid": session.cookies["sessionid"].value, "django_language": user.language}
    page.context.add_cookies([{"name": name, "value": value, "url": at} for name, value in cookies.items()])
