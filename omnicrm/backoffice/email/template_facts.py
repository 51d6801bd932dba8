"""What the templates pages tell of an email: by which template each language gets it, in which state that is."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from babel.numbers import format_decimal
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnicrm.backoffice.wording import badge, current_locale, email_name, moment
from omnicrm.config import Config, LocalisedTemplate
from omnicrm.config.writing import TemplateSlot
from omnicrm.customers.models import Language
from omnicrm.emails.base import told
from omnicrm.emails.catalogue import email_kind, email_kinds
from omnicrm.emails.designs import InvalidDesign
from omnicrm.emails.formats import LOCALES
from omnicrm.emails.models import Drift, KnownTemplate
from omnicrm.emails.templates.findings import Finding, Level
from omnicrm.emails.templates.folder import own_designs, read_local
from omnicrm.emails.templates.linting import lint_local
from omnicrm.emails.templates.memory import recall
from omnicrm.emails.templates.rendering import Rendition, rendition
from omnicrm.emails.templates.targets import Target, fallbacks
from omnicrm.mailjet.language import Phrase
from omnicrm.outbox.queries import SectionFigures

DRIFT_COLOURS: Final = {
    Drift.SAME: "success",
    Drift.CHANGED_HERE: "warning",
    Drift.EDITED_IN_MAILJET: "warning",
    Drift.CONFLICT: "danger",
    Drift.NEVER_PUSHED: "warning",
    Drift.MISSING: "danger",
}
LEVEL_COLOURS: Final = {Level.ERROR: "danger", Level.WARNING: "warning", Level.NOTE: "info"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """One email for the readers of one language. Without a template of their own they get the one `instead`, which is
    "" otherwise. `sharing` counts the other editions that wrongly have the same number."""

    language: str
    target: Target
    is_configured: bool
    instead: str
    known: KnownTemplate | None
    sharing: int
    findings: Sequence[Finding]

    @property
    def language_name(self) -> str:
        return str(Language(self.language).label)

    @property
    def instead_name(self) -> str:
        return str(Language(self.instead).label) if self.instead else ""

    @property
    def drift(self) -> str:
        """A badge: the state that the nightly check, a push or a pull found last."""
        if self.known is None:
            return badge(_("not checked yet"), "")
        return badge(self.known.get_drift_display(), DRIFT_COLOURS[Drift(self.known.drift)])

    @property
    def checked(self) -> str:
        return moment(self.known.checked_at) if self.known else ""

    @property
    def verdict(self) -> str:
        """A badge: how the design here stands its check."""
        found = Counter(each.level for each in self.findings)
        if errors := found[Level.ERROR]:
            return badge(ngettext("%(count)d error", "%(count)d errors", errors) % {"count": errors}, "danger")
        if warnings := found[Level.WARNING]:
            return badge(ngettext("%(count)d warning", "%(count)d warnings", warnings) % {"count": warnings}, "warning")
        return badge(_("design in order"), "success")


@dataclass(frozen=True, kw_only=True, slots=True)
class EmailRow:
    section: str
    name: str
    sent_when: str
    editions: Sequence[Edition]
    messages: str
    messages_link: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VariableRow:
    """`samples` are pairs of a language's name and the text in it, in the order of the editions; `fields` those of a
    list's items, each with its meaning."""

    name: str
    meaning: str
    is_required: bool
    or_else: str
    is_secret: bool
    samples: Sequence[tuple[str, str]]
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A finding as the page shows it."""

    level: str
    colour: str
    place: str
    text: str


def email_rows(config: Config, figures: SectionFigures) -> list[EmailRow]:
    """All emails there are."""
    return [
        EmailRow(
            section=section,
            name=email_name(section),
            sent_when=str(email.sent_when),
            editions=of_email,
            messages=format_decimal(figures.messages.get(section, 0), locale=current_locale()),
            messages_link=f"{reverse('admin:outbox_message_changelist')}?section={section}",
        )
        for (section, email), of_email in zip(email_kinds().items(), _all_editions(config).values(), strict=True)
    ]


def editions(section: str, config: Config) -> list[Edition]:
    """Those of one email. Raises UnknownSection."""
    email_kind(section)
    return _all_editions(config, only=section)[section]


def variable_rows(section: str) -> list[VariableRow]:
    email = email_kind(section)
    samples = {language: email.sample(language).variables(language) for language in LOCALES}
    return [
        VariableRow(
            name=name,
            meaning=str(variable.meaning),
            is_required=variable.required,
            or_else=variable.or_else,
            is_secret=variable.secret,
            samples=[(str(Language(language).label), told(sample[name])) for language, sample in samples.items()],
            fields=[(name, str(field.meaning)) for name, field in variable.fields.items()],
        )
        for name, variable in email.template_variables.items()
    ]


def sample_of(edition: Edition, *, config: Config, own: Mapping[str, str], now: datetime) -> Rendition | None:
    """The email with sample data and a customer's `own` values, or None if its design is no valid one; `findings` then
    say why."""
    try:
        design = read_local(edition.target, company=config.company, folder=own_designs()).design
    except InvalidDesign:
        return None
    email = email_kind(edition.target.section).sample(edition.language)
    return rendition(edition.target, design, email, language=edition.language, now=now, own=own)


def as_remark(finding: Finding) -> Remark:
    """The finding in the user's language."""
    levels = {Level.ERROR: _("error"), Level.WARNING: _("warning"), Level.NOTE: _("note")}
    where = _in_words(finding.where)
    told = {"what": _in_words(finding.what), "mend": _in_words(finding.mend)}
    return Remark(
        level=levels[finding.level],
        colour=LEVEL_COLOURS[finding.level],
        place=_without_folder(f"{where}:{finding.line}:{finding.column}" if finding.line else where),
        text=_without_folder(_("%(what)s; %(mend)s") % told),
    )


