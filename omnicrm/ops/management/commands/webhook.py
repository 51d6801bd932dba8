import sys
from collections.abc import Sequence
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override
from rich.console import Console
from rich.table import Column, Table

from omnicrm.config import current_config
from omnicrm.mailjet.errors import MailjetError
from omnicrm.ops.startup import require_migrated
from omnicrm.ops.webhook import NoAddressError, Owner, Standing, address, masked
from omnicrm.ops.webhook_account import register_all, survey


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Shows and registers the address to which Mailjet posts what became of the emails."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        status = actions.add_parser("status", help="show each kind of event; status 1 if anything is amiss")
        register = actions.add_parser("register", help="have Mailjet post every kind of event to this installation")
        for action in (status, register):
            action.add_argument("--url", default="", help="the public address, if it is not server.public_url")
            action.add_argument("--json", action="store_true", help="for a script")
        register.add_argument("--yes", action="store_true", help="do not ask before an address of others is replaced")

    def handle(self, *_args: Any, action: str, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        try:
            with override("en"):  # as all that the command line says
                url = address(current_config(), public_url=options["url"])
                require_migrated()
                found = survey(current_config(), url=url)
                status = (
                    self._status(url, found, options) if action == "status" else self._register(url, found, options)
                )
        except (MailjetError, NoAddressError) as error:
            raise CommandError(str(error)) from None
        if status:
            sys.exit(status)

    def _status(self, url: str, found: Sequence[Standing], options: dict[str, Any]) -> int:
        if options["json"]:
            self._write_json(url, found)
        else:
            self._show(found)
            if _amiss(found):
                self.stdout.write(f"`omnicrm webhook register` mends this: it names {masked(url)} to Mailjet")
            else:
                self.stdout.write(f"Mailjet posts every kind of event to {masked(url)}")
        return 1 if _amiss(found) else 0

    def _register(self, url: str, found: Sequence[Standing], options: dict[str, Any]) -> int:
        before = _amiss(found)
        if not options["json"]:
            for each in before:
                self.stdout.write(f"{each.kind}: {each.why}")
        if not self._agrees(before, options):
            return 1
        after = register_all(current_config(), url=url) if before else found
        if options["json"]:
            self._write_json(url, after, changed=[each.kind for each in before if each.kind not in _kinds(after)])
        elif _amiss(after):
            self._show(after)
        else:
            done = "Mailjet now posts" if before else "nothing to change: Mailjet posts"
            self.stdout.write(f"{done} every kind of event to {masked(url)}")
        return 1 if _amiss(after) else 0

    def _agrees(self, before: Sequence[Standing], options: dict[str, Any]) -> bool:
        others = [each for each in before if each.owner is Owner.OTHER]
        if not others or options["yes"]:
            return True
        if not sys.stdin.isatty():
            raise CommandError(
                f"Mailjet would no longer post {', '.join(each.kind for each in others)} to the addresses of others; "
                "give --yes to go ahead"
            )
        return input("replace the addresses of others? [y/N] ").strip().lower() in ("y", "yes", "o", "oui")

    def _show(self, found: Sequence[Standing]) -> None:
        table = Table("event", "address", "state", "version", Column("posted to", overflow="fold"))
        for each in found:
            state = "" if each.webhook is None else "alive" if each.webhook.is_alive else "dead"
            version = str(each.webhook.version) if each.webhook else ""
            table.add_row(each.kind, each.owner, state, version, each.shown_url)
        Console(soft_wrap=True).print(table)
        for each in _amiss(found):
            self.stdout.write(f"{each.kind}: {each.why}")

    def _write_json(self, url: str, found: Sequence[Standing], **more: Any) -> None:  # noqa: ANN401 - any JSON
        answer = {"ok": not _amiss(found), "url": masked(url), **more, "events": [_row(each) for each in found]}
        self.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())


def _amiss(found: Sequence[Standing]) -> list[Standing]:
    return [each for each in found if each.why]


def _kinds(found: Sequence[Standing]) -> set[str]:
    return {each.kind for each in _amiss(found)}


def _row(standing: Standing) -> dict[str, Any]:
    webhook = standing.webhook
    return {
        "event": standing.kind,
        "address": standing.owner,
        "url": standing.shown_url,
        "version": webhook.version if webhook else None,
        "alive": webhook.is_alive if webhook else None,
        "why": standing.why,
    }
