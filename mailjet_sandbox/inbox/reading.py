"""One message, ready to be shown: its parts, what is wrong with it, and how its variables were used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup

from mailjet_sandbox.events.happening import is_told
from mailjet_sandbox.events.log import Event
from mailjet_sandbox.inbox import marks
from mailjet_sandbox.inbox.json_view import coloured_json
from mailjet_sandbox.inbox.mail_document import wants_remote_content
from mailjet_sandbox.language import parse
from mailjet_sandbox.records import Attachment, StoredMessage, Template
from mailjet_sandbox.sandbox import Sandbox

TABS: Final = ("html", "text", "request", "variables", "headers", "attachments", "events")
OPENABLE: Final = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"})
"""What a browser shows without running anything."""
IMAGES: Final = OPENABLE | {"image/svg+xml", "image/bmp", "image/x-icon"}
"""What may stand in an `<img>`; alone in a window an SVG could run scripts."""

TRACKING: Final = {"account_default": "0", "disabled": "1", "enabled": "2"}
"""What these properties are as headers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """`state` is "used", "unused", "missing", or "" if there is no template to compare with."""

    name: str
    value: Markup
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldEvent:
    """`state` is "told", "pending" or "lost"; `happened_at` None where the event says something else than a time."""

    kind: str
    happened_at: datetime | None
    state: str
    payload: Markup


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """`tab` is the one to show, `view` how to show HTML: "desktop", "phone" or "source".

    `template` is None if there was none, or once it is gone from the store. `can_report` and `can_unsubscribe`: a
    callback is registered for what comes of it.
    """

    message: StoredMessage
    template: Template | None
    events: Sequence[ToldEvent]
    can_report: bool
    can_unsubscribe: bool
    tab: str
    view: str

    @property
    def counts(self) -> Mapping[str, int]:
        return {
            "variables": len(self.message.variables),
            "attachments": len(self.message.attachments),
            "events": len(self.events),
        }

    @property
    def subject(self) -> Markup:
        return marks.marked(self.message.subject, self.message)

    @property
    def text(self) -> Markup:
        return marks.marked(self.message.text, self.message)

    @property
    def source(self) -> Markup:
        return marks.marked(self.message.html, self.message)

    @property
    def missing(self) -> Sequence[str]:
        return marks.missing_names(self.message)

    @property
    def leftovers(self) -> str:
        """Why there are template tags in a message without errors: "language_off" or "leftovers", else ""."""
        if self.message.errors or not marks.has_leftovers(self.message):
            return ""
        return "leftovers" if self.message.request.get("TemplateLanguage") is True else "language_off"

    @property
    def remote_is_blocked(self) -> bool:
        return wants_remote_content(self.message)

    @property
    def request(self) -> Markup:
        return coloured_json(self.message.request)

    @property
    def variables(self) -> Sequence[Variable]:
        used = _used_names(self.message, self.template)
        missing = [name.removeprefix("var:") for name in self.missing if name.startswith("var:")]
        absent = [name for name in missing if name not in self.message.variables]
        return [
            *(Variable(name=name, value=Markup("—"), state="missing") for name in absent),
            *(
                Variable(name=name, value=_value(value), state=_state(name, used))
                for name, value in self.message.variables.items()
            ),
        ]

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        return [(name, value) for name, value in _headers(self.message) if value]


def read_message(sandbox: Sandbox, message: StoredMessage, *, tab: str, view: str) -> Reading:
    store = sandbox.store
    template = None if message.template_id is None else store.template_of(message.api_key, message.template_id)
    first = "html" if message.html or not message.text else "text"
    return Reading(
        message=message,
        template=template,
        events=[_told(event) for event in sandbox.events.kept if event.payload["MessageID"] == message.message_id],
        can_report=message.has_arrived and is_told(sandbox, message, "spam"),
        can_unsubscribe=message.has_arrived and is_told(sandbox, message, "unsub"),
        tab=tab if tab in TABS else first,
        view=view,
    )


def _told(event: Event) -> ToldEvent:
    state = "told" if event.told else "lost" if event.is_lost else "pending"
    return ToldEvent(
        kind=event.kind,
        happened_at=_moment(event.payload["time"]),
        state=state,
        payload=coloured_json(event.payload),
    )


def _moment(seconds: object) -> datetime | None:
    """The control API may let an event say anything."""
    try:
        return datetime.fromtimestamp(seconds, UTC)  # type: ignore[arg-type]  # a TypeError is an answer
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def is_openable(file: Attachment) -> bool:
    return file.content_type.lower() in OPENABLE


def is_image(file: Attachment) -> bool:
    return file.content_type.lower() in IMAGES


def _value(value: object) -> Markup:
    return Markup.escape(value) if isinstance(value, str) else coloured_json(value)


def _state(name: str, used: frozenset[str] | None) -> str:
    if used is None:
        return ""
    return "used" if name in used else "unused"


def _used_names(message: StoredMessage, template: Template | None) -> frozenset[str] | None:
    """The variables that the message's sources read, without `var:` and members; None if no source is known."""
    sources = [str(message.request[part]) for part in ("Subject", "HTMLPart", "TextPart") if part in message.request]
    if template is not None:
        sources += [template.html or "", template.text or "", template.header("Subject")]
    if template is None and message.template_id is not None:
        return None
    references = [reference for source in sources for reference in parse(source).references]
    return frozenset(reference.path[0] for reference in references if reference.namespace == "var")


def _headers(message: StoredMessage) -> Iterator[tuple[str, str]]:
    yield "From", str(message.sender)
    yield "To", ", ".join(map(str, message.to))
    yield "Cc", ", ".join(map(str, message.cc))
    yield "Bcc", ", ".join(map(str, message.bcc))
    yield "Reply-To", "" if message.reply_to is None else str(message.reply_to)
    yield "Subject", message.subject
    yield from message.headers.items()
    yield "X-MJ-CustomID", message.custom_id
    yield "X-MJ-EventPayload", message.event_payload
    yield "X-Mailjet-Campaign", message.campaign
    yield "X-MJ-TemplateID", "" if message.template_id is None else str(message.template_id)
    yield "X-Mailjet-TrackOpen", TRACKING.get(message.request.get("TrackOpens", ""), "")
    yield "X-Mailjet-TrackClick", TRACKING.get(message.request.get("TrackClicks", ""), "")
    yield "X-MJ-MID", str(message.message_id)
