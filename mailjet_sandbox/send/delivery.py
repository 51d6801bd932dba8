"""Accepted messages: rendered for each recipient and stored, blocked ones with the reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from mailjet_sandbox.events.fates import Fate
from mailjet_sandbox.events.happening import meet_fate
from mailjet_sandbox.language import render
from mailjet_sandbox.records import Address, Attachment, RecipientField, StoredMessage, Template, contact_id
from mailjet_sandbox.sandbox import Sandbox
from mailjet_sandbox.send.content import Content, Files, address, addresses, compose, without_files

FIELDS: tuple[RecipientField, ...] = ("To", "Cc", "Bcc")
REPORTER = Address(email="templating-language-error@mailjet.com")
LANGUAGE_ERROR = "error in template language"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One accepted message on its way. `reason` is not "" if it was to be blocked from the start."""

    message: Mapping[str, Any]
    template: Template | None
    api_key: str
    now: datetime
    reason: str
    files: Files

    def run(self, sandbox: Sandbox) -> list[StoredMessage]:
        """Stores one message for each recipient, in the order To, Cc, Bcc, and returns them."""
        content = compose(self.message, self.template)
        common = self._common(content)
        delivered = [
            self._deliver(sandbox, content, common, recipient, field)
            for field in FIELDS
            for recipient in addresses(self.message, field)
        ]
        self._report_errors(sandbox, content, delivered)
        return delivered

    def _common(self, content: Content) -> dict[str, Any]:
        """What is the same for all recipients."""
        message = self.message
        return {
            "api_key": self.api_key,
            "accepted_at": self.now,
            "sender": content.sender,
            "to": addresses(message, "To"),
            "cc": addresses(message, "Cc"),
            "bcc": addresses(message, "Bcc"),
            "reply_to": content.reply_to,
            "headers": message.get("Headers", {}),
            "variables": message.get("Variables", {}),
            "template_id": message.get("TemplateID"),
            "attachments": self.files.of(message),
            "custom_id": message.get("CustomID", ""),
            "event_payload": message.get("EventPayload", ""),
            "campaign": message.get("CustomCampaign", ""),
            "request": without_files(message),
        }

    def _deliver(
        self, sandbox: Sandbox, content: Content, common: dict[str, Any], recipient: Address, field: RecipientField
    ) -> StoredMessage:
        parts = self._render(content, recipient)
        reason = self._reason(sandbox, content, recipient, failed=bool(parts.errors))
        fate = Fate(kind="blocked", error=reason) if reason else sandbox.fates.of(recipient.email)
        stored = StoredMessage(
            message_id=sandbox.store.next_message_id(),
            message_uuid=str(uuid4()),
            recipient=recipient,
            recipient_field=field,
            subject=parts.subject,
            html=parts.html,
            text=parts.text,
            errors=parts.errors,
            status=fate.status,
            reason=fate.error,
            **common,
        )
        sandbox.store.add_message(stored)
        meet_fate(sandbox, stored, fate)
        return stored

    def _reason(self, sandbox: Sandbox, content: Content, recipient: Address, *, failed: bool) -> str:
        """Why it is blocked, in Mailjet's words, or ""."""
        message = self.message
        if self.reason or content.is_empty:
            return self.reason or "bad or empty template"
        if failed and not message.get("TemplateErrorDeliver"):
            return LANGUAGE_ERROR
        campaign = message.get("CustomCampaign", "") if message.get("DeduplicateCampaign") else ""
        if campaign and sandbox.store.has_received(self.api_key, campaign, recipient.email):
            return "duplicate in campaign"
        return ""

    def _render(self, content: Content, recipient: Address) -> "_Parts":
        """The subject is rendered only with TemplateLanguage; the older [[ ]] tags of the parts work without it."""
        language = self.message.get("TemplateLanguage") is True
        values: dict[str, Any] = {
            "variables": self.message.get("Variables", {}),
            "contact": _person(recipient),
            "sender": _person(content.sender),
            "template": {"ID": self.template.id, "name": self.template.name} if self.template else {},
            "now": self.now,
            "language": language,
        }
        html, text = render(content.html, **values), render(content.text, **values)
        subject = render(content.subject, **values) if language else None
        found = (*(subject.errors if subject else ()), *html.errors, *text.errors) if language else ()
        return _Parts(
            subject=subject.output if subject else content.subject,
            html=html.output,
            text=text.output,
            errors=tuple(dict.fromkeys(found)),
        )

    def _report_errors(self, sandbox: Sandbox, content: Content, delivered: list[StoredMessage]) -> None:
        failed = next((message for message in delivered if message.errors), None)
        if failed is None or "TemplateErrorReporting" not in self.message:
            return
        recipient = address(self.message["TemplateErrorReporting"])
        sandbox.store.add_message(
            StoredMessage(
                message_id=sandbox.store.next_message_id(),
                message_uuid=str(uuid4()),
                api_key=self.api_key,
                accepted_at=self.now,
                recipient=recipient,
                recipient_field="To",
                sender=REPORTER,
                to=(recipient,),
                subject=f'Error while evaluating Mailjet Templating language for message "{failed.subject}"',
                text="\n".join(failed.errors),
                attachments=tuple(_sources(content)),
            )
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parts:
    subject: str
    html: str
    text: str
    errors: tuple[str, ...]


def _person(who: Address) -> dict[str, object]:
    return {"ID": contact_id(who.email), "email": who.email, "name": who.name}


def _sources(content: Content) -> Iterator[Attachment]:
    if content.html:
        yield Attachment(filename="source.html", content_type="text/html", content=content.html.encode())
    if content.text:
        yield Attachment(filename="source.txt", content_type="text/plain", content=content.text.encode())
