"""What every email of the catalogue is: a frozen dataclass whose fields are its Mailjet template's variables."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from inspect import get_annotations
from types import MappingProxyType
from typing import Annotated, ClassVar, Self, TypeGuard, get_args, get_origin

from django.utils.functional import Promise

from omnicrm.config import current_config
from omnicrm.emails.formats import Wording, formatted
from omnicrm.outbox.email import TemplateValue
from omnicrm.outbox.states import Lane

Translatable = str | Promise
"""Text for staff, put into their language when it is shown."""

SAMPLE_CUSTOMER = Wording(fr="Hélène Lefèvre", en="Helen Smith")
_NOTHING = Wording(fr="", en="")

# Mailjet inserts values as they are, so what could open a tag or leave an attribute is defused. Ampersands and
# apostrophes harm nobody, and stay readable in the plain-text part.
_DEFUSED = str.maketrans({"<": "&lt;", ">": "&gt;", '"': "&quot;"})


# Neither compared nor shown: typing and dataclasses would do both at import, before Django can translate a lazy text.
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Variable:
    """What a field tells of its template variable; given as `Annotated[type, Variable(...)]`.

    A `secret` is erased from the outbox once Mailjet has accepted the message. `absent` is shown for None: a template
    always receives every variable, because Mailjet blocks a message for want of one. Without a `required` one the
    email is useless, unless its template uses the variable named by `or_else` instead. A list has the `fields` of its
    items, which are read from their class.
    """

    meaning: Translatable
    secret: bool = False
    absent: Wording = _NOTHING
    required: bool = False
    or_else: str = ""
    fields: Mapping[str, "Variable"] = field(default_factory=dict)

    @property
    def is_list(self) -> bool:
        return bool(self.fields)


class Described:
    """Its fields are given as `Annotated[type, Variable(...)]`. Subclasses are frozen keyword-only dataclasses."""

    __slots__ = ()

    template_variables: ClassVar[Mapping[str, Variable]]

    @classmethod
    def _read_fields(cls) -> None:
        """Raises TypeError for a field that does not say what it means."""
        cls.template_variables = MappingProxyType(
            {name: _described(cls, name, hint) for name, hint in get_annotations(cls).items()}
        )

    def _text(self, name: str, variable: Variable, language: str) -> str:
        value = getattr(self, name)
        return defused(
            value if type(value) is str else formatted(variable.absent if value is None else value, language)
        )


class ListItem(Described):
    """What a list variable is made of; its fields are what a template's loop reads of each item."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        cls._read_fields()

    def fields(self, language: str) -> dict[str, str]:
        """Formatted for people and safe to insert into HTML, as `CatalogueEmail.variables`."""
        return {name: self._text(name, variable, language) for name, variable in self.template_variables.items()}


class CatalogueEmail(Described, ABC):
    """One email of the catalogue; satisfies outbox.Email. Subclasses are frozen keyword-only dataclasses without a repr
    of their own, so that this one's masks their secrets.

    `default_subject` serves when the configuration leaves the email's section out.
    """

    __slots__ = ()

    section: ClassVar[str]
    lane: ClassVar[Lane] = Lane.TRANSACTIONAL
    is_marketing: ClassVar[bool] = False
    sent_when: ClassVar[Translatable]
    default_subject: ClassVar[Wording]
    secrets: ClassVar[frozenset[str]]

    def __init_subclass__(cls) -> None:
        cls._read_fields()
        cls.secrets = frozenset(name for name, variable in cls.template_variables.items() if variable.secret)

    def __repr__(self) -> str:
        shown = (
            f"{name}={'***' if variable.secret else repr(getattr(self, name))}"
            for name, variable in self.template_variables.items()
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    @classmethod
    def configured_subject(cls, language: str) -> str:
        """The subject line of crm_config.yaml in `language`, or the email's own."""
        section = current_config().section(cls.section)
        return section.for_language(language).subject if section else cls.default_subject.in_language(language)

    def subject(self, language: str) -> str:
        return self.configured_subject(language)

    def variables(self, language: str) -> dict[str, TemplateValue]:
        """Every variable of the template, formatted for people and safe to insert into HTML."""
        return {name: self._shown(name, variable, language) for name, variable in self.template_variables.items()}

    def _shown(self, name: str, variable: Variable, language: str) -> TemplateValue:
        if variable.is_list:
            return [item.fields(language) for item in getattr(self, name)]
        return self._text(name, variable, language)

    @classmethod
    @abstractmethod
    def sample(cls, language: str) -> Self:
        """An example with made-up data, for previews and tests of templates."""


def told(value: TemplateValue) -> str:
    """What a template gets, in lines that people can read: one per item of a list."""
    return value if isinstance(value, str) else "\n".join(", ".join(filter(None, item.values())) for item in value)


def defused(text: str) -> str:
    """The text, safe to insert into HTML."""
    return text.translate(_DEFUSED) if "<" in text or ">" in text or '"' in text else text


def _described(cls: type, name: str, hint: object) -> Variable:
    described = [extra for extra in get_args(hint)[1:] if isinstance(extra, Variable)]
    if get_origin(hint) is not Annotated or not described:
        raise TypeError(f"{cls.__name__}.{name}: write Annotated[..., Variable(...)], which says what it means")
    item = next((each for each in get_args(get_args(hint)[0]) if _is_item(each)), None)
    return replace(described[0], fields=item.template_variables) if item else described[0]


def _is_item(kind: object) -> TypeGuard[type[ListItem]]:
    return isinstance(kind, type) and issubclass(kind, ListItem)
