from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from rich.console import Console
from rich.table import Table

from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import retry
from omnicrm.outbox.states import Lane, State


class Command(BaseCommand):
    help = "Lists, shows, retries and counts messages."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="the newest messages")
        listing.add_argument("--state", choices=State.values)
        listing.add_argument("--section", help="e.g. api_crmCommunicationCustomerWelcome")
        listing.add_argument("--to", dest="to_email", help="recipient's address")
        listing.add_argument("--limit", type=int, default=20, help="default: %(default)s")
        show = actions.add_parser("show", help="one message with its attempts")
        show.add_argument("message_id", type=UUID)
        again = actions.add_parser("retry", help="queue messages again that ended without being accepted")
        again.add_argument("message_id", type=UUID, nargs="*")
        again.add_argument("--state", choices=[State.FAILED, State.REFUSED], help="all of that state")
        stats = actions.add_parser("stats", help="how many messages in each state and lane")
        for action in (listing, show, again, stats):
            action.add_argument("--json", action="store_true", help="for a script")

    def handle(self, *_args: Any, action: str, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        rows = getattr(self, f"_{action}")(options)
        if options["json"]:
            self.stdout.write(orjson.dumps(rows, default=str, option=orjson.OPT_INDENT_2).decode())
        else:
            self._print(rows)

    def _list(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        given = {name: options[name] for name in ("state", "section", "to_email") if options[name]}
        return [_summary(message) for message in Message.objects.filter(**given)[: options["limit"]]]

    def _show(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        message = Message.objects.filter(id=options["message_id"]).first()
        if message is None:
            raise CommandError(f"there is no message {options['message_id']}")
        facts = _summary(message) | {
            "key": message.key,
            "lane": Lane(message.lane).name.lower(),
            "subject": message.subject,
            "variables": message.shown_variables,
            "accepted_at": message.accepted_at,
            "mailjet_message_id": str(message.mailjet_message_id or ""),
            "attempts": message.attempts,
        }
        return [facts] if options["json"] else [{"fact": name, "value": value} for name, value in facts.items()]

    def _retry(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        ids = options["message_id"]
        if options["state"]:
            ids += Message.objects.filter(state=options["state"]).values_list("id", flat=True)
        if not ids:
            raise CommandError("name messages, or all of a state with --state failed or --state refused")
        changed = retry(ids, now=datetime.now(UTC))
        skipped = [{"message_id": id_, "result": why} for id_, why in changed.skipped.items()]
        return [{"message_id": id_, "result": "queued"} for id_ in ids if id_ not in changed.skipped] + skipped

    def _stats(self, _options: dict[str, Any]) -> list[dict[str, Any]]:
        counts = Message.objects.order_by("state", "lane").values("state", "lane").annotate(messages=Count("id"))
        return [{**row, "lane": Lane(row["lane"]).name.lower()} for row in counts]

    def _print(self, rows: list[dict[str, Any]]) -> None:
        out = Console(soft_wrap=True)
        if not rows:
            out.print("no messages")
            return
        table = Table(*rows[0])
        for row in rows:
            table.add_row(*(str(value) for value in row.values()))
        out.print(table)


def _summary(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "section": message.section,
        "state": message.state,
        "reason": message.reason,
        "to_email": message.to_email,
        "created_at": message.created_at,
    }
