"""Events as Mailjet writes them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from mailjet_sandbox.events.fates import ERRORS
from mailjet_sandbox.records import EventKind, StoredMessage, contact_id, number_of

READER: Final[Mapping[str, Any]] = {"ip": "192.0.2.1", "geo": "FR", "agent": "Mozilla/5.0 (sandbox)"}
"""An address that belongs to nobody."""
SMTP_TEXTS: Final[Mapping[str, str]] = {
    "user unknown": "550 5.1.1 The email account that you tried to reach does not exist",
    "quota exceeded": "452 4.2.2 The recipient's mailbox is full",
    "greylisted": "451 4.7.1 Greylisted, please try again later",
}
OTHER_SMTP_TEXT: Final = "554 5.0.0 Message refused"
PAGE: Final = "https://example.com/"


def event_payload(
    message: StoredMessage, kind: EventKind, *, now: datetime, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """`more` replaces properties or adds some."""
    return {
        "event": kind,
        "time": int(now.timestamp()),
        "MessageID": message.message_id,
        "Message_GUID": message.message_uuid,
        "email": message.recipient.email,
        "mj_campaign_id": number_of(message.campaign),
        "mj_contact_id": contact_id(message.recipient.email),
        "customcampaign": message.campaign,
        **PARTICULARS[kind](message),
        "CustomID": message.custom_id,
        "Payload": message.event_payload,
        **(more or {}),
    }


def blank_payload(kind: EventKind, *, now: datetime, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """As the button of Mailjet's web page sends it: about no message at all."""
    return {
        "event": kind,
        "time": int(now.timestamp()),
        "MessageID": 0,
        "Message_GUID": "",
        "email": "",
        "mj_campaign_id": 0,
        "mj_contact_id": 0,
        "customcampaign": "",
        "CustomID": "",
        "Payload": "",
        **(more or {}),
    }


def _sent(message: StoredMessage) -> dict[str, Any]:
    reply = f"sent (250 2.0.0 OK {message.accepted_at.timestamp():.0f} sandbox)"
    return {"mj_message_id": str(message.message_id), "smtp_reply": reply}


def _open(_: StoredMessage) -> dict[str, Any]:
    return dict(READER)


def _click(_: StoredMessage) -> dict[str, Any]:
    return {"url": PAGE, **READER}


def _bounce(message: StoredMessage) -> dict[str, Any]:
    is_hard = message.status not in {"softbounced", "deferred"}
    error = message.reason or "user unknown"
    return {
        "blocked": is_hard,
        "hard_bounce": is_hard,
        "error_related_to": ERRORS.get(error, "recipient"),
        "error": error,
        "comment": SMTP_TEXTS.get(error, OTHER_SMTP_TEXT),
    }


def _blocked(message: StoredMessage) -> dict[str, Any]:
    error = message.reason or "preblocked"
    return {"error_related_to": ERRORS.get(error, "mailjet"), "error": error}


def _spam(_: StoredMessage) -> dict[str, Any]:
    return {"source": "JMRPP"}


def _unsub(_: StoredMessage) -> dict[str, Any]:
    return {"mj_list_id": 0, "ip": "", "geo": "", "agent": "List-Unsubscribe"}


PARTICULARS: Final[Mapping[EventKind, Callable[[StoredMessage], dict[str, Any]]]] = {
    "sent": _sent,
    "open": _open,
    "click": _click,
    "bounce": _bounce,
    "blocked": _blocked,
    "spam": _spam,
    "unsub": _unsub,
}
