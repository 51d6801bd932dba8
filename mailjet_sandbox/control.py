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

    def _send(self, method: str, path: str, body: object = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data=data, method=method)  # noqa: S310 - the caller's own sandbox
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            with error:
                raise ControlError(f"{method} {path}: {_explanation(error.read())}") from error


def _explanation(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:300]
