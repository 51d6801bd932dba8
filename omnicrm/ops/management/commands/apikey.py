from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from omnicrm.accounts.models import ApiKey
from omnicrm.accounts.operations import create_api_key, revoke_api_key
from omnicrm.accounts.roles import STAFF_ROLES, Role
from omnicrm.customers.errors import InvalidInput


class Command(BaseCommand):
    help = "Creates, lists and revokes the keys integrators use (header X-API-KEY)."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a key; it is printed once, alone on standard output")
        create.add_argument("name", help="who uses it, e.g. webshop")
        create.add_argument("--role", choices=STAFF_ROLES, default=Role.SUPPORT, help="default: %(default)s")
        actions.add_parser("list", help="show the keys, without their secrets")
        revoke = actions.add_parser("revoke", help="make a key useless at once")
        revoke.add_argument("name")

    def handle(self, *_args: Any, action: str, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        now = datetime.now(UTC)
        if action == "create":
            self._create(options["name"], options["role"], now=now)
        elif action == "revoke":
            self._revoke(options["name"], now=now)
        else:
            self._list()

    def _create(self, name: str, role: str, *, now: datetime) -> None:
        try:
            self.stdout.write(create_api_key(name=name, role=role, now=now).plain_key)
        except InvalidInput as error:
            raise CommandError(str(error)) from error

    def _revoke(self, name: str, *, now: datetime) -> None:
        key = ApiKey.objects.filter(name=name).first()
        if key is None:
            raise CommandError(f'there is no API key "{name}"; `omnicrm apikey list` shows them')
        revoke_api_key(api_key_id=key.pk, now=now)
        self.stderr.write(f'"{name}" is revoked')

    def _list(self) -> None:
        table = Table("name", "role", "prefix", "created", "last used", "revoked")
        for key in ApiKey.objects.all():
            moments = (
                f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (key.created_at, key.last_used_at, key.revoked_at)
            )
            table.add_row(key.name, key.role, key.prefix, *moments)
        Console().print(table if table.row_count else "no API keys yet: omnicrm apikey create NAME")
