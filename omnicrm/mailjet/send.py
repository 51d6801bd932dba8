"""Send API v3.1: messages in, one verdict per message out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from omnicrm.mailjet.errors import OutcomeUnknown, Problem, RequestRejected
from omnicrm.mailjet.transport import Answer, Transport, problem_of

MAX_MESSAGES = 50
"""Per call. It is the limit on recipients too, and each of our messages has one."""
MAX_BYTES = 14 * 1024 * 1024
"""Per call. Mailjet's 15 MB limit on attachments, counted on the whole encoded body, with room to spare."""
_ENVELOPE_BYTES = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    email: str
    name: str = ""

    def to_json(self) -> dict[str, str]:
        return {"Email": self.email, "Name": self.name} if self.name else {"Email": self.email}


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file; `base64_content` is already encoded."""

    content_type: str
    filename: str
    base64_content: str

    def to_json(self) -> dict[str, str]:
        return {"ContentType": self.content_type, "Filename": self.filename, "Base64Content": self.base64_content}


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateMessage:
    """One recipient, one Mailjet template. `variables` is the JSON text of an object without nulls."""

    custom_id: str
    sender: Address
    to: Address
    template_id: int
    subject: str
    variables: str
    attachments: tuple[Attachment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        message = {
            "From": self.sender.to_json(),
            "To": [self.to.to_json()],
            "TemplateID": self.template_id,
            "TemplateLanguage": True,
            "Subject": self.subject,
            "Variables": orjson.Fragment(self.variables),
            "CustomID": self.custom_id,
        }
        if self.attachments:
            message["Attachments"] = [attachment.to_json() for attachment in self.attachments]
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


def pack(messages: Sequence[TemplateMessage]) -> Iterator[tuple[Sequence[TemplateMessage], bytes]]:
    """Cuts messages into calls of at most 50 and about 14 MB, in order; yields each call's messages and its body.

    A single message over the size is yielded alone: Mailjet's own refusal tells best what is wrong with it.
    """
    start, size = 0, _ENVELOPE_BYTES
    parts: list[bytes] = []
    for position, message in enumerate(messages):
        part = orjson.dumps(message.to_json())
        if parts and (len(parts) == MAX_MESSAGES or size + len(part) > MAX_BYTES):
            yield messages[start:position], _body(parts)
            start, size, parts = position, _ENVELOPE_BYTES, []
        parts.append(part)
        size += len(part) + 1
    if parts:
        yield messages[start:], _body(parts)


def _body(parts: list[bytes]) -> bytes:
    return b'{"AdvanceErrorHandling":true,"Messages":[' + b",".join(parts) + b"]}"


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
