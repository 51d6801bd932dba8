"""The inbox of the local Mailjet, as one sees and uses it in Chromium."""

import base64
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from mailjet_sandbox.control import SandboxControl
from tests.browser.conftest import fits

OpenPage = Callable[..., Page]
Send = Callable[..., str]

SIZES = pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])


@dataclass(frozen=True, kw_only=True)
class Words:
    language: str
    all_messages: str
    missing: str
    delete_all: str


ENGLISH = Words(
    language="en-GB",
    all_messages="All messages",
    missing="neither a value nor a default",
    delete_all="Delete all messages",
)
FRENCH = Words(
    language="fr-FR",
    all_messages="Tous les messages",
    missing="ni valeur, ni valeur par défaut",
    delete_all="Supprimer tous les messages",
)
LANGUAGES = pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=["english", "french"])
HOSTILE = """
<link rel="preconnect" href="{evil}/"><link rel="dns-prefetch" href="{evil}/">
<script>document.body.innerHTML = "owned"; parent.document.title = "owned"; fetch("{evil}/")</script>
<img src="{evil}/pixel.gif" onerror="document.body.innerHTML='owned'">
<svg onload="document.body.innerHTML='owned'"></svg>
<link rel="stylesheet" href="{evil}/a.css"><link rel="preload" as="image" href="{evil}/b.png">
<style>@import "{evil}/c.css"; body { background: url({evil}/d.png) }</style>
<meta http-equiv="refresh" content="0;url={evil}/e">
<iframe src="{evil}/f"></iframe><object data="{evil}/g"></object>
<video src="{evil}/h" autoplay></video><form action="{evil}/i"><button>go</button></form>
<a id="script" href="javascript:document.body.innerHTML='owned'">script</a>
<p>harmless words</p>
"""


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    """A listening socket that no mail may reach: `accept` raises BlockingIOError as long as nobody called."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.fixture
def send(sandbox_url: str, sandbox: SandboxControl) -> Send:  # the sandbox is taken to be emptied before each test
    """`send(Property=value, …)`: sends a message through the API; returns its address in the inbox."""

    def send_message(**changes: Any) -> str:
        message = {
            "From": {"Email": "billing@operator.example", "Name": "Billing"},
            "To": [{"Email": "zoe@customer.example", "Name": "Zoé Roux"}],
            "Subject": "Your invoice",
            "HTMLPart": "<p>Hello</p>",
            **changes,
        }
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(f"{sandbox_url}/v3.1/send", json={"Messages": [message]}, auth=("key", "secret"))
        assert answer.status_code == 200, answer.text
        return f"{sandbox_url}/message/{answer.json()['Messages'][0]['To'][0]['MessageID']}"

    return send_message


def top(element: Locator) -> float:
    return float(element.evaluate("each => each.getBoundingClientRect().top"))


@SIZES
@LANGUAGES
def test_a_reader_goes_from_the_list_to_a_message_and_back(
    open_page: OpenPage, sandbox_url: str, send: Send, width: int, words: Words
) -> None:
    send(Subject="First")
    send(Subject="Second", HTMLPart="<h1>Second mail</h1>")
    page = open_page(sandbox_url, language=words.language, width=width)
    assert fits(page)
    page.get_by_role("link", name="Second").click()
    expect(page.get_by_role("heading", name="Second", exact=True)).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("heading", name="Second mail")).to_be_visible()
    assert fits(page)
    if width < 800:
        expect(page.get_by_role("link", name="First")).to_be_hidden()
        page.get_by_role("link", name=words.all_messages).click()
    expect(page.get_by_role("link", name="First")).to_be_visible()


@SIZES
@LANGUAGES
def test_unresolved_variables_are_highlighted(open_page: OpenPage, send: Send, width: int, words: Words) -> None:
    address = send(HTMLPart="<p>On <b>{{var:due_date}}</b></p>", TemplateLanguage=True)
    page = open_page(address, language=words.language, width=width)
    expect(page.locator(".notice")).to_contain_text(words.missing)
    expect(page.locator(".notice mark")).to_have_text("var:due_date")
    mark = page.frame_locator("iframe").locator("mark")
    expect(mark).to_have_text("{{var:due_date}}")
    assert mark.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(255, 217, 212)"
    assert fits(page)


@LANGUAGES
def test_everything_is_deleted_only_after_a_confirmation(
    open_page: OpenPage, sandbox: SandboxControl, sandbox_url: str, send: Send, words: Words
) -> None:
    send()
    page = open_page(sandbox_url, language=words.language)
    confirm = page.get_by_role("button", name=words.delete_all, exact=True)
    expect(confirm).to_be_hidden()
    page.locator(".bar button").click()
    page.keyboard.press("Escape")
    expect(confirm).to_be_hidden()
    assert len(sandbox.messages()) == 1
    page.locator(".bar button").click()
    confirm.click()
    expect(page.get_by_text("curl -u key:secret")).to_be_visible()
    assert sandbox.messages() == []


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_a_script_in_a_mail_does_not_run_and_nothing_is_loaded(
    open_page: OpenPage, send: Send, stranger: socket.socket, view: str
) -> None:
    evil = f"http://127.0.0.1:{stranger.getsockname()[1]}"
    page = open_page(f"{send(Subject='Hostile', HTMLPart=HOSTILE.replace('{evil}', evil))}?view={view}")
    mail = page.frame_locator("iframe")
    expect(mail.get_by_text("harmless words")).to_be_visible()
    mail.get_by_role("button", name="go").click()
    mail.locator("#script").click()
    page.wait_for_timeout(500)
    expect(mail.get_by_text("harmless words")).to_be_visible()
    assert page.title() == "Hostile · Mailjet sandbox"
    with pytest.raises(BlockingIOError):
        stranger.accept()


def test_a_link_in_a_mail_opens_in_a_tab_of_its_own(open_page: OpenPage, sandbox_url: str, send: Send) -> None:
    page = open_page(send(HTMLPart=f'<a href="{sandbox_url}/static/icon.svg">Reset my password</a>'))
    with page.context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Reset my password").click()
    assert opened.value.url == f"{sandbox_url}/static/icon.svg"
    assert opened.value.evaluate("window.opener") is None


def test_inlined_images_are_shown(open_page: OpenPage, send: Send) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><script>alert(1)</script></svg>'
    logo = {"ContentType": "image/svg+xml", "Filename": "logo.svg", "ContentID": "logo"}
    logo["Base64Content"] = base64.b64encode(svg).decode()
    page = open_page(send(HTMLPart='<img src="cid:logo" alt="logo">', InlinedAttachments=[logo]))
    image = page.frame_locator("iframe").locator("img")
    expect(image).to_have_js_property("naturalWidth", 40)


def test_a_pdf_opens_in_the_browsers_viewer(open_page: OpenPage, send: Send) -> None:
    pdf = {"ContentType": "application/pdf", "Filename": "invoice.pdf", "Base64Content": "JVBERi0xLjQK"}
    page = open_page(f"{send(Attachments=[pdf])}?tab=attachments")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open invoice.pdf").click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("document.contentType") == "application/pdf"
    with page.expect_download() as download:
        page.get_by_role("link", name="Download invoice.pdf").click()
    assert download.value.suggested_filename == "invoice.pdf"


def test_html_is_looked_at_in_phone_width_from_then_on(open_page: OpenPage, send: Send) -> None:
    first, second = send(Subject="One"), send(Subject="Two")
    page = open_page(first)
    frame = page.locator("iframe")
    assert frame.bounding_box()["width"] > 600  # type: ignore[index]  # it is visible
    page.get_by_role("link", name="Phone").click()
    expect(page.locator(".viewer.phone")).to_be_visible()
    assert frame.bounding_box()["width"] == 376  # type: ignore[index]  # it is visible
    page.goto(second)
    expect(page.locator(".viewer.phone")).to_be_visible()


def test_new_messages_appear_and_leave_alone_what_one_reads(open_page: OpenPage, sandbox_url: str, send: Send) -> None:
    for number in range(40):
        send(Subject=f"Message {number}")
    page = open_page(send(Subject="Read me", TextPart="<p>" + "words " * 4000))
    page.get_by_role("link", name="Text").click()
    expect(page.get_by_role("link", name="Text")).to_have_attribute("aria-current", "page")
    reader = page.locator("#reader")
    reader.evaluate("each => each.scrollTop = 300")
    scroll = page.locator("#scroll")
    scroll.evaluate("each => each.scrollTop = 500")
    reading = page.locator(".message").nth(8)
    place, address = top(reading), reading.get_attribute("href")
    send(Subject="News")
    expect(page.get_by_role("link", name="News")).to_be_attached()
    assert reader.evaluate("each => each.scrollTop") == 300
    assert top(page.locator(f'[href="{address}"]')) == pytest.approx(place, abs=1)
    expect(page.get_by_role("heading", name="Read me")).to_be_visible()


def test_the_first_message_replaces_the_empty_state(open_page: OpenPage, sandbox_url: str, send: Send) -> None:
    page = open_page(sandbox_url)
    expect(page.get_by_role("heading", name="No message yet")).to_be_visible()
    send(Subject="The very first")
    expect(page.get_by_role("link", name="The very first")).to_be_visible()


def test_the_keyboard_moves_searches_and_closes(open_page: OpenPage, sandbox_url: str, send: Send) -> None:
    for number in (1, 2, 3):
        send(Subject=f"Message {number}")
    page = open_page(sandbox_url)
    heading = page.locator("#reader h1")
    for key, number in (("j", 3), ("j", 2), ("j", 1), ("j", 1), ("k", 2)):
        page.keyboard.press(key)
        expect(heading).to_have_text(f"Message {number}")
    page.keyboard.press("Escape")
    expect(heading).to_have_text("Choose a message")
    page.keyboard.press("/")
    page.keyboard.type("message 3")
    expect(page.locator(".message")).to_have_count(1)
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".message")).to_have_count(3)


def test_a_focused_link_is_visibly_so(open_page: OpenPage, sandbox_url: str, send: Send) -> None:
    send()
    page = open_page(sandbox_url)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_going_back_shows_the_message_before(open_page: OpenPage, sandbox_url: str, send: Send) -> None:
    send(Subject="One")
    send(Subject="Two")
    page = open_page(sandbox_url)
    heading = page.locator("#reader h1")
    for subject in ("One", "Two"):
        page.get_by_role("link", name=subject).click()
        expect(heading).to_have_text(subject)
    page.go_back()
    expect(heading).to_have_text("One")


@SIZES
def test_the_language_switch_is_remembered(open_page: OpenPage, sandbox_url: str, send: Send, width: int) -> None:
    send()
    page = open_page(sandbox_url, width=width)
    page.get_by_role("link", name="FR").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.goto(sandbox_url)
    expect(page.get_by_placeholder("Adresse, objet, ID, modèle")).to_be_visible()


def test_times_are_told_in_the_readers_own_zone(open_page: OpenPage, sandbox_url: str, send: Send) -> None:
    send()
    page = open_page(sandbox_url)
    moment = page.locator(".message time")
    local = moment.evaluate("each => new Date(each.dateTime).toLocaleTimeString('en-GB', { timeStyle: 'short' })")
    expect(moment).to_have_text(local)


def test_it_works_without_javascript(
    open_page: OpenPage, sandbox_url: str, sandbox: SandboxControl, send: Send
) -> None:
    send(Subject="One")
    send(Subject="Two", TextPart="Plain words")
    page = open_page(sandbox_url, scripts=False)
    page.get_by_role("searchbox").fill("two")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".message")).to_have_count(1)
    page.get_by_role("link", name="Two").click()
    page.get_by_role("link", name="Text").click()
    expect(page.get_by_text("Plain words")).to_be_visible()
    page.locator(".bar button").click()
    page.get_by_role("button", name="Delete all messages").click()
    expect(page.get_by_role("heading", name="No message yet")).to_be_visible()
    assert sandbox.messages() == []


def test_a_sandbox_that_went_away_is_said_to_be_gone(open_page: OpenPage, sandbox_url: str, send: Send) -> None:
    page = open_page(send())
    page.context.set_offline(True)
    expect(page.get_by_role("status")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(open_page: OpenPage, send: Send, dark: bool) -> None:
    page = open_page(send(TextPart="{{var:x}}", TemplateLanguage=True), dark=dark)
    assert page.evaluate(CONTRASTS) == []


CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => colour.slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const faint = [];
  for (const each of document.querySelectorAll("body *")) {
    const says = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!says || !each.checkVisibility() || each.closest(".hidden, noscript, [popover]")) continue;
    const [one, two] = [light(rgb(getComputedStyle(each).color)), light(ground(each))];
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (contrast < 4.5) faint.push(`${each.className || each.tagName}: ${contrast.toFixed(2)}`);
  }
  return faint;
}"""
