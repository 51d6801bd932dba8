"""What the outbox needs to know of an email: the typed, unrendered intent that rooms above hand to `enqueue`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from omnicrm.outbox.states import Lane

TemplateValue = str | Sequence[Mapping[str, str]]
"""What a template gets for a variable: a text, or a list whose items have a text per field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """One mailbox. `email` is already normalised (customers.addresses.normalise); `language` is "fr" or "en"."""

    email: str
    name: str
    language: str
    customer_id: int | None = None


class Email(Protocol):
    """A typed email: one of the catalogue, whose class says what holds for all of its kind, or any other."""

    @property
    def section(self) -> str:
        """The section of crm_config.yaml: sender and template."""
        ...

    @property
    def lane(self) -> Lane: ...

    @property
    def secrets(self) -> Collection[str]:
        """Variables erased from the outbox once Mailjet has accepted the message."""
        ...

    @property
    def is_marketing(self) -> bool:
        """Marketing stops at an unsubscribe and carries the link to it; everything else is part of the contract."""
        ...

    def subject(self, language: str) -> str:
        """The subject line, at most 255 characters."""
        ...

    def variables(self, language: str) -> Mapping[str, TemplateValue]:
        """The template's variables, already formatted for people in `language`."""
        ...
