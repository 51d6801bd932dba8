"""`omnicrm check`: every mistake in the config and in our designs at once, and what the config leaves out."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import django
import orjson
from rich.console import Console

from omnicrm.config import SECTION_NAMES, Config, ConfigInvalid, load_config

NOT_SENT = "{section} is not configured, so this email cannot be sent"
NO_WEBHOOK = (
    "mailjet.webhook is not configured, so nobody learns which emails were delivered, opened, bounced or reported as "
    "spam; configure it, then run `omnicrm webhook register`"
)


def check_config(path: Path, argv: Sequence[str]) -> int:
    """Prints the mistakes of a config, one line each; returns 1 if there are any, else 0."""
    parser = argparse.ArgumentParser(prog="omnicrm check", description=__doc__)
    parser.add_argument(
        "--json", action="store_true", help="answer {ok, problems, missing_sections, warnings} for a script"
    )
    as_json = parser.parse_args(argv).json
    try:
        config = load_config(path, environ=os.environ)
    except ConfigInvalid as invalid:
        problems = [str(problem) for problem in invalid.problems]
        missing, warnings = [], []
    else:
        problems = _contract_mistakes(path, config)
        missing = [name for name in SECTION_NAMES if config.section(name) is None]
        warnings = [] if config.mailjet.webhook else [NO_WEBHOOK]
    if as_json:
        answer = {"ok": not problems, "problems": problems, "missing_sections": missing, "warnings": warnings}
        sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _tell(path, problems, [*warnings, *(NOT_SENT.format(section=name) for name in missing)])
    return 1 if problems else 0


def _contract_mistakes(path: Path, config: Config) -> list[str]:
    os.environ["OMNICRM_CONFIG"] = str(path.absolute())
    os.environ["DJANGO_SETTINGS_MODULE"] = "omnicrm.settings"
    django.setup()
    mistakes: list[str] = import_module("omnicrm.ops.contract").contract_mistakes(config)
    return mistakes


def _tell(path: Path, problems: Sequence[str], notes: Sequence[str]) -> None:
    out = Console(highlight=False, soft_wrap=True)
    for problem in problems:
        out.print(problem, markup=False)
    if problems:
        out.print(f"[red]{len(problems)} mistake{'s' if len(problems) > 1 else ''} in {path}[/red]")
        return
    out.print(f"[green]{path}: no mistakes[/green]")
    for note in notes:
        out.print(f"note: {note}", markup=False)
