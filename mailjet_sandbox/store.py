"""Everything the sandbox remembers, in memory. One event loop reads and writes it, so there are no locks."""

import time
from collections import deque
from collections.abc import Iterable, Iterator

from mailjet_sandbox.records import ApiKey, Callback, CallRecord, Sender, StoredMessage, Template

FIRST_MESSAGE_ID = 2**60
"""Far above 2**53, as at Mailjet: a client that reads them as floating point numbers gets them wrong, and notices."""
FIRST_TEMPLATE_ID = 1_000_001
KEPT_CALLS = 100_000


class Store:
    """Messages (a bounded number, the oldest dropped), templates, senders, key pairs and the log of calls.

    `accepted_count` counts every message ever accepted, also those dropped since. `revision` grows with every change.
    """

    def __init__(self, *, keep_messages: int = 10_000, keep_bytes: int = 256 * 1024 * 1024) -> None:
        self.keep_messages = keep_messages
        self.keep_bytes = keep_bytes
        self.revision = 0
        self._last_message_id = FIRST_MESSAGE_ID
        self.clear()

    def clear(self) -> None:
        """Forgets everything. Message IDs go on growing, so that none is ever used twice."""
        self.templates: dict[int, Template] = {}
        self.senders: dict[int, Sender] = {}
        self.keys: dict[str, ApiKey] = {}
        self.callbacks: dict[int, Callback] = {}
        self.calls: deque[CallRecord] = deque(maxlen=KEPT_CALLS)
        self.clear_messages()

    # Messages

    def clear_messages(self) -> None:
        self.accepted_count = 0
        self._messages: dict[int, StoredMessage] = {}
        self._bytes = 0
        self._received: set[tuple[str, str, str]] = set()
        self.revision += 1

    def next_message_id(self) -> int:
        """A number never given before, not even by an earlier run: it follows the clock (microseconds)."""
        self._last_message_id = max(self._last_message_id + 1, FIRST_MESSAGE_ID + time.time_ns() // 1000)
        return self._last_message_id

    def add_message(self, message: StoredMessage) -> None:
        self._messages[message.message_id] = message
        self._bytes += message.size
        self.accepted_count += 1
        if message.campaign and message.status == "sent":
            self._received.add((message.api_key, message.campaign, message.recipient.email.lower()))
        while len(self._messages) > self.keep_messages or (self._bytes > self.keep_bytes and len(self._messages) > 1):
            self._bytes -= self._messages.pop(next(iter(self._messages))).size
        self.revision += 1

    def message(self, message_id: int) -> StoredMessage | None:
        return self._messages.get(message_id)

    def messages(self) -> Iterator[StoredMessage]:
        """The kept messages, newest first."""
        return reversed(self._messages.values())

    def has_received(self, api_key: str, campaign: str, email: str) -> bool:
        """Whether a message of this campaign went to this address before."""
        return (api_key, campaign, email.lower()) in self._received

    @property
    def kept_count(self) -> int:
        return len(self._messages)

    # Templates

    def put_template(self, template: Template) -> None:
        self.templates[template.id] = template
        self.revision += 1

    def remove_template(self, template_id: int) -> None:
        self.templates.pop(template_id, None)
        self.revision += 1

    def templates_of(self, api_key: str) -> Iterable[Template]:
        """The templates a key may use, in the order of their IDs."""
        return [self.templates[id_] for id_ in sorted(self.templates) if self.templates[id_].api_key in {"", api_key}]

    def template_of(self, api_key: str, template_id: int) -> Template | None:
        template = self.templates.get(template_id)
        return template if template is not None and template.api_key in {"", api_key} else None

    def next_template_id(self) -> int:
        return max(FIRST_TEMPLATE_ID, max(self.templates, default=0) + 1)

    # Senders and key pairs

    def put_sender(self, sender: Sender) -> None:
        self.senders[sender.id] = sender
        self.revision += 1

    def senders_of(self, api_key: str) -> Iterable[Sender]:
        return [sender for sender in self.senders.values() if sender.api_key in {"", api_key}]

    def next_sender_id(self) -> int:
        return max(self.senders, default=0) + 1

    def put_key(self, key: ApiKey) -> None:
        self.keys[key.api_key] = key
        self.revision += 1

    def next_key_id(self) -> int:
        return max((key.id for key in self.keys.values()), default=0) + 1

    # Callbacks for events

    def put_callback(self, callback: Callback) -> None:
        self.callbacks[callback.id] = callback
        self.revision += 1

    def remove_callback(self, callback_id: int) -> None:
        self.callbacks.pop(callback_id, None)
        self.revision += 1

    def callbacks_of(self, api_key: str) -> Iterable[Callback]:
        return [callback for callback in self.callbacks.values() if callback.api_key == api_key]

    def callback_for(self, api_key: str, event_type: str) -> Callback | None:
        """The one that is told now: a backup stands in while the first is dead."""
        alive = [
            callback
            for callback in self.callbacks.values()
            if callback.api_key == api_key and callback.event_type == event_type and callback.status == "alive"
        ]
        return min(alive, key=lambda callback: callback.is_backup, default=None)

    def next_callback_id(self) -> int:
        return max(self.callbacks, default=0) + 1

    # Calls

    def add_call(self, call: CallRecord) -> None:
        self.calls.append(call)