def _in_words(text: str) -> str:
    return text.translated(_) if isinstance(text, Phrase) else text


def _without_folder(text: str) -> str:
    """Where on the server the own designs lie is nothing for this page."""
    return text.replace(f"{own_designs()}{os.sep}", "")


def _all_editions(config: Config, *, only: str = "") -> dict[str, list[Edition]]:
    """By section. Numbers are compared over all of them, designs are checked for those asked for."""
    instead = {(each.section, each.language): each.instead for each in fallbacks(config)}
    targets = {
        (section, language): _target(section, instead.get((section, language), language), config)
        for section in email_kinds()
        for language in LOCALES
    }
    own = {key: target for key, target in targets.items() if target.template_id and key not in instead}
    used = Counter(target.template_id for target in own.values())
    known = recall([target.template_id for target in own.values()])
    chosen = [section for section in email_kinds() if only in ("", section)]
    return {
        section: [
            _edition(targets[section, language], language, config=config, known=known, used=used)
            for language in LOCALES
        ]
        for section in chosen
    }


def _edition(
    target: Target, language: str, *, config: Config, known: Mapping[int, KnownTemplate], used: Counter[int]
) -> Edition:
    has_its_own = target.language == language
    remembered = known.get(target.template_id) if has_its_own else None
    is_of_this = remembered is not None and (remembered.section, remembered.language) == (target.section, language)
    return Edition(
        language=language,
        target=target,
        is_configured=bool(target.template_id) or target.slot.is_custom,
        instead="" if has_its_own else target.language,
        known=remembered if is_of_this else None,
        sharing=max(0, used[target.template_id] - 1) if has_its_own else 0,
        findings=lint_local([target], config=config, folder=own_designs()) if has_its_own else [],
    )


def _target(section: str, language: str, config: Config) -> Target:
    """The template that readers of a language get. Its number is 0 where the section is not configured, or the template
    of a custom email was never pushed."""
    configured = config.section(section)
    if configured:
        template = configured.for_language(language)
    else:
        subject = email_kind(section).default_subject.in_language(language)
        template = LocalisedTemplate(template_id=0, subject=subject, from_email="", from_name="")
    return Target(slot=TemplateSlot(section), section=section, language=language, template=template)
