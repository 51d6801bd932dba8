"""`omnicrm templates preview`: what recipients see, on one page that needs no server and runs nothing."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.utils.translation import gettext, override
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from omnicrm.config import Config
from omnicrm.customers.models import Customer, Language
from omnicrm.emails.catalogue import email_kind
from omnicrm.emails.templates.folder import read_local
from omnicrm.emails.templates.rendering import Rendition, rendition, values_of
from omnicrm.emails.templates.targets import Target, fallbacks

PAGE: Final = "templates-preview.html"
_JINJA = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
_JINJA.globals["_"] = gettext


class NoSuchCustomer(LookupError):
    """There is no customer with this number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One email in one language as its recipient sees it."""

    language: str
    sender: str
    rendition: Rendition


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

    It is in the company's language. With sample data, or what is a customer's own in it. Raises InvalidDesign or
    NoSuchCustomer.
    """
    customer = _customer(customer_id) if customer_id is not None else None
    own = values_of(customer) if customer else {}
    without = fallbacks(config)
    rows = [
        Row(
            section=section,
            shown=[
                _shown(target, config=config, folder=folder, own=own, now=now)
                for target in chosen
                if target.section == section
            ],
            missing={each.language: each.instead for each in without if each.section == section},
        )
        for section in dict.fromkeys(target.section for target in chosen)
    ]
    with override(config.company.language):
        page = _JINJA.get_template("preview_page.html").render(
            rows=rows,
            language=config.company.language,
            language_names={each.value: str(each.label) for each in Language},
            data=_described(customer),
        )
    return _write(config.state_dir / PAGE, page)


def _shown(target: Target, *, config: Config, folder: Path, own: Mapping[str, str], now: datetime) -> Shown:
    design = read_local(target, company=config.company, folder=folder).design
    email = email_kind(target.section).sample(target.language)
    return Shown(
        language=target.language,
        sender=f"{target.template.from_name} <{target.template.from_email}>",
        rendition=rendition(target, design, email, language=target.language, now=now, own=own),
    )


def _described(customer: Customer | None) -> str:
    if customer is None:
        return gettext("with sample data")
    return gettext("with sample data for %(customer)s") % {"customer": customer.customer_name}


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
