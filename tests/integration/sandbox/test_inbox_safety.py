"""What a sender writes must not run, load, escape or stall in the inbox."""

import base64
import re
import time

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


def directives(answer: Response) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_what_a_sender_writes_is_escaped_everywhere(api: Api) -> None:
    evil = "<script>alert(1)</script>"
    address = send(
        api,
        Subject=evil,
        To=[{"Email": "a@example.org", "Name": evil}],
        TextPart=evil,
        HTMLPart=f"<p>{evil}</p>",
        CustomID=evil,
        CustomCampaign=evil,
        EventPayload=evil,
        Variables={evil: evil},
        Headers={"X-A": evil},
        Attachments=[attached(PDF, evil, "text/plain")],
    )
    for tab in ("text", "request", "variables", "headers", "attachments", "html&view=source"):
        page = get(api, f"{address}?tab={tab}&q={evil}&status={evil}").text
        assert evil not in page
        assert "&lt;script&gt;" in page


def test_the_page_may_load_its_own_files_only(api: Api) -> None:
    answer = get(api, send(api))
    policy = directives(answer)
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "img-src", "connect-src", "frame-src")} == {"'self'"}
    addresses = re.findall(r'\s(?:src|href|action)="([^"#]+)"', answer.text)
    assert addresses
    assert all(address.startswith("/") for address in addresses)
    assert not re.search(r"<script>|\sstyle=|\son\w+=", answer.text)


def test_the_mail_is_framed_without_scripts_and_without_network(api: Api) -> None:
    address = send(api, HTMLPart="<p>x</p>")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in get(api, address).text
    policy = directives(get(api, f"{address}/mail"))
    assert policy["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
    assert policy["default-src"] == "'none'"
    assert policy["img-src"] == f"data: {api.url}{address}/file/"
    assert policy["form-action"] == "'none'"


@pytest.mark.parametrize(
    "html",
    [
        '<link rel="preconnect" href="https://evil.example">',
        '<LINK rel=stylesheet href="https://evil.example">',
        '<base href="https://evil.example/">',
        '<meta http-equiv="refresh" content="0;url=https://evil.example">',
        '<meta content="0;url=https://evil.example" HTTP-EQUIV=refresh>',
        '<iframe src="https://evil.example"></iframe>',
        '<object data="https://evil.example"></object>',
    ],
)
def test_elements_that_a_policy_does_not_stop_are_made_inert(api: Api, html: str) -> None:
    mail = get(api, f"{send(api, HTMLPart=html)}/mail").text
    assert not re.search(r"<(?:link|base href|meta[^>]*http-equiv|iframe|object)", mail, re.IGNORECASE)
    assert "inert-" in mail


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_cannot_empty_the_inbox(api: Api, sandbox: SandboxControl, headers: dict[str, str]) -> None:
    send(api)
    assert api.call("POST", "/delete", headers=headers).status_code == 403
    assert len(sandbox.messages()) == 1


@pytest.mark.parametrize(
    "html",
    [
        "<" * 2_000_000,
        "<!--" * 500_000,
        "<style>" * 250_000,
        "<meta " * 300_000,
        "<a href='" * 200_000,
        "{{var:x}}<" * 150_000,
        "cid:" * 500_000,
        "src=" * 500_000,
    ],
    ids=lambda html: html[:8],
)
def test_two_megabytes_of_malicious_html_are_shown_in_time(api: Api, html: str) -> None:
    address = send(api, HTMLPart=html)
    started = time.monotonic()
    for path in (address, f"{address}/mail", f"{address}?view=source"):
        assert get(api, path).status_code == 200
    assert time.monotonic() - started < 60  # what is not bounded takes minutes
