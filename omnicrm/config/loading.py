"""From a path, or none, to a Config."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from omnicrm.config.checking import checked
from omnicrm.config.custom_loading import load_custom_emails
from omnicrm.config.models import SECTION_NAMES, Config
from omnicrm.config.problems import ConfigInvalid, ConfigNotFound
from omnicrm.config.source import Source

_VARIABLE = "OMNICRM_CONFIG"
_NAME = "crm_config.yaml"


def load_config(path: Path, *, environ: Mapping[str, str]) -> Config:
    """Read and check a configuration file and the custom emails beside it, filling in `${NAME}` from `environ`.

    Raise ConfigNotFound, or ConfigInvalid with everything that is wrong in these files.
    """
    source = Source(path, environ=environ)
    emails, problems = load_custom_emails(path.resolve().parent, environ=environ)
    context = {"directory": path.absolute().parent, "custom_emails": emails}
    try:
        config = checked(Config, source, _with_sections_in_place(source), context=context)
    except ConfigInvalid as invalid:
        raise ConfigInvalid([*invalid.problems, *problems]) from None
    if problems:
        raise ConfigInvalid(problems)
    return config


def find_config(explicit: Path | None, *, environ: Mapping[str, str], cwd: Path) -> Path:
    """The configuration file to read: the explicit one, or $OMNICRM_CONFIG, or crm_config.yaml in `cwd`.

    Raise ConfigNotFound when none of the three is given.
    """
    if explicit is not None:
        return explicit
    if environ.get(_VARIABLE):
        return cwd / environ[_VARIABLE]
    if (cwd / _NAME).exists():
        return cwd / _NAME
    raise ConfigNotFound(
        f"no configuration file: give one with --config FILE, name it in ${_VARIABLE}, "
        f"or put {_NAME} in the current directory; crm_config.example.yaml is a start"
    )


def config_path() -> Path:
    """The configuration file of this process: that of $OMNICRM_CONFIG or ./crm_config.yaml.

    Raise ConfigNotFound.
    """
    return find_config(None, environ=os.environ, cwd=Path())


@cache
def current_config() -> Config:
    """The configuration of this process, read once."""
    return load_config(config_path(), environ=os.environ)


def _with_sections_in_place(source: Source) -> dict[str, Any]:
    """The file's data, with the email sections that stand at top level moved under `mailjet`."""
    data = dict(source.data)
    mailjet = data.get("mailjet") or {}
    if not isinstance(mailjet, dict):
        return data
    for name in SECTION_NAMES:
        if name in data and name in mailjet:
            both = source.problem((name,), "stands at top level and under mailjet", "keep one of the two")
            source.problems.append(both)
        if name in data or name in mailjet:
            section = mailjet.get(name, data.pop(name, None))
            mailjet = {**mailjet, name: {} if section is None else section}  # a bare name is an incomplete section
    return {**data, "mailjet": mailjet} if mailjet or "mailjet" in data else data
