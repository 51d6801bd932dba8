"""One look at a template as Mailjet has it now, by a process that holds no connections to Mailjet."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from asgiref.sync import async_to_sync

from omnicrm.config import Config
from omnicrm.emails.templates.account import Account
from omnicrm.emails.templates.comparing import Comparison
from omnicrm.emails.templates.operations import survey
from omnicrm.emails.templates.targets import Target
from omnicrm.outbox.runtime import running_outbox


def look_at_mailjet(target: Target, *, config: Config, folder: Path, clock: Callable[[], datetime]) -> Comparison:
    """Reads the template and compares it with our design; nothing is remembered of it.

    Costs two calls of the account's budget. Raises InvalidDesign, and the errors of mailjet.errors.
    """

    async def look() -> Comparison:
        async with running_outbox(config, clock=clock, connections=1) as outbox:
            (comparison,) = await survey(Account(outbox), [target], config=config, folder=folder)
            return comparison

    return async_to_sync(look)()
