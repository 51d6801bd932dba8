"""What the page about one message tells: its facts, its variables and everything that happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnicrm.backoffice.wording import STATE_COLOURS, email_name, moment, reason_text
from omnicrm.emails.base import told
from omnicrm.emails.catalogue import email_kinds
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane, State

_OUTCOMES: Final = {"retried": gettext_lazy("queued again")}


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownVariable:
    name: str
    meaning: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """`colour` is one of unfold's names of label colours."""

    at: datetime
    what: str
    detail: str = ""
    colour: str = ""


def facts(message: Message) -> list[tuple[str, Any]]:
    """Labels and values in the order of interest; what a message does not have is left out."""
    shown: Sequence[tuple[str, Any]] = [
        (_("Email"), email_name(message.section)),
        (_("Subject"), message.subject),
        (_("Recipient"), f"{message.to_name} <{message.to_email}>" if message.to_name else message.to_email),
        (_("Attachments"), _files(message)),
        (_("Language"), message.get_language_display()),
        (_("Lane"), Lane(message.lane).label),
        (_("Marketing"), message.is_marketing and _("stops at an unsubscribe")),
        (_("Created"), moment(message.created_at, seconds=True)),
        (_("Not before"), message.not_before > message.created_at and moment(message.not_before, seconds=True)),
        (_("Expires"), message.expires_at and moment(message.expires_at, seconds=True)),
        (_("Accepted"), message.accepted_at and moment(message.accepted_at, seconds=True)),
        (_("CustomID"), str(message.id)),
        (_("Mailjet MessageID"), message.mailjet_message_id and str(message.mailjet_message_id)),
        (_("Business key"), message.key),
        (_("Section"), message.section),
    ]
    return [(label, value) for label, value in shown if value]


def variables(message: Message) -> list[ShownVariable]:
    """The template's variables with what each means; secrets are masked."""
    kind = email_kinds().get(message.section)
    known = kind.template_variables if kind else {}
    return [
        ShownVariable(name=name, meaning=str(known[name].meaning) if name in known else "", value=told(value))
        for name, value in message.shown_variables.items()
    ]


def timeline(message: Message) -> list[Happening]:
    """Everything that happened, oldest first."""
    attempts = [
        Happening(
            at=datetime.fromisoformat(attempt["at"]),
            what=_outcome(attempt["outcome"]),
            detail=reason_text(attempt.get("detail", "")),
            colour=STATE_COLOURS.get(attempt["outcome"], ""),
        )
        for attempt in message.attempts
    ]
    return [Happening(at=message.created_at, what=_("created"), colour="info"), *attempts]


def _files(message: Message) -> str:
    return ", ".join(f"{file['filename']} ({filesizeformat(file['size'])})" for file in message.attachments)


def _outcome(outcome: str) -> str:
    return str(State(outcome).label if outcome in State.values else _OUTCOMES.get(outcome, outcome))
