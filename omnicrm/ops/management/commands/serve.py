from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from granian import Granian
from granian.constants import Interfaces

from omnicrm.config import current_config
from omnicrm.ops.startup import require_migrated


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Serves the API and the back office. Run any number, on any machines, behind one name."

    def add_arguments(self, parser: CommandParser) -> None:
        server = current_config().server
        parser.add_argument("--host", default=server.host, help="default: %(default)s")
        parser.add_argument("--port", type=int, default=server.port, help="default: %(default)s")
        parser.add_argument("--workers", type=int, default=1, help="processes (default %(default)s)")
        parser.add_argument("--threads", type=int, default=8, help="requests at once per process (default %(default)s)")

    def handle(
        self,
        *_args: Any,  # noqa: ANN401 - Django's signature
        host: str,
        port: int,
        workers: int,
        threads: int,
        **_options: Any,  # noqa: ANN401 - Django's signature
    ) -> None:
        require_migrated()
        Granian(
            "omnicrm.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            respawn_failed_workers=True,
            log_access=False,
        ).serve()
