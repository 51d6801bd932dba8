"""`omnicrm templates preview`: what recipients see, on one page that needs no server and runs nothing."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from omnicrm.config import Config
from omnicrm.customers.models import Contact, Customer
from omnicrm.emails.base import CatalogueEmail
from omnicrm.emails.catalogue import email_class
from omnicrm.emails.formats import LOCALES
from omnicrm.emails.templates.folder import read_local
from omnicrm.emails.templates.rendering import rendition
from omnicrm.emails.templates.targets import Target, fallbacks

PAGE: Final = "templates-preview.html"
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)")
_LIGHT_ONLY: Final = "@media not all"
_JINJA = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)


class NoSuchCustomer(LookupError):
    """There is no customer with this number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One email in one language as its recipient sees it. `problems` are Mailjet's words for what goes wrong."""

    language: str
    subject: str
    sender: str
    light: str
    dark: str
    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One email in every language. `missing` maps a language without a template to the one sent instead."""

    section: str
    shown: Sequence[Shown]
    missing: Mapping[str, str]


def write_preview(
    chosen: Sequence[Target], *, config: Config, folder: Path, customer_id: int | None, now: datetime
) -> Path:
    """Writes the page for these targets into `state_dir`, for its owner alone; returns the file.

    With sample data, or a customer's name and address in it. Raises InvalidDesign or NoSuchCustomer.
    """
    customer = _customer(customer_id) if customer_id is not None else None
    without = fallbacks(config)
    rows = [
        Row(
            section=section,
            shown=[
                _shown(target, config=config, folder=folder, customer=customer, now=now)
                for target in chosen
                if target.section == section
            ],
            missing={each.language: each.instead for each in without if each.section == section},
        )
        for section in dict.fromkeys(target.section for target in chosen)
    ]
    page = _JINJA.get_template("preview_page.html").render(rows=rows, languages=list(LOCALES), customer=customer)
    return _write(config.state_dir / PAGE, page)


def _shown(target: Target, *, config: Config, folder: Path, customer: Customer | None, now: datetime) -> Shown:
    design = read_local(target, company=config.company, folder=folder).design
    email = email_class(target.section).sample(target.language)
    email = _addressed_to(email, customer) if customer else email
    rendered = rendition(target, design, email, language=target.language, now=now)
    return Shown(
        language=target.language,
        subject=rendered.subject,
        sender=f"{target.template.from_name} <{target.template.from_email}>",
        light=_DARK.sub(_LIGHT_ONLY, rendered.html),
        dark=_DARK.sub("@media all", rendered.html),
        text=rendered.text,
        problems=rendered.problems,
    )


def _addressed_to(email: CatalogueEmail, customer: Customer) -> CatalogueEmail:
    """The sample with the customer's own name and address; a staff member's email stays as it is."""
    names = {field.name for field in fields(email)}  # type: ignore[arg-type]  # each email is a dataclass
    if "customer_name" not in names:
        return email
    own = {"customer_name": customer.customer_name}
    if "email" in names:
        contact = Contact.objects.filter(customer=customer).exclude(email="").order_by("id").first()
        own["email"] = contact.email if contact else ""
    return replace(email, **own)  # type: ignore[type-var]  # each email is a dataclass


def _customer(customer_id: int) -> Customer:
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer(f"there is no customer {customer_id}")
    return customer


def _write(path: Path, page: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(page)
    return path
