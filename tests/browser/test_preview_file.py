"""The page that `omnicrm templates preview` writes, opened from the disk."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from omnicrm.config import current_config
from omnicrm.emails.templates.targets import targets
from omnicrm.ops.preview import write_preview

pytestmark = pytest.mark.django_db

OpenPage = Callable[..., Page]
WELCOME = "api_crmCommunicationCustomerWelcome"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    config = current_config().model_copy(update={"state_dir": tmp_path})
    now = datetime.now(UTC)
    return write_preview(targets(config, section=WELCOME), config=config, folder=tmp_path, customer_id=None, now=now)


@pytest.fixture
def preview(open_page: OpenPage, file: Path) -> Callable[..., tuple[Page, list[str], list[str]]]:
    """`preview(width=390)`: the open page, what it asked the network for, and what the browser complained of."""

    def act(**options: int) -> tuple[Page, list[str], list[str]]:
        page, requests, complaints = open_page(**options), list[str](), list[str]()

        def note(request: Request) -> None:
            if request.url.split(":")[0] not in ("file", "data", "about"):
                requests.append(request.url)

        page.on("request", note)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(file.as_uri())
        return page, requests, complaints

    return act


Preview = Callable[..., tuple[Page, list[str], list[str]]]


def choose(page: Page, view: str) -> None:
    page.locator(f'label[for="{view}"]').click()


def width(frame: Locator) -> float:
    box = frame.bounding_box()
    assert box
    return box["width"]


def test_both_languages_stand_side_by_side(preview: Preview) -> None:
    page, requests, complaints = preview(width=1400)
    frames = page.locator("iframe.light")
    for place, name in enumerate(("Hélène Lefèvre", "Helen Smith")):
        expect(frames.nth(place).content_frame.get_by_text(name).first).to_be_visible()
    first, second = (frames.nth(place).bounding_box() for place in (0, 1))
    assert first
    assert second
    assert (first["y"], first["x"] + first["width"] < second["x"]) == (second["y"], True)
    assert requests == []
    assert complaints == []


def test_phone_dark_and_text_are_one_click_away(preview: Preview) -> None:
    page, requests, complaints = preview(width=1400)
    light, dark = page.locator("iframe.light").first, page.locator("iframe.dark").first
    wide = width(light)
    choose(page, "phone")
    assert width(light) < wide / 1.5
    choose(page, "dark")
    expect(light).to_be_hidden()
    expect(dark.content_frame.locator("body")).not_to_have_css("background-color", "rgb(255, 255, 255)")
    choose(page, "text")
    expect(page.locator("pre.text").last).to_contain_text("Hello Helen Smith,")
    expect(dark).to_be_hidden()
    assert requests == []
    assert complaints == []


def test_the_keyboard_switches_views_on_a_phone(preview: Preview) -> None:
    page, _requests, _complaints = preview(width=390, height=844)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("pre.text").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
