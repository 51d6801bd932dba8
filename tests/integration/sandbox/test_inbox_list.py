"""The inbox's list, over HTTP and without a script."""

import re
from html import unescape

import pytest

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

SUBJECT = re.compile(r'class="subject">([^<]*)<')
LINK = re.compile(r'<a href="([^"]+)" rel="(next|prev)">')


def read(api: Api, path: str = "/", **headers: str) -> str:
    """The page's HTML, in English unless asked for otherwise."""
    answer = api.call("GET", path, headers={"Accept-Language": "en", **headers})
    assert answer.status_code == 200, answer.text
    return answer.text


def send(api: Api, **changes: object) -> None:
    assert api.send(build_message(**changes)).status_code == 200


def send_many(api: Api, count: int) -> None:
    """Messages "Message 1", "Message 2", …, in this order."""
    messages = [build_message(Subject=f"Message {number}") for number in range(1, count + 1)]
    for start in range(0, count, 50):
        assert api.send(*messages[start : start + 50]).status_code == 200


def subjects(page: str) -> list[str]:
    return [unescape(found) for found in SUBJECT.findall(page)]


def links(page: str) -> dict[str, str]:
    return {relation: unescape(address) for address, relation in LINK.findall(page)}


def test_an_empty_inbox_says_how_to_send_a_first_message(api: Api) -> None:
    page = read(api)
    assert "No message yet" in page
    assert f"curl -u key:secret {api.url}/v3.1/send" in page


def test_the_newest_message_stands_first(api: Api) -> None:
    send_many(api, 3)
    assert subjects(read(api)) == ["Message 3", "Message 2", "Message 1"]


def test_a_row_tells_recipient_subject_template_status_and_time(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, name="Invoice mail", html="<p>x</p>")
    send(api, Subject="Your invoice", TextPart=..., TemplateID=7, To=[{"Email": "zoe@example.org", "Name": "Zoé Roux"}])
    page = read(api)
    for expected in ("Zoé Roux", "Your invoice", "Invoice mail", "Delivered", "<time datetime="):
        assert expected in page


def test_pages_follow_each_other_without_gap_or_repetition(api: Api) -> None:
    send_many(api, 120)
    first = read(api)
    second = read(api, links(first)["next"])
    third = read(api, links(second)["next"])
    shown = [*subjects(first), *subjects(second), *subjects(third)]
    assert shown == [f"Message {number}" for number in range(120, 0, -1)]
    assert "51–100 of 120" in second
    assert "next" not in links(third)
    assert subjects(read(api, links(third)["prev"])) == subjects(second)


def test_a_page_stays_the_same_when_messages_arrive(api: Api) -> None:
    send_many(api, 60)
    address = links(read(api))["next"]
    before = subjects(read(api, address))
    send_many(api, 5)
    assert subjects(read(api, address)) == before


@pytest.mark.parametrize(
    "search", ["ZOE@example", "overdue", "inv-42", "Reminder mail", "1001", "spring", "zoe overdue", "Roux"]
)
def test_search_finds_by_address_name_subject_custom_id_template_and_campaign(
    api: Api, sandbox: SandboxControl, search: str
) -> None:
    sandbox.put_template(1001, name="Reminder mail", text="x")
    send(api, Subject="Something else")
    send(
        api,
        Subject="Overdue",
        To=[{"Email": "zoe@example.org", "Name": "Zoé Roux"}],
        CustomID="inv-42",
        TemplateID=1001,
        TextPart=...,
        CustomCampaign="spring",
    )
    assert subjects(read(api, f"/?q={search}")) == ["Overdue"]


def test_a_search_without_result_says_so_and_leads_back(api: Api) -> None:
    send(api)
    page = read(api, "/?q=nobody")
    assert "No message matches" in page
    assert '<a href="/">Show all messages</a>' in page


def test_the_status_filter_shows_only_such_messages_and_counts_all(api: Api) -> None:
    send(api, Subject="Good")
    send(api, Subject="Bad", TextPart="{{var:gone}}", TemplateLanguage=True)
    page = read(api, "/?status=blocked")
    assert subjects(page) == ["Bad"]
    assert re.search(r"All <span>2</span>", page)


@pytest.mark.parametrize(
    "address", ["/?before=x", "/?after=-1", "/?before=99999999999999999999", "/?status=none&q=%00"]
)
def test_a_strange_address_shows_a_page_all_the_same(api: Api, address: str) -> None:
    send(api)
    assert "Mailjet sandbox" in read(api, address)


@pytest.mark.parametrize(
    ("accepted", "word"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.8", "Aucun message"),
        ("en;q=0.5, fr;q=0.7", "Aucun message"),
        ("de, en;q=0.2", "No message"),
        ("de", "No message"),
        ("fr;q=oops,,;;", "No message"),
    ],
)
def test_the_page_speaks_the_language_that_the_browser_asks_for(api: Api, accepted: str, word: str) -> None:
    assert word in read(api, "/", **{"Accept-Language": accepted})


def test_a_chosen_language_is_remembered(api: Api) -> None:
    answer = api.call("GET", "/language/fr?next=/%3Fq%3Dx", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?q=x")
    assert "Aucun message" in read(api)


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/a%0d%0ab"])
def test_a_language_switch_leads_nowhere_else(api: Api, place: str) -> None:
    answer = api.call("GET", f"/language/fr?next={place}", allow_redirects=False)
    assert answer.headers["Location"] == "/"


def test_a_list_that_did_not_change_is_not_sent_again(api: Api) -> None:
    send(api)
    version = api.call("GET", "/").headers["ETag"]
    assert api.call("GET", "/", headers={"If-None-Match": version}).status_code == 304
    send(api)
    assert api.call("GET", "/", headers={"If-None-Match": version}).status_code == 200


def test_thousands_of_messages_are_listed_quickly(api: Api) -> None:
    send_many(api, 3000)
    assert "1–50 of 3,000" in read(api)
    answer = api.call("GET", "/?q=message 1")
    assert answer.elapsed.total_seconds() < 2


def test_all_messages_are_deleted_and_templates_stay(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, name="Kept", text="x")
    send(api)
    answer = api.call("POST", "/delete", headers={"Origin": api.url}, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert sandbox.messages() == []
    assert api.get("/sandbox/templates").json()["items"][0]["name"] == "Kept"
