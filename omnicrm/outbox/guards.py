"""True when sent: what must still hold just before the call, asked of the database for a whole batch at once.

A room that sends email registers its guards in its own `guards.py`, which Django imports at start:

    @guard("api_crmCommunicationCustomerInvoiceReminder")
    async def invoice_is_still_unpaid(connection, ids):
        return {message_id: "invoice INV-1 was paid on 3 May", ...}   # only those that must not leave
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from psycopg import AsyncConnection

Reasons = Mapping[UUID, str]
Guard = Callable[[AsyncConnection, Sequence[UUID]], Awaitable[Reasons]]

_GUARDS: dict[str, list[Guard]] = {}


def guard(section: str) -> Callable[[Guard], Guard]:
    """Registers a check that runs for every claimed message of `section`. It answers the reasons not to send."""

    def register(check: Guard) -> Guard:
        _GUARDS.setdefault(section, []).append(check)
        return check

    return register


async def no_longer_true(connection: AsyncConnection, section: str, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Returns, for those messages of a section that must not be sent any more, the reason why."""
    untrue: dict[UUID, str] = {}
    for check in _GUARDS.get(section, ()):
        untrue.update(await check(connection, ids))
    return untrue
