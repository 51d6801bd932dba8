"""What a reader does in the inbox is told as what a recipient did."""

import re
import time

import pytest
from requests import Response

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api
from tests.integration.sandbox.events.receiver import Receiver, register, send

PAGE = (
    '<p><a class="b" href="https://crm.example.com/pay?a=1&amp;b=é">Pay</a> <a href=\'https://example.com/\'>x</a></p>'
)


def get(api: Api, path: str) -> Response:
    return api.call("GET", path, headers={"Accept-Language": "en", "User-Agent": "Browser/7"}, allow_redirects=False)


def press(api: Api, path: str, **headers: str) -> Response:
    return api.call("POST", path, headers=headers, allow_redirects=False)


@pytest.fixture
def told(api: Api, sandbox: SandboxControl, receiver: Receiver) -> SandboxControl:
    """All kinds of events are registered."""
    sandbox.settings(hold_events=True)
    register(api, receiver.url())
    return sandbox


def kinds(sandbox: SandboxControl) -> list[str]:
    """After the delivery, which every message here begins with."""
    return [event.kind for event in sandbox.events()][1:]


def test_opening_an_html_message_is_an_open(api: Api, told: SandboxControl) -> None:
    number = send(api, HTMLPart=PAGE)
    get(api, f"/message/{number}/mail")
    assert kinds(told) == ["open"]
    assert told.events(kind="open")[0].payload["agent"] == "Browser/7"


@pytest.mark.parametrize("path", ["", "?tab=text", "?tab=request", "?tab=html&view=source"])
def test_looking_at_anything_but_the_html_is_no_open(api: Api, told: SandboxControl, path: str) -> None:
    get(api, f"/message/{send(api, HTMLPart=PAGE)}{path}")
    assert kinds(told) == []


def test_a_message_that_is_not_tracked_tells_of_no_reader(api: Api, told: SandboxControl) -> None:
    number = send(api, HTMLPart=PAGE, TrackOpens="disabled", TrackClicks="disabled")
    mail = get(api, f"/message/{number}/mail").text
    get(api, f"/message/{number}/link/0")
    assert "https://crm.example.com/pay" in mail
    assert kinds(told) == []


def test_following_a_tracked_link_is_a_click_and_leads_on(api: Api, told: SandboxControl) -> None:
    number = send(api, HTMLPart=PAGE)
    links = re.findall(r'href="([^"]+)"', get(api, f"/message/{number}/mail").text)
    assert links == [f"/message/{number}/link/0", f"/message/{number}/link/1"]
    answers = [get(api, link) for link in links]
    places = ["https://crm.example.com/pay?a=1&b=%C3%A9", "https://example.com/"]
    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (303, place) for place in places
    ]
    assert [event.payload["url"] for event in told.events(kind="click")] == places


def test_where_nobody_wants_to_know_links_stay_as_they_are(api: Api) -> None:
    mail = get(api, f"/message/{send(api, HTMLPart=PAGE)}/mail").text
    assert "https://crm.example.com/pay?a=1&amp;b=é" in mail


def test_a_link_cannot_smuggle_anything_into_the_answer(api: Api, told: SandboxControl) -> None:
    number = send(api, HTMLPart='<a href="https://example.com/&#13;&#10;Set-Cookie:a=b">x</a>')
    answer = get(api, f"/message/{number}/link/0")
    assert answer.headers["Location"] == "https://example.com/%0D%0ASet-Cookie:a=b"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("html", ['<a href="javascript:alert(1)">x</a>', '<a href="mailto:a@example.org">x</a>', ""])
def test_only_links_to_the_web_are_tracked(api: Api, told: SandboxControl, html: str) -> None:
    number = send(api, HTMLPart=html)
    assert "/link/" not in get(api, f"/message/{number}/mail").text
    assert get(api, f"/message/{number}/link/0").status_code == 404


@pytest.mark.parametrize(("deed", "kind"), [("spam", "spam"), ("unsub", "unsub")])
def test_a_button_reports_as_spam_or_unsubscribes(api: Api, told: SandboxControl, deed: str, kind: str) -> None:
    number = send(api)
    action = f"/message/{number}/act/{deed}"
    assert f'action="{action}"' in get(api, f"/message/{number}?tab=events").text
    assert press(api, action).headers["Location"] == f"/message/{number}?tab=events"
    assert kinds(told) == [kind]


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_press_a_button(api: Api, told: SandboxControl, headers: dict[str, str]) -> None:
    assert press(api, f"/message/{send(api)}/act/unsub", **headers).status_code == 403
    assert kinds(told) == []


@pytest.mark.parametrize("path", ["/message/7/act/spam", "/message/x/act/spam", "/message/{}/act/burn"])
def test_what_is_not_there_cannot_be_acted_on(api: Api, told: SandboxControl, path: str) -> None:
    assert press(api, path.format(send(api))).status_code == 404


def test_of_a_message_that_did_not_arrive_nothing_is_told_but_that(api: Api, told: SandboxControl) -> None:
    number = send(api, "a+hardbounce@example.org", HTMLPart=PAGE)
    get(api, f"/message/{number}/mail")
    get(api, f"/message/{number}/link/0")
    assert press(api, f"/message/{number}/act/spam").status_code == 404
    assert [event.kind for event in told.events()] == ["bounce"]
    page = get(api, f"/message/{number}?tab=events").text
    assert "Bounced for good" in page
    assert "Not delivered: the recipient’s server refused this message" in page
    assert "/act/" not in page


def test_the_page_shows_what_was_told_and_what_is_to_be(api: Api, told: SandboxControl) -> None:
    number = send(api)
    told.flush_events()
    told.emit(number, "open", time="whenever")
    page = get(api, f"/message/{number}?tab=events").text
    assert re.findall(r'<span class="use \w*">([\w ]+)</span>', page) == ["told", "to be told"]


def test_without_a_callback_the_page_says_how_to_make_things_happen(api: Api) -> None:
    page = get(api, f"/message/{send(api)}?tab=events").text
    assert "no callback for events was registered" in page
    assert "<code>+hardbounce</code>" in page


def test_an_empty_inbox_says_which_addresses_do_not_take_messages(api: Api) -> None:
    assert "<code>+greylisted</code>" in get(api, "/").text


@pytest.mark.parametrize(
    "html",
    ["<a href='" * 200_000, "<a " * 600_000, "<a " + " " * 2_000_000, '<a href="https://a/">' * 90_000],
    ids=["open links", "empty links", "one endless link", "many links"],
)
def test_tracking_two_megabytes_of_malicious_links_ends_in_time(api: Api, told: SandboxControl, html: str) -> None:
    number = send(api, HTMLPart=html)
    started = time.monotonic()
    assert get(api, f"/message/{number}/mail").status_code == 200
    get(api, f"/message/{number}/link/99999")
    assert time.monotonic() - started < 60  # what is not bounded takes minutes
