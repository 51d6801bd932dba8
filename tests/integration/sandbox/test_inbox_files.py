"""The files of a message in the inbox: opened, downloaded, shown inside the HTML."""

import base64

import pytest
from requests import Response

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


def test_a_pdf_opens_in_the_browser_and_is_downloaded_on_demand(api: Api) -> None:
    address = send(api, Attachments=[attached(PDF, "Facture n°1.pdf", "application/pdf")])
    opened, downloaded = get(api, f"{address}/file/0"), get(api, f"{address}/file/0?download=1")
    assert opened.content == downloaded.content == PDF
    assert opened.headers["Content-Type"] == "application/pdf"
    assert opened.headers["Content-Disposition"] == "inline; filename*=UTF-8''Facture%20n%C2%B01.pdf"
    assert downloaded.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "x/y\r\nX-Evil: 1"]
)
def test_a_file_that_could_run_scripts_is_only_downloaded(api: Api, kind: str) -> None:
    answer = get(api, f"{send(api, Attachments=[attached(b'<script>', 'a.html', kind)])}/file/0")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Type"] in {"application/octet-stream", "image/svg+xml"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Evil" not in answer.headers


def test_a_hostile_file_name_stays_one_header(api: Api) -> None:
    hostile = attached(PDF, 'a\r\nX-Evil: 1".pdf', "application/pdf")
    answer = get(api, f"{send(api, Attachments=[hostile])}/file/0")
    assert answer.status_code == 200
    assert "X-Evil" not in answer.headers


def test_an_inlined_image_is_shown_inside_the_html(api: Api) -> None:
    logo = attached(PNG, "logo.png", "image/png", ContentID="logo")
    address = send(api, HTMLPart='<img src="cid:logo"><img src="cid:other">', InlinedAttachments=[logo])
    mail = get(api, f"{address}/mail")
    assert f'<img src="{address}/file/0"><img src="cid:other">' in mail.text
    assert get(api, f"{address}/file/0").content == PNG


@pytest.mark.parametrize("place", ["1", "-1", "x", "99999999999999999999999"])
def test_a_file_that_is_not_there_is_not_found(api: Api, place: str) -> None:
    assert (
        get(api, f"{send(api, Attachments=[attached(PDF, 'a.pdf', 'application/pdf')])}/file/{place}").status_code
        == 404
    )
