"""What the outbox needs to know of an email: the typed, unrendered intent that rooms above hand to `enqueue`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from omnicrm.outbox.states import Lane


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """One mailbox. `email` is already normalised (customers.addresses.normalise); `language` is "fr" or "en"."""

    email: str
    name: str
    language: str
    customer_id: int | None = None


class Email(Protocol):
    """A typed email of the catalogue."""

    section: ClassVar[str]
    lane: ClassVar[Lane]
    secrets: ClassVar[frozenset[str]]
    """Variables erased from the outbox once Mailjet has accepted the message."""

    def subject(self, language: str) -> str:
        """The subject line, at most 255 characters."""
        ...

    def variables(self, language: str) -> Mapping[str, str]:
        """The template's variables, already formatted for people in `language`."""
        ...
