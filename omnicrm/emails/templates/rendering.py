"""What recipients see of a design: the local Mailjet's reading of the template language fills in the variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from mailjet_sandbox.language import Rendered, render
from omnicrm.customers.models import Contact, Customer
from omnicrm.emails.base import defused
from omnicrm.emails.designs import Design
from omnicrm.emails.templates.targets import Target
from omnicrm.outbox.email import Email

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_OF_CUSTOMERS: Final = "customer_name"
"""An email without this variable goes to staff."""
_DARK_ONLY = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendition:
    """`problems` are Mailjet's words for what goes wrong."""

    subject: str
    html: str
    text: str
    problems: tuple[str, ...]

    @property
    def light(self) -> str:
        """The HTML as a mailbox in light mode shows it, whatever the screen that it is looked at on is set to."""
        return _DARK_ONLY.sub("@media not all", self.html)

    @property
    def dark(self) -> str:
        return _DARK_ONLY.sub("@media all", self.html)


def rendition(
    target: Target,
    design: Design,
    email: Email,
    *,
    language: str,
    now: datetime,
    own: Mapping[str, str] = _NOTHING,
) -> Rendition:
    """The email to a recipient who reads `language`, by a design that may be in another.

    `own` are a customer's values, which stand in place of the sample's where the email is one to customers.
    """
    sender = {"email": target.template.from_email, "name": target.template.from_name}
    variables = email.variables(language)
    if _OF_CUSTOMERS in variables:
        variables = {name: own.get(name, value) for name, value in variables.items()}

    def rendered(source: str) -> Rendered:
        return render(source, variables=variables, sender=sender, template={"ID": target.template_id}, now=now)

    html, text, subject = rendered(design.html), rendered(design.text), rendered(email.subject(language))
    return Rendition(
        subject=subject.output,
        html=html.output,
        text=text.output,
        problems=tuple(dict.fromkeys((*subject.errors, *html.errors, *text.errors))),
    )


def values_of(customer: Customer) -> dict[str, str]:
    """What previews show of a customer, by the names that emails have for it."""
    contact = Contact.objects.filter(customer=customer).exclude(email="").order_by("id").first()
    service = customer.services.order_by("id").first()
    own = {_OF_CUSTOMERS: customer.customer_name, "email": contact.email if contact else ""}
    if service:
        own["service_name"] = service.service_name
    return {name: defused(text) for name, text in own.items()}
