"""What recipients see of a design: the local Mailjet's reading of the template language fills in the variables."""

from dataclasses import dataclass
from datetime import datetime

from mailjet_sandbox.language import Rendered, render
from omnicrm.emails.base import CatalogueEmail
from omnicrm.emails.designs import Design
from omnicrm.emails.templates.targets import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendition:
    """`problems` are Mailjet's words for what goes wrong."""

    subject: str
    html: str
    text: str
    problems: tuple[str, ...]


def rendition(target: Target, design: Design, email: CatalogueEmail, *, language: str, now: datetime) -> Rendition:
    """The email to a recipient who reads `language`, by a design that may be in another."""
    sender = {"email": target.template.from_email, "name": target.template.from_name}
    variables = email.variables(language)

    def rendered(source: str) -> Rendered:
        return render(source, variables=variables, sender=sender, template={"ID": target.template_id}, now=now)

    html, text, subject = rendered(design.html), rendered(design.text), rendered(email.subject(language))
    return Rendition(
        subject=subject.output,
        html=html.output,
        text=text.output,
        problems=tuple(dict.fromkeys((*subject.errors, *html.errors, *text.errors))),
    )
