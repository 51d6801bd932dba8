"""Answers in HTML, from the templates beside this file, under a policy that lets the page load its own files only."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from mailjet_sandbox.events.fates import BY_ADDRESS
from mailjet_sandbox.http import HTML, Request, Response
from mailjet_sandbox.inbox import formats
from mailjet_sandbox.inbox.texts import LANGUAGES

ASSETS: Final[Mapping[str, str]] = {
    "inbox.css": "text/css; charset=utf-8",
    "inbox.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GUARDED: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-DNS-Prefetch-Control": "off",
    "Cache-Control": "no-cache",
}
HOST: Final = re.compile(r"[A-Za-z0-9._\[\]:-]{1,255}")
FOREVER: Final = "public, max-age=31536000, immutable"


def page(template: str, *, status: int = 200, headers: Mapping[str, str], **context: object) -> Response:
    body = _environment().get_template(template).render(**context)
    return guarded(body.encode("utf-8", "replace"), HTML, policy=POLICY, status=status, headers=headers)


def guarded(
    body: bytes, content_type: str, *, policy: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    all_headers = {**GUARDED, "Content-Security-Policy": policy, **(headers or {})}
    return Response(status=status, body=body, content_type=content_type, headers=all_headers)


def redirect(place: str, *, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status=303, content_type=HTML, headers={"Location": place, **(headers or {})})


def asset(name: str) -> Response | None:
    """Kept by the browser for good: its address changes with its content."""
    if name not in ASSETS:
        return None
    return guarded(_content(name), ASSETS[name], policy="default-src 'none'", headers={"Cache-Control": FOREVER})


def own_origin(request: Request) -> str:
    """As the browser sees it; what is no host name is not repeated."""
    host = request.headers.get("host", "")
    return f"http://{host if HOST.fullmatch(host) else 'localhost'}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mailjet_sandbox.inbox"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        asset=_asset_address,
        languages=LANGUAGES.values(),
        fate_words=BY_ADDRESS,
        count=formats.count,
        size=formats.size,
        short_time=formats.short_time,
        long_time=formats.long_time,
    )
    return environment


def _asset_address(name: str) -> str:
    return f"/static/{name}?v={hashlib.sha256(_content(name)).hexdigest()[:12]}"


@cache
def _content(name: str) -> bytes:
    return files("mailjet_sandbox.inbox").joinpath("static", name).read_bytes()
