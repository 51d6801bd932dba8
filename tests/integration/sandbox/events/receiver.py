"""A server that events are told to, and what a test does with it."""

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.integration.sandbox.caller import Api, build_message

KINDS = ("sent", "open", "click", "bounce", "blocked", "spam", "unsub")
CALLBACKS = "/v3/REST/eventcallbackurl"
PATIENCE = 60
"""Seconds that a condition may take on a very busy machine."""


@dataclass(frozen=True, kw_only=True)
class Post:
    path: str
    body: Any
    authorization: str
    content_type: str
    arrived_at: float

    @property
    def user(self) -> str:
        """`user:password`, or ""."""
        return base64.b64decode(self.authorization.removeprefix("Basic ")).decode()


@dataclass
class Receiver:
    """Answers every POST with `status`, once `gate` is open, and keeps it."""

    status: int = 200
    posts: list[Post] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def url(self, path: str = "/events", *, user: str = "") -> str:
        return f"http://{user and user + '@'}127.0.0.1:{self.port}{path}"

    @property
    def events(self) -> list[Any]:
        """Of all POSTs, one after the other."""
        return [each for post in self.posts for each in (post.body if isinstance(post.body, list) else [post.body])]

    @property
    def kinds(self) -> list[str]:
        return [event["event"] for event in self.events]

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        post = Post(
            path=handler.path,
            body=json.loads(body),
            authorization=handler.headers.get("Authorization", ""),
            content_type=handler.headers["Content-Type"],
            arrived_at=time.monotonic(),
        )
        self.posts.append(post)
        self.gate.wait(PATIENCE)
        handler.send_response(self.status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


def serve(receiver: Receiver) -> ThreadingHTTPServer:
    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def register(api: Api, url: str, *kinds: str, version: int = 2, **more: object) -> list[int]:
    """Registers callbacks for these kinds, or for all seven; returns their IDs."""
    bodies = [{"EventType": kind, "Url": url, "Version": version, **more} for kind in kinds or KINDS]
    return [api.post(CALLBACKS, body).json()["Data"][0]["ID"] for body in bodies]


def send(api: Api, to: str = "customer@example.org", **changes: object) -> int:
    """Sends a good message; returns its MessageID."""
    answer = api.send(build_message(To=[{"Email": to}], **changes))
    assert answer.status_code == 200, answer.text
    return int(answer.json()["Messages"][0]["To"][0]["MessageID"])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
