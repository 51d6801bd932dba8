"""Requests, responses and routes as plain values: nothing here knows which server carries them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote

import orjson

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=UTF-8"

Delivery = Literal["whole", "half", "none"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """`path` is as it stood in the request line, still percent-encoded; header names are in lower case.

    `arrived_at` is in Unix seconds.
    """

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    arrived_at: float = 0.0

    @property
    def query(self) -> dict[str, str]:
        """Of a repeated name, only the first value counts."""
        pairs = parse_qsl(self.query_string, keep_blank_values=True)
        return dict(reversed(pairs))

    @cached_property
    def json(self) -> dict[str, Any] | None:
        """The object that the body is, or None if it is anything else."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """`delivery` "half" cuts the body in two and closes the connection, "none" closes it without a word."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    delivery: Delivery = "whole"


def json_response(value: object, *, status: int = 200, reason: str | None = None) -> Response:
    return Response(status=status, body=orjson.dumps(value), reason=reason)


def html_response(page: str, *, status: int = 200) -> Response:
    return Response(status=status, body=page.encode(), content_type=HTML)


Endpoint = Callable[..., Response | Awaitable[Response]]
"""`endpoint(sandbox: Sandbox, request: Request, **params: str) -> Response`, or a coroutine function.

The params are the values of the pattern's `{names}`, percent-decoded.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """`pattern` is a path whose segments are words (their case does not matter) or `{names}`."""

    method: str
    pattern: str
    endpoint: Endpoint


class Router:
    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = [(route, route.pattern.strip("/").lower().split("/")) for route in routes]

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | frozenset[str]:
        """The endpoint and its params, or the methods that the path does know: none of them if it is unknown."""
        segments = [unquote(segment) for segment in path.strip("/").split("/")]
        others: set[str] = set()
        for route, pattern in self._routes:
            params = _params(pattern, segments)
            if params is None:
                continue
            if route.method == method:
                return route.endpoint, params
            others.add(route.method)
        return frozenset(others)


def _params(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    params: dict[str, str] = {}
    for expected, actual in zip(pattern, segments, strict=True):
        if expected.startswith("{"):
            params[expected[1:-1]] = actual
        elif expected != actual.lower():
            return None
    return params
