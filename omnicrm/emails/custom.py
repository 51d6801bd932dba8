"""Emails of the operator's own kinds, which `email_templates/<name>.yaml` describes instead of a class."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from omnicrm.config import CustomSection, CustomVariable, current_config
from omnicrm.config.custom_emails import UNSUBSCRIBE_URL, Words, filled_subject
from omnicrm.config.variable_types import Value, VariableType, read_value
from omnicrm.emails.base import Translatable, Variable, defused
from omnicrm.emails.formats import Money, Wording, formatted
from omnicrm.outbox.operations import MAX_SUBJECT_LENGTH
from omnicrm.outbox.states import Lane

_LANES: Final = {"transactional": Lane.TRANSACTIONAL, "notice": Lane.BULK, "marketing": Lane.BULK}
_CATEGORIES: Final = {
    "transactional": _("transactional: about something of the recipient’s own"),
    "notice": _("notice: after everything more urgent"),
    "marketing": _("marketing: only to whoever has not unsubscribed"),
}
_SENT_BY_HAND = _("A member of staff or another system sends it.")
_UNSUBSCRIBE = Variable(_("Link to unsubscribe; OmniCRM supplies it"), required=True)
_TAG_BEGINS = re.compile(r"([{\[])(?=[{%\[])")


@dataclass(frozen=True, slots=True)
class CustomKind:
    """A kind of email as its file describes it; satisfies EmailKind. Where it is configured cannot be left open: it is
    its own section.
    """

    described: CustomSection

    @property
    def section(self) -> str:
        return self.described.name

    @property
    def title(self) -> Translatable:
        return _for_staff(self.described.title)

    @property
    def sent_when(self) -> Translatable:
        return _for_staff(self.described.sent_when) if self.described.sent_when else _SENT_BY_HAND

    @property
    def lane(self) -> Lane:
        return _LANES[self.described.category]

    @property
    def category_name(self) -> Translatable:
        return _CATEGORIES[self.described.category]

    @property
    def is_marketing(self) -> bool:
        return self.described.category == "marketing"

    @property
    def default_subject(self) -> Wording:
        return Wording(**{language: self.described.for_language(language).subject for language in ("fr", "en")})

    @property
    def variables(self) -> Mapping[str, CustomVariable]:
        """Those that whoever sends such an email gives."""
        return self.described.variables

    @property
    def template_variables(self) -> Mapping[str, Variable]:
        own = {
            name: Variable(_for_staff(each.meaning), secret=each.secret, required=each.required)
            for name, each in self.variables.items()
        }
        return own | {UNSUBSCRIBE_URL: _UNSUBSCRIBE} if self.is_marketing else own

    def sample(self, language: str) -> "CustomEmail":
        values = {name: read_value(each.sample[language], each.type) for name, each in self.variables.items()}
        return CustomEmail(
            kind=self,
            values={name: value for name, value in values.items() if value is not None},
            unsubscribe_url=f"{current_config().server.public_url}/unsubscribe/example-only/",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomEmail:
    """One email of a custom kind; satisfies outbox.Email. A variable without a value is shown as nothing."""

    kind: CustomKind
    values: Mapping[str, Value] = field(repr=False)  # some are secret
    unsubscribe_url: str = ""

    @property
    def section(self) -> str:
        return self.kind.section

    @property
    def lane(self) -> Lane:
        return self.kind.lane

    @property
    def is_marketing(self) -> bool:
        return self.kind.is_marketing

    @property
    def secrets(self) -> frozenset[str]:
        return frozenset(name for name, each in self.kind.variables.items() if each.secret)

    def subject(self, language: str) -> str:
        """In one line. Mailjet evaluates subjects, so what looks like its language in a value is broken up."""
        configured = self.kind.described.for_language(language).subject
        filled = " ".join(filled_subject(configured, self._shown(language)).split())
        harmless = _TAG_BEGINS.sub(r"\1 ", filled)
        return harmless if len(harmless) <= MAX_SUBJECT_LENGTH else f"{harmless[: MAX_SUBJECT_LENGTH - 1]}…"

    def variables(self, language: str) -> dict[str, str]:
        """Every variable of the template, formatted for people and safe to insert into HTML."""
        shown = {name: defused(text) for name, text in self._shown(language).items()}
        return shown | {UNSUBSCRIBE_URL: self.unsubscribe_url} if self.is_marketing else shown

    def _shown(self, language: str) -> dict[str, str]:
        return {name: _text(self.values.get(name), each, language) for name, each in self.kind.variables.items()}


def _text(value: Value | None, described: CustomVariable, language: str) -> str:
    if value is None:
        return ""
    if described.type is VariableType.AMOUNT and isinstance(value, Decimal):
        return formatted(Money(amount=value, currency=described.currency or ""), language)
    return formatted(value, language)


def _for_staff(words: Words) -> Translatable:
    return lazy(lambda: words.in_language((get_language() or "en")[:2]), str)()
