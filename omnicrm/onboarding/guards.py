"""What must still be true just before a welcome or the proof of a sign-up leaves."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_noop
from psycopg import AsyncConnection

from omnicrm.emails.users import EmailVerification
from omnicrm.onboarding.welcome import SECTION
from omnicrm.outbox.guards import Reasons, guard

DELETED = gettext_noop("The customer was deleted.")
NO_CONTACT = gettext_noop("The address is no longer a contact of the customer.")
NO_SIGN_UP = gettext_noop("The sign-up is completed or has run out, or a newer email has replaced this one.")


@guard(SECTION)
async def customer_has_the_address(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    cursor = await connection.execute(_STALE, {"ids": list(ids), "deleted": DELETED, "no_contact": NO_CONTACT})
    return dict(await cursor.fetchall())


@guard(EmailVerification.section)
async def sign_up_still_waits(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    cursor = await connection.execute(_NO_LONGER_WAITING, {"ids": list(ids), "no_sign_up": NO_SIGN_UP})
    return dict(await cursor.fetchall())


_STALE = """
SELECT id, CASE WHEN customer_id IS NULL THEN %(deleted)s ELSE %(no_contact)s END
FROM outbox_message AS message
WHERE id = ANY(%(ids)s) AND key LIKE 'customer:%%' AND NOT EXISTS (
    SELECT FROM customers_contact AS contact
    WHERE contact.customer_id = message.customer_id AND contact.email = message.to_email
)
"""

_NO_LONGER_WAITING = """
SELECT id, %(no_sign_up)s
FROM outbox_message AS message
WHERE id = ANY(%(ids)s) AND key LIKE 'sign_up:%%' AND NOT EXISTS (
    SELECT FROM onboarding_pendingsignup AS pending
    WHERE message.key = 'sign_up:' || pending.id || ':' || pending.mails
)
"""
