"""Send API v3.1: messages in, one verdict per message out."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import orjson

from omnicrm.mailjet.errors import OutcomeUnknown, Problem, RequestRejected
from omnicrm.mailjet.transport import Answer, Transport, problem_of

MAX_MESSAGES = 50
"""Per call. It is the limit on recipients too, and each of our messages has one."""
MAX_BYTES = 14 * 1024 * 1024
"""Per call. Mailjet's 15 MB limit on attachments, counted on the whole encoded body, with room to spare."""
LARGEST_ATTACHED = 10 * 1024 * 1024
"""Bytes of all the attachments of one message, before base64: what fits into a call beside the rest of the message."""
_OPENING = b'{"AdvanceErrorHandling":true,"Messages":['
_CLOSING = b"]}"
_ENVELOPE_BYTES = 100
_FILE_BYTES = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    email: str
    name: str = ""

    def to_json(self) -> dict[str, str]:
        return {"Email": self.email, "Name": self.name} if self.name else {"Email": self.email}


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file that comes with a message; `size` in bytes. Its content follows when the call is made: see CallWriter."""

    content_type: str
    filename: str
    size: int

    @property
    def encoded_size(self) -> int:
        """Bytes it takes in a call, or a little more."""
        names = len(orjson.dumps(self.filename)) + len(orjson.dumps(self.content_type))
        return 4 * ((self.size + 2) // 3) + names + _FILE_BYTES


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateMessage:
    """One recipient, one Mailjet template. `variables` is the JSON text of an object without nulls.

    A message that `is_tracked` follows the account's settings for opens and clicks; another one is never tracked.
    """

    custom_id: str
    sender: Address
    to: Address
    template_id: int
    subject: str
    variables: str
    is_tracked: bool = True
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    attachments: tuple[Attachment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All but the attachments."""
        message = {
            "From": self.sender.to_json(),
            "To": [self.to.to_json()],
            "TemplateID": self.template_id,
            "TemplateLanguage": True,
            "Subject": self.subject,
            "Variables": orjson.Fragment(self.variables),
            "CustomID": self.custom_id,
        }
        if not self.is_tracked:
            message |= {"TrackOpens": "disabled", "TrackClicks": "disabled"}
        if self.headers:
            message["Headers"] = dict(self.headers)
        return message


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """In Mailjet's queue. `message_id` is a 64-bit integer, beyond what a float holds."""

    message_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """Not taken; the neighbours in the same call are not touched by it."""

    problems: tuple[Problem, ...]

    @property
    def is_passing(self) -> bool:
        """True if Mailjet reports a fault of its own: the same message may be taken later."""
        return all(problem.status >= 500 for problem in self.problems)

    def __str__(self) -> str:
        return "; ".join(str(problem) for problem in self.problems)


Verdict = Accepted | Refused


@dataclass(frozen=True, slots=True)
class Parcel:
    """The messages of one call, each as JSON; files are still to be attached."""

    messages: Sequence[TemplateMessage]
    parts: Sequence[bytes]


def pack(messages: Sequence[TemplateMessage]) -> Iterator[Parcel]:
    """Cuts messages into calls of at most 50 and about 14 MB with their attachments, in order.

    A single message over the size is yielded alone: Mailjet's own refusal tells best what is wrong with it.
    """
    start, size = 0, _ENVELOPE_BYTES
    parts: list[bytes] = []
    for position, message in enumerate(messages):
        part = orjson.dumps(message.to_json())
        needed = len(part) + 1
        if message.attachments:
            needed += sum(attachment.encoded_size for attachment in message.attachments)
        if parts and (len(parts) == MAX_MESSAGES or size + needed > MAX_BYTES):
            yield Parcel(messages[start:position], parts)
            start, size, parts = position, _ENVELOPE_BYTES, []
        parts.append(part)
        size += needed
    if parts:
        yield Parcel(messages[start:], parts)


def call_body(parts: Iterable[bytes]) -> bytes:
    """The body of a call without files."""
    return _OPENING + b",".join(parts) + _CLOSING


class CallWriter:
    """The body of a call with files, written message by message so that none of them is in memory twice."""

    def __init__(self) -> None:
        self._body = io.BytesIO()
        self._before = _OPENING

    def add(self, part: bytes, files: Iterable[tuple[Attachment, bytes]]) -> None:
        """Adds a packed message and its attachments, each with its content in base64."""
        self._body.write(self._before)
        self._before = b","
        self._body.write(part[:-1])
        before = b',"Attachments":['
        for file, content in files:
            kind, name = orjson.dumps(file.content_type), orjson.dumps(file.filename)
            self._body.write(b'%b{"ContentType":%b,"Filename":%b,"Base64Content":"' % (before, kind, name))
            self._body.write(content)
            self._body.write(b'"}')
            before = b","
        self._body.write(b"]}" if before == b"," else b"}")

    def finished(self) -> bytes:
        self._body.write(_CLOSING)
        return self._body.getvalue()


async def send(transport: Transport, body: bytes, *, count: int) -> list[Verdict]:
    """Hands over one packed call; returns `count` verdicts in the order of its messages, whatever the HTTP status.

    Raises RequestRejected if the call was refused as a whole, and the other errors of errors.py.
    """
    answer = await transport.request("POST", "/v3.1/send", body=body)
    entries = answer.body.get("Messages")
    if entries is None and answer.status >= 400:
        raise RequestRejected(problem_of(answer.body, status=answer.status))
    if not isinstance(entries, list) or len(entries) != count:
        raise OutcomeUnknown(f"Mailjet answered HTTP {answer.status} without a result for each message")
    try:
        return [_verdict(entry, answer) for entry in entries]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown(f"Mailjet answered HTTP {answer.status} in an unknown form") from error


def _verdict(entry: Mapping[str, Any], answer: Answer) -> Verdict:
    if entry["Status"] == "success":
        message_id = int(entry["To"][0]["MessageID"])
        if not 0 < message_id < 2**63:
            raise ValueError(f"{message_id} is not a MessageID")
        return Accepted(message_id=message_id)
    problems = tuple(problem_of(error, status=answer.status) for error in entry.get("Errors") or ())
    return Refused(problems=problems or (Problem(code="", status=answer.status, text="refused without a reason"),))
