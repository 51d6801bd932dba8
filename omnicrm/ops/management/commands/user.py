import secrets
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from omnicrm.accounts.models import User
from omnicrm.accounts.operations import create_user, send_staff_welcome, set_password
from omnicrm.accounts.roles import STAFF_ROLES, Role
from omnicrm.audit.operations import SYSTEM
from omnicrm.config import current_config
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Language
from omnicrm.emails.formats import formatted


class Command(BaseCommand):
    help = (
        "Creates staff users, welcomes them by email, and gives them new passwords. A password made here is printed "
        "once, alone on standard output; everything else is said on standard error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser(
            "create", help="make a user who may open the back office, and send the welcome with a temporary password"
        )
        create.add_argument("email")
        create.add_argument("--name", required=True, help="full name")
        create.add_argument("--role", choices=STAFF_ROLES, default=Role.ADMIN, help="default: %(default)s")
        create.add_argument("--language", choices=Language.values, default=Language.FRENCH, help="default: %(default)s")
        create.add_argument("--no-welcome", action="store_true", help="send nothing, and print a password instead")
        welcome = actions.add_parser("welcome", help="send the welcome again, with a new temporary password")
        welcome.add_argument("email")
        password = actions.add_parser("password", help="replace a forgotten password; all the user's sessions end")
        password.add_argument("email")

    def handle(self, *_args: Any, action: str, email: str, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        act = {"create": self._create, "welcome": self._welcome, "password": self._replace}[action]
        try:
            act(email, now=datetime.now(UTC), **options)
        except InvalidInput as error:
            raise CommandError(str(error)) from error

    def _create(
        self, email: str, *, name: str, role: str, language: str, no_welcome: bool, now: datetime, **_options: object
    ) -> None:
        password = secrets.token_urlsafe(15) if no_welcome else None
        user = create_user(
            email=email,
            full_name=name,
            role=role,
            language=language,
            password=password,
            welcome=not no_welcome,
            now=now,
        )
        self.stderr.write(f"{user} ({user.role}) may sign in as {user.email}")
        if password:
            self.stdout.write(password)
        else:
            self._say_welcomed(user)

    def _welcome(self, email: str, *, now: datetime, **_options: object) -> None:
        user = _user(email)
        send_staff_welcome(user_id=user.pk, by=SYSTEM, now=now)
        self._say_welcomed(user)

    def _replace(self, email: str, *, now: datetime, **_options: object) -> None:
        password = secrets.token_urlsafe(15)
        set_password(user_id=_user(email).pk, new_password=password, now=now)
        self.stdout.write(password)

    def _say_welcomed(self, user: User) -> None:
        valid_for = formatted(current_config().security.temporary_password_expiry, "en")
        self.stderr.write(f"a welcome to {user.email} is queued; the temporary password in it is valid for {valid_for}")


def _user(email: str) -> User:
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise CommandError(f'there is no user "{email}"; `omnicrm user create` makes one')
    return user
