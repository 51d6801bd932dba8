"""From one MJML file per email to what Mailjet stores as a template: HTML, plain text and the MJML itself.

A design is `designs/<section>.mjml`. It extends `layout.mjml` with one block per language, and mixes two languages of
placeholders: `[= ... =]` and `[% ... %]` are Jinja's, filled in here with the company's details; `{{var:name:""}}` is
Mailjet's, filled in at every send.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from mjml import mjml2html

from omnicrm.config import Company
from omnicrm.emails.catalogue import CATALOGUE, email_kind
from omnicrm.emails.formats import LOCALES
from omnicrm.emails.plain_text import plain_text, without_gaps
from omnicrm.mailjet.language import phrase as _


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """Where the designs take their colours from, as "#rrggbb"; `muted` is for labels and the footer."""

    page: str
    card: str
    box: str
    line: str
    text: str
    muted: str
    link: str
    action: str
    on_action: str


LIGHT = Palette(
    page="#f3f4f6",
    card="#ffffff",
    box="#eff6ff",
    line="#e5e7eb",
    text="#1f2937",
    muted="#4b5563",
    link="#1d4ed8",
    action="#1d4ed8",
    on_action="#ffffff",
)
DARK = Palette(
    page="#111827",
    card="#1f2937",
    box="#111827",
    line="#374151",
    text="#f3f4f6",
    muted="#d1d5db",
    link="#93c5fd",
    action="#93c5fd",
    on_action="#111827",
)
DESIGNS = Path(__file__).parent / "designs"
_JINJA = ImmutableSandboxedEnvironment(  # designs of custom emails are filled in too
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
_JINJA.globals.update(light=LIGHT, dark=DARK)
_MAILJET_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_ASIDE = re.compile(r"mailjet-tag-(\d+)-")


class NoDesign(LookupError):
    """There are no designs in this language."""


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


def fill_in(design: str, language: str, *, company: Company, name: str) -> str:
    """A design that somebody else wrote on the shared layout, with the company's details in it; `name` is what an error
    calls it. Raises InvalidDesign.
    """
    try:
        return _JINJA.from_string(design).render(language=language, company=company)
    except TemplateNotFound as error:
        what = _(
            "%(file)s builds on %(other)s, which is not there; there are layout.mjml and parts.mjml",
            file=name,
            other=error,
        )
        raise InvalidDesign(what) from None
    except TemplateSyntaxError as error:
        raise InvalidDesign(_("%(place)s: %(why)s", place=f"{name}:{error.lineno}", why=error.message)) from None
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise InvalidDesign(_("%(file)s cannot be filled in: %(why)s", file=name, why=why)) from None


def compile_mjml(mjml: str, *, name: str) -> Design:
    """Compiles MJML that may hold Mailjet's tags; `name` is what an error calls it. Raises InvalidDesign."""
    # The compiler escapes the quotes of {{var:name:""}} inside attributes, so it never sees Mailjet's tags.
    tags = list(dict.fromkeys(_MAILJET_TAG.findall(mjml)))
    numbers = {tag: number for number, tag in enumerate(tags)}
    aside = _MAILJET_TAG.sub(lambda match: f"mailjet-tag-{numbers[match[0]]}-", mjml)
    try:
        html = mjml2html(aside, fonts={})
    except ValueError as error:
        raise InvalidDesign(_("%(file)s is not valid MJML: %(why)s", file=name, why=error)) from None
    return Design(html=_with_tags(html, tags), text=without_gaps(_with_tags(plain_text(aside), tags)), mjml=mjml)


def _source(section: str, language: str, company: Company) -> str:
    email_kind(section)
    if section not in CATALOGUE:
        raise NoDesign(f"there is no packaged design of {section}")
    if language not in LOCALES:
        raise NoDesign(f'there are no designs in "{language}", only in {" and ".join(LOCALES)}')
    return _JINJA.get_template(f"{section}.mjml").render(language=language, company=company)


def _with_tags(compiled: str, tags: list[str]) -> str:
    return _ASIDE.sub(lambda match: tags[int(match[1])], compiled)
