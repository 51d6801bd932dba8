"""Reading the operator's own kinds of email from the folder beside crm_config.yaml."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from omnicrm.config.checking import checked
from omnicrm.config.custom_emails import CustomSection, mistakes_in_subject
from omnicrm.config.problems import ConfigInvalid, ConfigNotFound, Problem
from omnicrm.config.source import Keys, Source

FOLDER: Final = "email_templates"
"""Beside crm_config.yaml: custom emails, and designs of every email."""
SUFFIX: Final = ".yaml"
EXAMPLE: Final = "docs/custom-emails.md"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_OURS: Final = "api_crm"
"""How the sections of OmniCRM's own emails begin, also those to come."""


def load_custom_emails(
    directory: Path, *, environ: Mapping[str, str]
) -> tuple[Sequence[CustomSection], Sequence[Problem]]:
    """The custom emails beside the configuration in `directory`, in the order of their names, and what is wrong."""
    emails: list[CustomSection] = []
    problems: list[Problem] = []
    for path in sorted((directory / FOLDER).glob("*.y*ml")):
        try:
            emails.append(_load(path, environ))
        except ConfigInvalid as invalid:
            problems += invalid.problems
        except ConfigNotFound:
            problems.append(_of_file(path, "is a link to a file that is not there", "mend the link, or remove it"))
    return emails, problems


def custom_email_file(directory: Path, name: str) -> Path:
    return directory / FOLDER / f"{name}{SUFFIX}"


def _load(path: Path, environ: Mapping[str, str]) -> CustomSection:
    if fault := _fault_of_name(path):
        raise ConfigInvalid([_of_file(path, *fault)])
    source = Source(path, environ=environ, example=EXAMPLE)
    if source.data.get("name") not in (None, path.stem):
        mend = "leave it out, or name the file so"
        source.problems.append(source.problem(("name",), "is not the file's own name", mend))
    email = checked(CustomSection, source, {**source.data, "name": path.stem})
    if found := list(_problems_of_subjects(email, source)):
        raise ConfigInvalid(found)
    return email


def _fault_of_name(path: Path) -> tuple[str, str] | None:
    if path.suffix != SUFFIX:
        return f"ends in {path.suffix}", f"name it {path.stem}{SUFFIX}"
    if path.stem.startswith(_OURS):
        return (
            "has the name of one of OmniCRM's own emails",
            "configure that in crm_config.yaml, or choose another name",
        )
    if not _NAME.fullmatch(path.stem):
        return "has a name that no email can have", "use up to 60 small letters, digits and _, a letter first"
    return None


def _of_file(path: Path, what: str, mend: str) -> Problem:
    return Problem(file=str(path), line=0, column=0, where="", what=what, mend=mend)


def _problems_of_subjects(email: CustomSection, source: Source) -> Iterator[Problem]:
    for keys, subject in _subjects(email):
        for what, mend in mistakes_in_subject(subject, email):
            yield source.problem(keys, what, mend)


def _subjects(email: CustomSection) -> Iterator[tuple[Keys, str]]:
    yield ("subject",), email.subject
    for language in ("fr", "en"):
        if content := getattr(email.languages, language):
            yield ("languages", language, "subject"), content.subject
