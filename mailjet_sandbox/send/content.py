"""What one message says before rendering: its own properties, over what its template supplies."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

from mailjet_sandbox.records import Address, Attachment, Template
from mailjet_sandbox.send.shape import PROPERTIES

NOBODY = Address(email="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """`subject`, `html` and `text` are still in the template language. A sender without email is an unknown one."""

    sender: Address
    reply_to: Address | None
    subject: str
    html: str
    text: str

    @property
    def is_empty(self) -> bool:
        return not self.html and not self.text


def compose(message: Mapping[str, Any], template: Template | None) -> Content:
    return Content(
        sender=address(message["From"]) if "From" in message else (template and template_sender(template)) or NOBODY,
        reply_to=address(message["ReplyTo"]) if "ReplyTo" in message else _template_reply_to(template),
        subject=message.get("Subject") or (template.header("Subject") if template else ""),
        html=message.get("HTMLPart") or (template and template.html) or "",
        text=message.get("TextPart") or (template and template.text) or "",
    )


def address(value: Mapping[str, str]) -> Address:
    return Address(email=value["Email"], name=value.get("Name") or "")


def addresses(message: Mapping[str, Any], field: str) -> tuple[Address, ...]:
    return tuple(address(value) for value in message.get(field, ()))


def template_sender(template: Template) -> Address | None:
    """Whom the template's headers name as the sender: From, or SenderEmail and SenderName."""
    name, email = _name_and_email(template.header("From"))
    email = email if "@" in email else template.header("SenderEmail")
    return Address(email=email, name=name or template.header("SenderName")) if email else None


def _template_reply_to(template: Template | None) -> Address | None:
    name, email = _name_and_email(template.header("Reply-To")) if template else ("", "")
    return Address(email=email, name=name) if email else None


_name_and_email = lru_cache(parseaddr)


class Files:
    """Decodes the attachments of one call. A list that many messages share through Globals is decoded once."""

    def __init__(self) -> None:
        self._decoded: dict[int, tuple[Attachment, ...]] = {}

    def of(self, message: Mapping[str, Any]) -> tuple[Attachment, ...]:
        return (
            *self._decode(message.get("Attachments")),
            *self._decode(message.get("InlinedAttachments"), inlined=True),
        )

    def _decode(self, entries: Sequence[Mapping[str, str]] | None, *, inlined: bool = False) -> tuple[Attachment, ...]:
        if not entries:
            return ()
        if id(entries) not in self._decoded:
            self._decoded[id(entries)] = tuple(_attachment(entry, inlined=inlined) for entry in entries)
        return self._decoded[id(entries)]


def _attachment(entry: Mapping[str, str], *, inlined: bool) -> Attachment:
    return Attachment(
        filename=entry["Filename"],
        content_type=entry["ContentType"],
        content=base64.b64decode(entry["Base64Content"]),
        content_id=(entry.get("ContentID") or entry["Filename"]) if inlined else "",
    )


def without_files(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message as it is kept and shown: the content of files replaced by its size, unknown properties left out."""
    kept = {name: value for name, value in message.items() if name in PROPERTIES}
    for name in ("Attachments", "InlinedAttachments"):
        if name in kept:
            kept[name] = [_without_content(entry) for entry in kept[name]]
    return kept


def _without_content(entry: Mapping[str, str]) -> dict[str, str]:
    return {**entry, "Base64Content": f"({len(entry['Base64Content'])} characters)"}


def encoded_size(messages: Iterable[Any]) -> int:
    """Bytes of all base64 content in these messages, whatever else may be wrong with them."""
    entries = (entry for message in messages if isinstance(message, dict) for entry in _entries(message))
    return sum(len(entry["Base64Content"]) for entry in entries if isinstance(entry.get("Base64Content"), str))


def _entries(message: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for name in ("Attachments", "InlinedAttachments"):
        entries = message.get(name)
        if isinstance(entries, list):
            yield from (entry for entry in entries if isinstance(entry, dict))
