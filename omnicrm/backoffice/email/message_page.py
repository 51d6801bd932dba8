"""What the page about one message tells: its facts, its variables and everything that happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from omnicrm.backoffice.email.happenings import Happening, attempted, told_by_mailjet
from omnicrm.backoffice.wording import email_name, moment
from omnicrm.config import current_config
from omnicrm.delivery.figures import heard_at
from omnicrm.delivery.models import DeliveryEvent
from omnicrm.emails.base import told
from omnicrm.emails.catalogue import email_kinds
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane, State

_STILL_LEAVING = frozenset({State.QUEUED, State.CLAIMED, State.UNKNOWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownVariable:
    name: str
    meaning: str
    value: str


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
        (_("Tracking"), message.lane == Lane.SECURITY and _("none: opens and clicks of security mail are not counted")),
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


def timeline(message: Message, events: Sequence[DeliveryEvent] = ()) -> list[Happening]:
    """Everything that happened, oldest first; the first is its creation. `events` are what Mailjet told of it."""
    born = Happening(at=message.created_at, what=_("created"), colour="info")
    return [born, *sorted([*attempted(message), *told_by_mailjet(message, events)], key=lambda each: each.place)]


def why_nothing_told(message: Message, events: Sequence[DeliveryEvent], *, now: datetime) -> str:
    """Why Mailjet has told nothing of it; "" where it has, or where the message never left and never will."""
    if events or (message.accepted_at is None and message.state not in _STILL_LEAVING):
        return ""
    if message.accepted_at is None:
        return _("Mailjet has not accepted the message yet.")
    if current_config().mailjet.webhook is None:
        return _(
            "mailjet.webhook is not configured in crm_config.yaml, so Mailjet cannot tell what becomes of messages."
        )
    if heard_at(now=now) is None:
        return _("No event has ever arrived: check that Mailjet knows the webhook, by “omnicrm webhook status”.")
    return _("The recipient’s server has not answered yet, as it seems.")


def _files(message: Message) -> str:
    return ", ".join(f"{file['filename']} ({filesizeformat(file['size'])})" for file in message.attachments)
