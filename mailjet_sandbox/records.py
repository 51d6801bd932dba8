"""What the sandbox keeps, as values. Changing one means replacing it in the Store."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

RecipientField = Literal["To", "Cc", "Bcc"]
MessageStatus = Literal["sent", "blocked", "hardbounced", "softbounced", "deferred"]
SenderStatus = Literal["Active", "Inactive", "Deleted"]
EventKind = Literal["sent", "open", "click", "bounce", "blocked", "spam", "unsub"]
CallbackStatus = Literal["alive", "dead"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    email: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file of a message. An inlined one is shown inside the HTML as `cid:<content_id>`; else content_id is ""."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""

    @property
    def is_inlined(self) -> bool:
        return self.content_id != ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredMessage:
    """What one recipient got, or would have got.

    A message of a send call with three recipients is three of these: same content, own `message_id` and `recipient`.
    `request` is its entry of the call's Messages, Globals merged in, file contents left out. `subject`, `html` and
    `text` are rendered. `errors` are the template language's. `reason` says in Mailjet's words why a message that was
    blocked or bounced was, else "".
    """

    message_id: int
    message_uuid: str
    api_key: str
    accepted_at: datetime
    recipient: Address
    recipient_field: RecipientField
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    subject: str
    html: str = ""
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    template_id: int | None = None
    attachments: tuple[Attachment, ...] = ()
    custom_id: str = ""
    event_payload: str = ""
    campaign: str = ""
    status: MessageStatus = "sent"
    reason: str = ""
    errors: tuple[str, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes, near enough: rendered parts and attachments."""
        return len(self.html) + len(self.text) + sum(len(file.content) for file in self.attachments)

    @property
    def has_arrived(self) -> bool:
        """Whether its recipient can do anything with it."""
        return self.status == "sent"

    @property
    def is_open_tracked(self) -> bool:
        """Opens are counted by an image in the HTML. The account's default is to count them."""
        return bool(self.html) and self.request.get("TrackOpens") != "disabled"

    @property
    def is_click_tracked(self) -> bool:
        return bool(self.html) and self.request.get("TrackClicks") != "disabled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """A template with its content. `api_key` is its owner; "" means that every key sees it.

    `headers` may hold From, Subject, Reply-To, SenderName, SenderEmail. A part that was never given is None.
    """

    id: int
    name: str
    api_key: str = ""
    html: str | None = None
    text: str | None = None
    mjml: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Further properties as Mailjet names them: EditMode, Purposes, Locale, …"""
    created_at: datetime
    updated_at: datetime

    def header(self, name: str) -> str:
        """The value of a header, whatever the case of its name, or ""."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "") or ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """An address, or a whole domain as `*@example.com`, that may stand in From. `api_key` "" means for every key."""

    id: int
    email: str
    name: str = ""
    api_key: str = ""
    status: SenderStatus = "Active"
    email_type: str = "unknown"
    is_default: bool = False
    created_at: datetime

    def covers(self, email: str) -> bool:
        mine, theirs = self.email.lower(), email.lower()
        return mine == theirs or (mine.startswith("*@") and theirs.rpartition("@")[2] == mine[2:])


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKey:
    """A key pair. `is_registered` is false for one that was merely seen in a sandbox where every pair is good."""

    id: int
    api_key: str
    api_secret: str
    name: str = ""
    is_registered: bool = False
    is_suspended: bool = False
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Callback:
    """Where events of one kind are told. The `url` may hold user and password.

    `version` 1 gets each event as an object in a POST of its own, 2 gets arrays of all kinds. `event_type` may be one
    of Mailjet's older kinds too, of which the sandbox never has any.
    """

    id: int
    api_key: str
    event_type: str
    url: str
    version: Literal[1, 2] = 1
    is_backup: bool = False
    status: CallbackStatus = "alive"


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRecord:
    """One API call. `arrived_at` is in Unix seconds; `status` 0 means that the connection was closed without an answer.

    `messages` counts the entries of a send call, good or bad; `fault` names the scripted fault that met the call.
    """

    arrived_at: float
    method: str
    path: str
    api_key: str
    status: int
    messages: int = 0
    fault: str = ""


def number_of(name: str) -> int:
    """A number for something that has only a name here (campaign, domain): always the same, 0 for no name."""
    return zlib.crc32(name.lower().encode()) if name else 0


def contact_id(email: str) -> int:
    """The number of the contact that an address stands for: always the same for the same address."""
    return zlib.crc32(email.lower().encode()) + 1
