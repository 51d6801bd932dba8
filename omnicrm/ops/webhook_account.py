"""The webhook's addresses in the operator's Mailjet account, called within the budget all of OmniCRM shares."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from asgiref.sync import async_to_sync

from omnicrm.config import Config
from omnicrm.emails.templates.account import Account
from omnicrm.mailjet.webhooks import list_webhooks, register
from omnicrm.ops.webhook import Standing, standings
from omnicrm.outbox.runtime import running_outbox

T = TypeVar("T")


def survey(config: Config, *, url: str) -> list[Standing]:
    """How each kind of event stands at Mailjet, which should post all of them to `url`. Raises MailjetError."""
    return standings(_at_mailjet(config, list_webhooks), url=url)


def register_all(config: Config, *, url: str) -> list[Standing]:
    """Has Mailjet post every kind of event to `url`; returns how they stand then. Raises MailjetError.

    Repeated it changes nothing. What was done before an error remains, and the next time does the rest.
    """

    async def work(account: Account) -> list[Standing]:
        await register(account, url=url)
        return standings(await list_webhooks(account), url=url)

    return _at_mailjet(config, work)


def _at_mailjet(config: Config, work: Callable[[Account], Awaitable[T]]) -> T:
    async def run() -> T:
        async with running_outbox(config, clock=lambda: datetime.now(UTC), connections=1) as outbox:
            return await work(Account(outbox))

    return async_to_sync(run)()
