"""What must still be true just before an alert leaves. Only messages that this room queued are judged."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_noop
from psycopg import AsyncConnection

from omnicrm.emails.balances import BalanceExpired, BalanceLow
from omnicrm.outbox.guards import Reasons, guard

TOPPED_UP = gettext_noop("The balance was topped up before the email left.")
RENEWED = gettext_noop("The balance was renewed before the email left.")
CLOSED = gettext_noop("The service was closed or removed before the email left.")
DELETED = gettext_noop("The customer was deleted.")
NO_CONTACT = gettext_noop("The address is no longer a contact of the customer.")


@guard(BalanceLow.section)
async def balance_is_still_low(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    return await _untrue(connection, ids, why=TOPPED_UP)


@guard(BalanceExpired.section)
async def balance_is_still_expired(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    return await _untrue(connection, ids, why=RENEWED)


async def _untrue(connection: AsyncConnection, ids: Sequence[UUID], *, why: str) -> Reasons:
    reasons = {"why": why, "closed": CLOSED, "deleted": DELETED, "no_contact": NO_CONTACT}
    cursor = await connection.execute(_UNTRUE, {"ids": list(ids), **reasons})
    return dict(await cursor.fetchall())


_UNTRUE = """
SELECT message.id, CASE
    WHEN message.customer_id IS NULL THEN %(deleted)s
    WHEN NOT has_contact THEN %(no_contact)s
    WHEN NOT is_in_use THEN %(closed)s
    ELSE %(why)s
END
FROM outbox_message AS message
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM customers_contact AS contact
        WHERE contact.customer_id = message.customer_id AND contact.email = message.to_email
    )
) AS addressee (has_contact)
CROSS JOIN LATERAL (
    SELECT
        coalesce(bool_or(balances_alert_is_true(alert, balance, service)), false),
        coalesce(bool_or(service.state <> 'closed'), false)
    FROM balances_alert AS alert
    JOIN balances_balance AS balance ON balance.id = alert.balance_id
    JOIN customers_service AS service ON service.id = balance.service_id
    WHERE alert.message_id = message.id
) AS facts (is_true, is_in_use)
WHERE message.id = ANY(%(ids)s) AND message.key LIKE 'balance:%%' AND NOT (is_true AND has_contact)
"""
