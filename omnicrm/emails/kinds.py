"""What holds for every kind of email: a class of the catalogue is one, and so is a custom email's description."""

from collections.abc import Mapping
from typing import Protocol

from omnicrm.emails.base import Translatable, Variable
from omnicrm.emails.formats import Wording
from omnicrm.outbox.email import Email
from omnicrm.outbox.states import Lane


class EmailKind(Protocol):
    """What staff, templates and checks need to know of an email before there is one.

    `default_subject` serves when the configuration leaves the section out.
    """

    @property
    def section(self) -> str: ...

    @property
    def lane(self) -> Lane: ...

    @property
    def is_marketing(self) -> bool: ...

    @property
    def sent_when(self) -> Translatable: ...

    @property
    def default_subject(self) -> Wording: ...

    @property
    def template_variables(self) -> Mapping[str, Variable]: ...

    def sample(self, language: str) -> Email:
        """An example with made-up data, for previews and tests of templates."""
        ...
