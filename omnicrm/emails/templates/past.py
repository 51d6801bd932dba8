"""A message of the past, drawn anew: by the design we have now, with what was stored of the message."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from omnicrm.config import current_config
from omnicrm.emails.catalogue import email_kinds
from omnicrm.emails.designs import InvalidDesign
from omnicrm.emails.templates.folder import own_designs, read_local
from omnicrm.emails.templates.rendering import Rendition, rendition
from omnicrm.emails.templates.targets import NothingChosen, target_for
from omnicrm.outbox.email import TemplateValue
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import Lane


def past_rendition(message: Message, *, now: datetime) -> Rendition | None:
    """How the message looked, secrets masked. None if there is no usable design, or it was erased."""
    if not message.variables:
        return None
    config = current_config()
    try:
        target = target_for(message.section, message.language, config)
        design = read_local(target, company=config.company, folder=own_designs()).design
    except (NothingChosen, InvalidDesign):
        return None
    return rendition(target, design, _PastEmail(message), language=message.language, now=now)


@dataclass(frozen=True, slots=True)
class _PastEmail:
    """Says again what the message said; satisfies outbox.Email."""

    message: Message

    @property
    def section(self) -> str:
        return self.message.section

    @property
    def lane(self) -> Lane:
        return Lane(self.message.lane)

    @property
    def is_marketing(self) -> bool:
        return self.message.is_marketing

    @property
    def secrets(self) -> Collection[str]:
        return self.message.secrets

    def subject(self, language: str) -> str:  # noqa: ARG002 - as it was, in the language it was in
        return self.message.subject

    def variables(self, language: str) -> dict[str, TemplateValue]:  # noqa: ARG002 - as above
        """A message from before its email had a list gets a list of one item, which says what the whole message said:
        a loop cannot do without.
        """
        stored = self.message.shown_variables
        kind = email_kinds().get(self.message.section)
        lists = (
            [(name, variable) for name, variable in kind.template_variables.items() if variable.is_list] if kind else []
        )
        return {name: [{field: str(stored.get(field, "")) for field in each.fields}] for name, each in lists} | stored
