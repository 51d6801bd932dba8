"""What must still be true just before a welcome leaves."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_noop
from psycopg import AsyncConnection

from omnicrm.onboarding.welcome import SECTION
from omnicrm.outbox.guards import Reasons, guard

DELETED = gettext_noop("The customer was deleted.")
NO_CONTACT = gettext_noop("The address is no longer a contact of the customer.")


@guard(SECTION)
async def customer_has_the_address(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    cursor = await connection.execute(_STALE, {"ids": list(ids), "deleted": DELETED, "no_contact": NO_CONTACT})
    return dict(await cursor.fetchall())


_STALE = """
SELECT id, CASE WHEN customer_id IS NULL THEN %(deleted)s ELSE %(no_contact)s END
FROM outbox_message AS message
WHERE id = ANY(%(ids)s) AND key LIKE 'customer:%%' AND NOT EXISTS (
    SELECT FROM customers_contact AS contact
    WHERE contact.customer_id = message.customer_id AND contact.email = message.to_email
)
"""
