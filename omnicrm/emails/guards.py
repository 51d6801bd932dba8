"""What must still be true just before a custom email leaves: it goes to the customer whom it was meant for."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_noop
from psycopg import AsyncConnection

from omnicrm.config import current_config
from omnicrm.outbox.guards import Reasons, guard

NO_CONTACT = gettext_noop("The address is no longer a contact of the customer.")


async def customer_has_the_address(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    """Emails to an address alone have no customer, and pass; the outbox itself keeps those of erased customers back."""
    cursor = await connection.execute(_STALE, {"ids": list(ids), "no_contact": NO_CONTACT})
    return dict(await cursor.fetchall())


_STALE = """
SELECT id, %(no_contact)s
FROM outbox_message AS message
WHERE id = ANY(%(ids)s) AND customer_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM customers_contact AS contact
    WHERE contact.customer_id = message.customer_id AND contact.email = message.to_email
)
"""

for name in current_config().custom_emails:
    guard(name)(customer_has_the_address)
