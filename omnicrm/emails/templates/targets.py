"""Which template number carries which email in which language."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from omnicrm.config import Config, EmailSection, LocalisedTemplate
from omnicrm.config.writing import TemplateSlot
from omnicrm.emails.catalogue import email_kind
from omnicrm.emails.designs import NoDesign
from omnicrm.emails.formats import LOCALES


class NothingChosen(LookupError):
    """No template of the configuration is meant by what was asked for."""


class NumberUsedTwice(ValueError):
    """Two emails share a number: whatever one of them says is wrong for the other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One template number: where it stands in the configuration, and the email and language that it carries.

    A custom email's is 0 until its first push.
    """

    slot: TemplateSlot
    section: str
    language: str
    template: LocalisedTemplate

    @property
    def template_id(self) -> int:
        return self.template.template_id

    @property
    def name(self) -> str:
        """What Mailjet calls the template where we create it."""
        return f"OmniCRM {self.section} ({self.language})"

    @property
    def file_stem(self) -> str:
        return f"{self.section}.{self.language}"

    def __str__(self) -> str:
        return f"{self.section} ({self.language})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fallback:
    """A language without a number of its own: its recipients get the section's, in the company's language."""

    section: str
    language: str
    instead: str


def targets(config: Config, *, section: str | None = None, language: str | None = None) -> list[Target]:
    """The configured templates, all or those of a section or language.

    Raises UnknownSection, NoDesign, NothingChosen or NumberUsedTwice.
    """
    if section is not None:
        email_kind(section)
    if language is not None and language not in LOCALES:
        raise NoDesign(f'there are no designs in "{language}", only in {" and ".join(LOCALES)}')
    found = [each for name in config.section_names for each in _of_section(config, name)]
    _refuse_shared_numbers(found)
    chosen = [each for each in found if section in (None, each.section) and language in (None, each.language)]
    if not chosen:
        raise NothingChosen(_why_nothing(config, section, language))
    return chosen


def target_for(section: str, language: str, config: Config) -> Target:
    """The template by which readers of a language get the email of a configured section. Raises NothingChosen."""
    found = {target.language: target for target in _of_section(config, section)}
    target = found.get(language) or found.get(config.company.language)
    if target is None:
        raise NothingChosen(_why_nothing(config, section, None))
    return target


def fallbacks(config: Config) -> list[Fallback]:
    """The languages of configured sections that have no number of their own."""
    return [
        Fallback(section=name, language=language, instead=config.company.language)
        for name, section in _configured(config)
        for language in LOCALES
        if language != config.company.language and not _has_its_own(section, language)
    ]


def _configured(config: Config) -> Iterator[tuple[str, EmailSection]]:
    for name in config.section_names:
        section = config.section(name)
        if section is not None:
            yield name, section


def _of_section(config: Config, name: str) -> Iterator[Target]:
    section = config.section(name)
    if section is None:
        return
    own = [language for language in LOCALES if _has_its_own(section, language)]
    if len(own) < len(LOCALES):
        template = LocalisedTemplate(
            template_id=section.template_id,
            subject=section.subject,
            from_email=section.from_email,
            from_name=section.from_name,
        )
        yield Target(slot=TemplateSlot(name), section=name, language=config.company.language, template=template)
    for language in own:
        yield Target(
            slot=TemplateSlot(name, language),
            section=name,
            language=language,
            template=section.for_language(language),
        )


def _has_its_own(section: EmailSection, language: str) -> bool:
    return getattr(section.languages, language) is not None


def _refuse_shared_numbers(found: Collection[Target]) -> None:
    by_number: dict[int, list[Target]] = defaultdict(list)
    for target in found:
        if target.template_id:
            by_number[target.template_id].append(target)
    for number, sharing in by_number.items():
        if len({(target.section, target.language) for target in sharing}) > 1:
            slots = " and ".join(str(target.slot) for target in sharing)
            raise NumberUsedTwice(f"template {number} stands at {slots}; give each a number of its own")


def _why_nothing(config: Config, section: str | None, language: str | None) -> str:
    if section is not None and config.section(section) is None:
        return f"{section} is not configured; add it to crm_config.yaml"
    if section is not None and language is not None:
        return f'{section} has no template of its own in "{language}"; add languages.{language} to it'
    return f'no email has a template of its own in "{language}"' if language else "no email is configured"
