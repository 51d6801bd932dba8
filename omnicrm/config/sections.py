"""What Mailjet has to be told of each email: its sender, its template and its subject, per language if wished."""

from dataclasses import dataclass
from typing import Final

from pydantic import Field

from omnicrm.config.base import Model
from omnicrm.config.fields import EmailAddress, Line, TemplateId


@dataclass(frozen=True, kw_only=True)
class LocalisedTemplate:
    """What Mailjet needs to send one email in one language."""

    template_id: int
    subject: str
    from_email: str
    from_name: str


TEMPLATE_ID: Final = "copy the numeric ID Mailjet shows for the template"
SUBJECT: Final = "write the subject line of the email"


class LocalisedContent(Model):
    """A section's template and subject in one more language."""

    template_id: TemplateId = Field(description=TEMPLATE_ID)
    subject: Line = Field(description=SUBJECT)


class Languages(Model):
    fr: LocalisedContent | None = None
    en: LocalisedContent | None = None


class EmailSection(Model):
    """How one of the emails is sent: its sender, its Mailjet template and its subject, per language if wished."""

    from_email: EmailAddress = Field(description="write the sender's address, validated in Mailjet")
    from_name: Line = Field(description="write the sender's name as recipients see it")
    template_id: TemplateId = Field(description=TEMPLATE_ID)
    subject: Line = Field(description=SUBJECT)
    languages: Languages = Languages()

    def for_language(self, language: str) -> LocalisedTemplate:
        """The template and subject in `language` ("fr" or "en"), or the section's own when it has none in it."""
        content = {"fr": self.languages.fr, "en": self.languages.en}.get(language) or self
        return LocalisedTemplate(
            template_id=content.template_id,
            subject=content.subject,
            from_email=self.from_email,
            from_name=self.from_name,
        )
