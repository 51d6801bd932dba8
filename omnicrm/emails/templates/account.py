"""The templates of the operator's Mailjet account, read through the budget of calls that all of OmniCRM shares."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from omnicrm.emails.templates.parts import CONTENT, Parts, parts_at_mailjet
from omnicrm.emails.templates.targets import Target
from omnicrm.mailjet.errors import RateLimited
from omnicrm.mailjet.templates import TemplateContent, TemplateInfo, get_template, list_templates, read_content
from omnicrm.mailjet.transport import Answer, Transport
from omnicrm.outbox.budget import Grant
from omnicrm.outbox.runtime import Outbox

PATIENCE_SECONDS: Final = 10.0


class Account(Transport):
    """The outbox's connections to Mailjet, each call with a grant of its budget. Open as long as the outbox is.

    Only a 429 holds everybody back: what else befalls a call about templates says nothing about sending.
    """

    def __init__(self, outbox: Outbox) -> None:  # the outbox opens and closes the connections
        self._outbox = outbox

    async def request(
        self, method: str, path: str, *, body: bytes | None = None, params: Mapping[str, str] | None = None
    ) -> Answer:
        """As Transport.request. Raises RateLimited too while calls are paused for longer than anyone waits."""
        grant = await self._grant()
        try:
            return await self._outbox.transport.request(method, path, body=body, params=params)
        except RateLimited as error:
            await self._outbox.budget.pause(error)
            raise
        finally:
            await self._outbox.budget.finish(grant)

    async def _grant(self) -> Grant:
        while True:
            answer = await self._outbox.budget.ask()
            if isinstance(answer, Grant):
                return answer
            if answer.seconds > PATIENCE_SECONDS:
                raise RateLimited(f"calls to Mailjet pause for {answer.seconds:.0f} s more: {answer.why}")
            await asyncio.sleep(answer.seconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Remote:
    """A template as Mailjet has it."""

    info: TemplateInfo
    content: TemplateContent
    parts: Parts

    @property
    def is_empty(self) -> bool:
        """Created, or drafted, but never saved with content."""
        return not any(self.parts.get(name) for name in CONTENT)


async def read_remotes(account: Transport, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, Remote | None]]:
    """Yields each target with its template at Mailjet, or None where the account has none under its number.

    A template that bears the name we give counts too: its number was lost on the way into the configuration.
    Raises the errors of mailjet.errors.
    """
    own = [info async for info in list_templates(account)]
    by_number, by_name = {info.id: info for info in own}, {info.name: info for info in own}
    for target in targets:
        info = by_number.get(target.template_id)
        if info is None and target.template_id:
            info = await get_template(account, target.template_id)
        info = info or by_name.get(target.name)
        yield target, await read_remote(account, info) if info else None


async def read_remote(account: Transport, info: TemplateInfo) -> Remote | None:
    content = await read_content(account, info.id)
    return None if content is None else Remote(info=info, content=content, parts=parts_at_mailjet(info, content))
