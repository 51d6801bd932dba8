"""The `omnicrm` command: finds the config, then hands over to the command's own module; every error is one line."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from pkgutil import resolve_name

from django.core.management import execute_from_command_line
from django.db import OperationalError

from omnicrm.config import ConfigError, find_config
from omnicrm.database import EmbeddedDatabaseError
from omnicrm.ops.check import check_config

COMMANDS = {
    "demo": "start everything with sample data and a local Mailjet, and send",
    "serve": "serve the API and the back office",
    "worker": "send what is queued and do all other work in the background",
    "migrate": "bring the database to this version's tables",
    "check": "tell every mistake in crm_config.yaml",
    "sandbox": "run a local Mailjet with an inbox page",
    "user": "create staff users and replace forgotten passwords",
    "apikey": "create, list and revoke API keys",
    "messages": "list, show, retry and count messages",
    "templates": "check email templates, and keep those at Mailjet in step with ours",
    "invoices": "issue the invoices of a period; show what a template makes of invoices",
    "webhook": "have Mailjet tell what became of the emails",
    "reminders": "remind customers of overdue invoices",
}

WITHOUT_CONFIG = {"demo": "omnicrm.ops.demo:run_demo", "sandbox": "mailjet_sandbox.__main__:main"}
"""Imported only when asked for: the other commands start the sooner."""


def main() -> int:
    """Runs the command of sys.argv; returns the exit status."""
    try:
        return _run(sys.argv[1:])
    except (ConfigError, EmbeddedDatabaseError, OperationalError) as error:
        print(f"omnicrm: {str(error).strip()}", file=sys.stderr)  # noqa: T201 - the command line's own voice
        return 1
    except KeyboardInterrupt:
        return 130


def _run(argv: Sequence[str]) -> int:
    config_option = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    config_option.add_argument("--config", type=Path, nargs="?", metavar="FILE", help="default: crm_config.yaml")
    given, words = config_option.parse_known_args(argv)
    command, rest = _command(words, config_option), words[1:]
    if command in WITHOUT_CONFIG:
        status: int = resolve_name(WITHOUT_CONFIG[command])(rest)
        return status
    config = find_config(given.config, environ=os.environ, cwd=Path.cwd())
    if command == "check":
        return check_config(config, rest)
    os.environ["OMNICRM_CONFIG"] = str(config.absolute())
    os.environ["DJANGO_SETTINGS_MODULE"] = "omnicrm.settings"
    execute_from_command_line(["omnicrm", command, *rest])
    return 0


def _command(words: Sequence[str], config_option: argparse.ArgumentParser) -> str:
    """The first word, if it is a command. Help and mistakes end here, with argparse's own answers."""
    commands = "\n".join(f"  {name:<10} {purpose}" for name, purpose in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="omnicrm",
        parents=[config_option],
        description="Customer email for telecom operators through Mailjet.",
        epilog=f"commands:\n{commands}\n\n`omnicrm COMMAND --help` tells more of one.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    command: str = parser.parse_args(words[:1]).command
    return command
