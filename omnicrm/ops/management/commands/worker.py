import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from omnicrm.config import current_config
from omnicrm.ops.startup import require_migrated
from omnicrm.ops.worker import run_worker


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Sends what is queued and does all other work in the background. Run any number, on any machines."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=8, help="jobs at the same time (default %(default)s)")

    def handle(self, *_args: Any, concurrency: int, **_options: Any) -> None:  # noqa: ANN401 - Django's signature
        require_migrated()
        asyncio.run(run_worker(current_config(), concurrency=concurrency))
