"""The operator's own kinds of email: `email_templates/<name>.yaml` beside crm_config.yaml, one file each.

Such a file says what a section of crm_config.yaml says, and beyond it what the catalogue says of its own emails: who
gets them when, and which variables their templates have.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from omnicrm.config.base import Model
from omnicrm.config.fields import EmailAddress, Line, TemplateId, mistake
from omnicrm.config.invoicing import Currency
from omnicrm.config.sections import EmailSection, Languages, LocalisedContent
from omnicrm.config.variable_types import VariableType, WrongValue, read_value

UNSUBSCRIBE_URL: Final = "unsubscribe_url"
"""The variable that OmniCRM supplies to every marketing email."""
_VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
_TAG = re.compile(r'\{\{\s*var:(?P<name>\w+)(?::"[^"{}]*")?\s*\}\}')
_TAG_EDGE = re.compile(r"\{\{|\}\}|\{%|%\}|\[\[|\]\]")


def _variable_name(value: str) -> str:
    if not _VARIABLE_NAME.fullmatch(value):
        mend = "use up to 50 small letters, digits and _, a letter first"
        raise mistake(f'"{value[:60]}" is no name of a variable', mend, quoted=False)
    if value == UNSUBSCRIBE_URL:
        raise mistake("is supplied by OmniCRM to every marketing email", "take it out", quoted=False)
    return value


def _in_both_languages(value: object) -> object:
    return {"fr": value, "en": value} if isinstance(value, str) else value


class Words(Model):
    """A text for people, in both languages."""

    fr: Line = Field(description="write it in French")
    en: Line = Field(description="write it in English")

    def in_language(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


BothWords = Annotated[Words, BeforeValidator(_in_both_languages)]


class CustomVariable(Model):
    """A variable of the template. A required one has to be given, and the design has to use it. `sample` maps each
    language to what was written, which fits the type.
    """

    meaning: BothWords = Field(description="write what it means, for whoever fills it in")
    type: VariableType = VariableType.TEXT
    currency: Currency | None = Field(None, validate_default=True)
    required: bool = True
    secret: bool = False
    sample: Any = Field(description="write an example, for previews and tests")

    @field_validator("currency")
    @classmethod
    def _with_an_amount(cls, currency: str | None, info: ValidationInfo) -> str | None:
        if "type" in info.data and (info.data["type"] is VariableType.AMOUNT) != (currency is not None):
            if currency is None:
                raise mistake("an amount lacks its currency", "add currency, such as EUR", quoted=False)
            raise mistake("belongs to the type amount only", "take it out", quoted=False)
        return currency

    @field_validator("sample")
    @classmethod
    def _of_the_type(cls, sample: object, info: ValidationInfo) -> Mapping[str, Any]:
        samples = sample if isinstance(sample, dict) else {"fr": sample, "en": sample}
        if set(samples) != {"fr", "en"}:
            raise mistake("is not in both languages", "write one for all, or one for fr and one for en", quoted=False)
        for each in samples.values():
            _refuse_misfit(each, info.data.get("type", VariableType.TEXT))
        return samples


def _refuse_misfit(sample: object, kind: VariableType) -> None:
    try:
        if read_value(sample, kind) is None:
            raise mistake("is empty", "write an example, for previews and tests", quoted=False)
    except WrongValue as wrong:
        text = str(wrong)
        raise mistake(f"does not fit the type {kind}", text[0].lower() + text[1:].rstrip(".")) from None


class LocalisedCustomContent(LocalisedContent):
    template_id: TemplateId = 0


class CustomLanguages(Languages):
    fr: LocalisedCustomContent | None = None
    en: LocalisedCustomContent | None = None


class CustomSection(EmailSection):
    """A kind of email of the operator's own. A `template_id` of 0 is of a template that was never pushed, and an empty
    sender is the company. Its name is the file's and the section's.

    `transactional` is about something of the recipient's own, `notice` goes to many at once, `marketing` to whoever has
    not unsubscribed.
    """

    name: str = Field(description="leave it out: the file's own name is the email's name")
    title: BothWords = Field(description="write what staff call the email")
    sent_when: BothWords | None = None
    category: Literal["transactional", "notice", "marketing"] = "transactional"
    from_email: EmailAddress = ""
    from_name: Line = Field("", min_length=1)
    template_id: TemplateId = 0
    languages: CustomLanguages = CustomLanguages()
    variables: Mapping[Annotated[str, AfterValidator(_variable_name)], CustomVariable] = {}

    def sent_by(self, *, name: str, address: str) -> Self:
        """The email with this sender where it names none."""
        return self.model_copy(update={"from_email": self.from_email or address, "from_name": self.from_name or name})


def names_in_subject(subject: str) -> Iterator[str]:
    """The variables that a subject quotes as `{{var:name}}`."""
    return (found["name"] for found in _TAG.finditer(subject))


def filled_subject(subject: str, values: Mapping[str, str]) -> str:
    """The subject with its variables filled in."""
    return _TAG.sub(lambda found: values.get(found["name"], ""), subject)


def mistakes_in_subject(subject: str, email: CustomSection) -> Iterator[tuple[str, str]]:
    """What is wrong with a subject of this email, and how to mend it."""
    if _TAG_EDGE.search(_TAG.sub("", subject)):
        yield "has more of Mailjet's template language than a subject may", "write variables only, as in {{var:name}}"
    for name in names_in_subject(subject):
        if name not in email.variables:
            known = ", ".join(email.variables) or "none"
            yield f"quotes the unknown variable {name}", f"the variables are: {known}"
        elif email.variables[name].secret:
            yield f"quotes {name}, which is secret", "take it out: locked phones show subjects"
