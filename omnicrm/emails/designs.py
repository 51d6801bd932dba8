"""From one MJML file per email to what Mailjet stores as a template: HTML, plain text and the MJML itself.

A design is `designs/<section>.mjml`. It extends `layout.mjml` with one block per language, and mixes two languages of
placeholders: `[= ... =]` and `[% ... %]` are Jinja's, filled in here with the company's details; `{{var:name:""}}` is
Mailjet's, filled in at every send.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from mjml import mjml2html

from omnicrm.config import Company
from omnicrm.emails.catalogue import email_class
from omnicrm.emails.formats import LOCALES
from omnicrm.emails.plain_text import plain_text

DESIGNS = Path(__file__).parent / "designs"
_JINJA = Environment(
    loader=FileSystemLoader(DESIGNS),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    block_start_string="[%",
    block_end_string="%]",
    variable_start_string="[=",
    variable_end_string="=]",
    comment_start_string="[#",
    comment_end_string="#]",
)
_MAILJET_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_ASIDE = re.compile(r"mailjet-tag-(\d+)-")


class NoDesign(LookupError):
    """The email has no design file, or none in this language."""


class InvalidDesign(ValueError):
    """The design file is not valid MJML."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Design:
    """The parts of a Mailjet template, all with Mailjet's tags still in them."""

    html: str
    text: str
    mjml: str


def compile_design(section: str, language: str, *, company: Company) -> Design:
    """Compiles the design of an email in "fr" or "en". Raises UnknownSection, NoDesign or InvalidDesign."""
    return compile_mjml(_source(section, language, company), name=f"{section}.mjml ({language})")


def compile_mjml(mjml: str, *, name: str) -> Design:
    """Compiles MJML that may hold Mailjet's tags; `name` is what an error calls it. Raises InvalidDesign."""
    # The compiler escapes the quotes of {{var:name:""}} inside attributes, so it never sees Mailjet's tags.
    tags = _MAILJET_TAG.findall(mjml)
    numbers = iter(range(len(tags)))
    aside = _MAILJET_TAG.sub(lambda _: f"mailjet-tag-{next(numbers)}-", mjml)
    try:
        html = mjml2html(aside, fonts={})
    except ValueError as error:
        raise InvalidDesign(f"{name} is not valid MJML: {error}") from None
    return Design(html=_with_tags(html, tags), text=_with_tags(plain_text(aside), tags), mjml=mjml)


def _source(section: str, language: str, company: Company) -> str:
    email_class(section)
    if language not in LOCALES:
        raise NoDesign(f'there are no designs in "{language}", only in {" and ".join(LOCALES)}')
    try:
        template = _JINJA.get_template(f"{section}.mjml")
    except TemplateNotFound:
        raise NoDesign(f"{section} has no design yet: write {DESIGNS / section}.mjml") from None
    return template.render(language=language, company=company)


def _with_tags(compiled: str, tags: list[str]) -> str:
    return _ASIDE.sub(lambda match: tags[int(match[1])], compiled)
