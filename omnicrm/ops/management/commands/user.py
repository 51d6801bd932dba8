import secrets
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user, set_password
from omnicrm.accounts.roles import Role
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Language


class Command(BaseCommand):
    help = "Creates staff users, and gives them new passwords. The password is printed once, alone on standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a user who may open the back office")
        create.add_argument("email")
        create.add_argument("--name", required=True, help="full name")
        create.add_argument("--role", choices=Role.values, default=Role.ADMIN, help="default: %(default)s")
        create.add_argument("--language", choices=Language.values, default=Language.FRENCH, help="default: %(default)s")
        password = actions.add_parser("password", help="replace a forgotten password; all the user's sessions end")
        password.add_argument("email")

    def handle(self, *_args: Any, action: str, email: str, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        password = secrets.token_urlsafe(15)
        if action == "create":
            self._create(email, password, options)
        else:
            self._replace(email, password)
        self.stdout.write(password)

    def _create(self, email: str, password: str, options: dict[str, Any]) -> None:
        try:
            create_user(
                email=email,
                full_name=options["name"],
                role=options["role"],
                language=options["language"],
                password=password,
                now=datetime.now(UTC),
            )
        except InvalidInput as error:
            raise CommandError(str(error)) from error

    def _replace(self, email: str, password: str) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f'there is no user "{email}"; `omnicrm user create` makes one')
        set_password(user_id=user.pk, password=password)
