"""A client of the control API, for tests and scripts. Standard library only; synchronous."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

PAGE = 500
TIMEOUT_SECONDS = 30
FLUSH_SECONDS = 300


class ControlError(Exception):
    """The sandbox refused; its text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """`url` is a path; `SandboxControl.download` takes it."""

    filename: str
    content_type: str
    content_id: str
    size: int
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What one recipient got. Addresses are bare; `json` holds everything else that the control API tells."""

    message_id: int
    message_uuid: str
    recipient: str
    sender: str
    subject: str
    html: str
    text: str
    status: str
    reason: str
    custom_id: str
    template_id: int | None
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    attachments: tuple[File, ...]
    errors: tuple[str, ...]
    json: Mapping[str, Any]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        same = ("message_uuid", "subject", "html", "text", "status", "reason", "custom_id", "template_id", "variables")
        return cls(
            message_id=int(value["message_id"]),
            recipient=value["recipient"]["email"],
            sender=value["from"]["email"],
            headers=value["headers"],
            attachments=tuple(File(**file) for file in value["attachments"]),
            errors=tuple(value["errors"]),
            json=value,
            **{name: value[name] for name in same},
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One API call; `arrived_at` in Unix seconds, `status` 0 if the connection was closed without an answer."""

    arrived_at: float
    method: str
    path: str
    api_key: str
    status: int
    messages: int
    fault: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """`payload` is what is told. `told` counts the POSTs answered with 200; `is_lost`: nobody is left to tell.

    `message_id` is 0 for a test event.
    """

    kind: str
    message_id: int
    email: str
    api_key: str
    told: int
    is_lost: bool
    payload: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flushed:
    """How many events were told, how many could not be and are pending, and why not."""

    told: int
    pending: int
    problems: tuple[str, ...]


class SandboxControl:
    """`url` is where the sandbox listens: `http://127.0.0.1:8025`."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def health(self) -> dict[str, Any]:
        return self._object("GET", "/sandbox/health")

    def reset(self) -> None:
        """Back to how the sandbox was at its start, with nothing in it."""
        self._send("POST", "/sandbox/reset")

    def messages(self, **filters: str | int) -> list[Message]:
        """The kept messages, newest first. Filters: to, custom_id, template, subject (a part of it), status."""
        return [Message.from_json(item) for item in self._pages("/sandbox/messages", filters)]

    def message(self, message_id: int) -> Message:
        return Message.from_json(self._object("GET", f"/sandbox/messages/{message_id}"))

    def download(self, file: File) -> bytes:
        return self._send("GET", file.url)

    def clear_messages(self) -> None:
        self._send("DELETE", "/sandbox/messages")

    def calls(self, *, path: str = "") -> list[Call]:
        """The API calls whose path begins with `path`, earliest first."""
        return [Call(**item) for item in self._pages("/sandbox/calls", {"path": path})]

    def clear_calls(self) -> None:
        self._send("DELETE", "/sandbox/calls")

    def fault(self, kind: str, **details: str | float) -> None:
        """Adds to the script of faults. Details: path, times, status, seconds, retry_after."""
        self._send("POST", "/sandbox/faults", {"kind": kind, **details})

    def faults(self) -> list[dict[str, Any]]:
        """Those still to come, with the `times` left."""
        return list(self._object("GET", "/sandbox/faults")["items"])

    def clear_faults(self) -> None:
        self._send("DELETE", "/sandbox/faults")

    def settings(self, **changes: float | bool | Iterable[str]) -> dict[str, Any]:
        """Changes settings, if any are given; returns all of them."""
        if not changes:
            return self._object("GET", "/sandbox/settings")
        return self._object("PATCH", "/sandbox/settings", changes)

    def put_template(
        self,
        template_id: int,
        *,
        name: str = "",
        html: str | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        api_key: str = "",
    ) -> None:
        """Creates the template or replaces all of it. Without api_key every key may use it."""
        content = {"name": name, "html": html, "text": text, "headers": headers or {}, "api_key": api_key}
        self._send("PUT", f"/sandbox/templates/{template_id}", content)

    def remove_template(self, template_id: int) -> None:
        self._send("DELETE", f"/sandbox/templates/{template_id}")

    def register_key(self, api_key: str, api_secret: str) -> None:
        """From the first registered pair on, no other is accepted."""
        self._send("POST", "/sandbox/keys", {"api_key": api_key, "api_secret": api_secret})

    def suspend_key(self, api_key: str) -> None:
        self._send("POST", f"/sandbox/keys/{urllib.parse.quote(api_key, safe='')}/suspend")

    def resume_key(self, api_key: str) -> None:
        self._send("POST", f"/sandbox/keys/{urllib.parse.quote(api_key, safe='')}/resume")

    def put_sender(self, email: str, *, status: str = "Active", api_key: str = "") -> None:
        """An address, or a domain as `*@example.com`. It matters once the setting strict_senders is true."""
        self._send("POST", "/sandbox/senders", {"email": email, "status": status, "api_key": api_key})

    def fate(self, email: str, kind: str, *, error: str = "") -> None:
        """What becomes of messages to this address from now on.

        `kind` is delivered, hardbounce, softbounce, greylisted, blocked, spam or none (nothing is ever told);
        `error` one of Mailjet's words for why.
        """
        self._send("POST", "/sandbox/fates", {"email": email, "kind": kind, "error": error})

    def clear_fates(self) -> None:
        self._send("DELETE", "/sandbox/fates")

    def emit(self, message_id: int, kind: str, **properties: object) -> Event:
        """Makes something happen to a message: sent, open, click, bounce, blocked, spam or unsub.

        `properties` replace what the event would say, or add to it: `url="…"`, `hard_bounce=False`, `time=…`.
        Message 0 is a test event, about no message. ControlError if no callback is registered for this kind.
        """
        body = {"message_id": str(message_id), "kind": kind, "properties": properties}
        return _event(self._object("POST", "/sandbox/events", body))

    def events(self, **filters: str | int) -> list[Event]:
        """Those for which there was a callback, earliest first. Filters: kind, message_id, to."""
        return [_event(item) for item in self._pages("/sandbox/events", filters)]

    def clear_events(self) -> None:
        """Also those that are still to be told."""
        self._send("DELETE", "/sandbox/events")

    def flush_events(self, *, reverse: bool = False, times: int = 1) -> Flushed:
        """Tells all that is pending, now; returns when it is done. Each event is told `times` times.

        With the setting hold_events nothing is told in between.
        """
        body = {"reverse": reverse, "times": times}
        result = json.loads(self._send("POST", "/sandbox/events/flush", body, timeout=FLUSH_SECONDS))
        return Flushed(told=result["told"], pending=result["pending"], problems=tuple(result["problems"]))

    def _pages(self, path: str, filters: Mapping[str, str | int]) -> Iterator[Mapping[str, Any]]:
        offset = 0
        while True:
            query = urllib.parse.urlencode({**filters, "limit": PAGE, "offset": offset})
            page = self._object("GET", f"{path}?{query}")
            yield from page["items"]
            offset += PAGE
            if offset >= page["count"]:
                return

    def _object(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        value = json.loads(self._send(method, path, body))
        return dict(value)

    def _send(self, method: str, path: str, body: object = None, *, timeout: float = TIMEOUT_SECONDS) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data=data, method=method)  # noqa: S310 - the caller's own sandbox
        try:
            with self._opener.open(request, timeout=timeout) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            with error:
                raise ControlError(f"{method} {path}: {_explanation(error.read())}") from error


def _event(value: Mapping[str, Any]) -> Event:
    return Event(**{**value, "message_id": int(value["message_id"])})


def _explanation(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:300]
