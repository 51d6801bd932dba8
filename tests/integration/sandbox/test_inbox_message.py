"""One message in the inbox, over HTTP: its parts, its problems, its variables."""

import base64
import re
from html import unescape

import pytest
from requests import Response

from mailjet_sandbox.control import SandboxControl
from tests.integration.sandbox.caller import Api, build_message

PDF = b"%PDF-1.4 made up"
PNG = b"\x89PNG made up"


def get(api: Api, path: str) -> Response:
    return api.call("GET", path, headers={"Accept-Language": "en"})


def send(api: Api, **changes: object) -> str:
    """Sends a good message with these changes; returns its address in the inbox."""
    answer = api.send(build_message(**changes))
    assert answer.status_code == 200, answer.text
    return f"/message/{answer.json()['Messages'][0]['To'][0]['MessageID']}"


def attached(content: bytes, filename: str, kind: str, **more: str) -> dict[str, str]:
    return {"ContentType": kind, "Filename": filename, "Base64Content": base64.b64encode(content).decode(), **more}


def test_the_head_tells_who_when_and_which(api: Api) -> None:
    page = get(
        api,
        send(
            api,
            Subject="Your invoice",
            Cc=[{"Email": "cc@example.org"}],
            ReplyTo={"Email": "help@example.com"},
            CustomID="inv-42",
            CustomCampaign="spring",
        ),
    ).text
    for expected in ("Your invoice", "Billing &lt;billing@example.com&gt;", "cc@example.org", "help@example.com"):
        assert expected in page
    for expected in ("<code>inv-42</code>", "Campaign spring", "This is the copy of customer@example.org (To)."):
        assert expected in page


@pytest.mark.parametrize(
    ("tab", "expected"),
    [
        ("html", "<iframe"),
        ("text", "Plain words"),
        ("request", '<span class="json-key">&#34;TextPart&#34;</span>'),
        ("variables", "<code>plan</code>"),
        ("headers", "<code>X-Invoice</code>"),
        ("attachments", "This message has no attachments."),
    ],
)
def test_each_tab_shows_its_part(api: Api, tab: str, expected: str) -> None:
    address = send(
        api, HTMLPart="<p>x</p>", TextPart="Plain words", Variables={"plan": "fibre"}, Headers={"X-Invoice": "42"}
    )
    assert expected in get(api, f"{address}?tab={tab}").text


def test_the_headers_show_what_was_said_about_tracking(api: Api) -> None:
    shown = get(api, send(api, TrackOpens="disabled", TrackClicks="enabled") + "?tab=headers").text

    assert "<code>X-Mailjet-TrackOpen</code></th><td>1</td>" in shown
    assert "<code>X-Mailjet-TrackClick</code></th><td>2</td>" in shown


def test_a_message_without_html_opens_as_text(api: Api) -> None:
    assert '<pre class="plain" tabindex="0">Only text</pre>' in get(api, send(api, TextPart="Only text")).text


def test_the_request_is_shown_without_the_bytes_of_its_files(api: Api) -> None:
    address = send(api, Attachments=[attached(PDF, "a.pdf", "application/pdf")])
    page = get(api, f"{address}?tab=request").text
    assert "a.pdf" in page
    assert base64.b64encode(PDF).decode() not in page


def test_a_blocked_message_says_why_and_names_the_missing_variables(api: Api) -> None:
    page = get(
        api, send(api, TextPart="{{var:day}} {{var:name}}", TemplateLanguage=True, Variables={"name": "Zoé"})
    ).text
    assert "Not delivered" in page
    assert "error in template language" in page
    assert '<mark class="tag failed">var:day</mark>' in page
    assert "Unknown identifier: var:day" in unescape(page)
    assert "var:name</mark>" not in page


def test_an_unresolved_variable_is_marked_in_subject_text_and_source(api: Api) -> None:
    address = send(
        api,
        Subject="On {{var:day}}",
        TextPart="{{var:day}}",
        HTMLPart='<a href="{{var:day}}">x</a>',
        TemplateLanguage=True,
        TemplateErrorDeliver=True,
    )
    marked = '<mark class="tag failed">{{var:day}}</mark>'
    assert f"On {marked}" in get(api, address).text
    assert f"{marked}</pre>" in get(api, f"{address}?tab=text").text
    assert f"href=&#34;{marked}&#34;" in get(api, f"{address}?tab=html&view=source").text


def test_an_unresolved_variable_is_marked_in_the_html_but_never_inside_a_tag(api: Api) -> None:
    html = '<style>p{color:{{var:c}}}</style><p>Hello {{var:name}}</p><a href="{{var:url}}">x</a><!-- {{var:z}} -->'
    address = send(api, HTMLPart=html, TemplateLanguage=True, TemplateErrorDeliver=True)
    mail = get(api, f"{address}/mail").text
    assert 'Hello <mark class="tag failed">{{var:name}}</mark>' in mail
    assert '<a href="{{var:url}}">' in mail
    assert "p{color:{{var:c}}}" in mail
    assert mail.count("<mark") == 1


def test_tags_left_because_nobody_asked_for_evaluation_are_explained(api: Api) -> None:
    page = get(api, send(api, TextPart="Hello {{var:name}}", Variables={"name": "Zoé"})).text
    assert "TemplateLanguage is not true in this call" in unescape(page)
    assert '<mark class="tag">{{var:name}}</mark>' in page


def test_tags_inside_a_value_are_explained(api: Api) -> None:
    page = get(api, send(api, TextPart="{{var:x}}", TemplateLanguage=True, Variables={"x": "{{var:y}}"})).text
    assert "values are not evaluated" in page


def test_variables_are_compared_with_the_template(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, name="t", text="{{var:name}} {{var:day}}")
    address = send(
        api, TextPart=..., TemplateID=7, TemplateLanguage=True, Variables={"name": "Zoé", "nmae": {"a": [1, True]}}
    )
    page = get(api, f"{address}?tab=variables").text
    states = dict(re.findall(r"<code>(\w+)</code>.*?<span class=\"use (\w+)\">", page, re.DOTALL))
    assert states == {"day": "missing", "name": "used", "nmae": "unused"}


def test_a_template_that_is_gone_leaves_variables_without_judgement(api: Api, sandbox: SandboxControl) -> None:
    sandbox.put_template(7, name="t", text="{{var:name}}")
    address = send(api, TextPart=..., TemplateID=7, TemplateLanguage=True, Variables={"name": "Zoé"})
    sandbox.remove_template(7)
    page = get(api, f"{address}?tab=variables").text
    assert "Zoé" in page
    assert 'class="use' not in page


def test_the_chosen_view_of_html_is_remembered(api: Api) -> None:
    address = send(api, HTMLPart="<p>x</p>")
    assert 'class="viewer desktop"' in get(api, address).text
    get(api, f"{address}?view=phone")
    assert 'class="viewer phone"' in get(api, address).text


@pytest.mark.parametrize("address", ["/message/12", "/message/x", "/message/99999999999999999999999"])
def test_a_message_that_is_gone_is_said_to_be(api: Api, address: str) -> None:
    answer = get(api, address)
    assert answer.status_code == 404
    assert "This message is no longer here" in answer.text
