"""What must still be true just before a custom email leaves: it goes to the customer whom it was meant for, and who
agreed to it where it is marketing.
"""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_noop
from psycopg import AsyncConnection

from omnicrm.config import current_config
from omnicrm.emails.opt_in import NOT_AGREED
from omnicrm.outbox.guards import Reasons, guard

NO_CONTACT = gettext_noop("The address is no longer a contact of the customer.")


async def customer_has_the_address(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    """Emails to an address alone have no customer, and pass; the outbox itself keeps those of erased customers back."""
    cursor = await connection.execute(_STALE, {"ids": list(ids), "no_contact": NO_CONTACT})
    return dict(await cursor.fetchall())


async def contact_has_agreed(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    """For marketing. An address alone passes: whoever sent to it answers for that, and an unsubscribe stops it."""
    cursor = await connection.execute(_NOT_AGREED, {"ids": list(ids), "not_agreed": NOT_AGREED})
    return dict(await cursor.fetchall())


_STALE = """
SELECT id, %(no_contact)s
FROM outbox_message AS message
WHERE id = ANY(%(ids)s) AND customer_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM customers_contact AS contact
    WHERE contact.customer_id = message.customer_id AND contact.email = message.to_email
)
"""

_NOT_AGREED = """
SELECT id, %(not_agreed)s
FROM outbox_message AS message
WHERE id = ANY(%(ids)s) AND customer_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM customers_contact AS contact
    WHERE contact.customer_id = message.customer_id AND contact.email = message.to_email
        AND contact.marketing_consent_at IS NOT NULL
)
"""

for name, described in current_config().custom_emails.items():
    if described.category == "marketing":
        guard(name)(contact_has_agreed)
    guard(name)(customer_has_the_address)  # last: where the contact is gone, that is the reason to tell
