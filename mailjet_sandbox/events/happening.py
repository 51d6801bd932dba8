"""Lets things happen to messages. Where no callback is registered for a kind of event, nothing is kept and told."""

from collections.abc import Mapping
from typing import Any

from mailjet_sandbox.events.fates import Fate
from mailjet_sandbox.events.log import Event
from mailjet_sandbox.events.payloads import event_payload
from mailjet_sandbox.records import EventKind, StoredMessage
from mailjet_sandbox.sandbox import Sandbox


def happen(
    sandbox: Sandbox, message: StoredMessage, kind: EventKind, *, more: Mapping[str, Any] | None = None
) -> Event | None:
    """One event, to be told soon; None if nobody wants to know. `more` replaces properties of it or adds some."""
    if not is_told(sandbox, message, kind):
        return None
    payload = event_payload(message, kind, now=sandbox.now(), more=more)
    return sandbox.events.add(message.api_key, kind, payload)


def is_told(sandbox: Sandbox, message: StoredMessage, kind: EventKind) -> bool:
    """Whether anybody wants to know when this happens to the message."""
    return bool(sandbox.store.callbacks) and sandbox.store.callback_for(message.api_key, kind) is not None


def meet_fate(sandbox: Sandbox, message: StoredMessage, fate: Fate) -> None:
    """What becomes of a message that was just accepted."""
    for kind in fate.events:
        happen(sandbox, message, kind)
