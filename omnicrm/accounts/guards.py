"""What must still be true just before a reset, a verification or a welcome leaves. Only keys of ours are judged."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_noop
from psycopg import AsyncConnection

from omnicrm.emails.users import EmailVerification, UserPasswordReset, UserWelcome
from omnicrm.outbox.guards import Reasons, guard

NO_USER = gettext_noop("The user no longer exists or is deactivated.")
USED = gettext_noop("Its link or code has been used already.")
VOID = gettext_noop("Its link or code is no longer valid: a newer one replaced it, or the password was changed.")
PASSWORD_CHANGED = gettext_noop("The temporary password in it is no longer the user's.")


@guard(UserPasswordReset.section)
@guard(EmailVerification.section)
async def proof_still_opens(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    cursor = await connection.execute(_VOID, {"ids": list(ids), "no_user": NO_USER, "used": USED, "void": VOID})
    return dict(await cursor.fetchall())


@guard(UserWelcome.section)
async def temporary_password_is_in_force(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    cursor = await connection.execute(
        _SUPERSEDED, {"ids": list(ids), "no_user": NO_USER, "password_changed": PASSWORD_CHANGED}
    )
    return dict(await cursor.fetchall())


_VOID = r"""
SELECT message.id, CASE
    WHEN proof.used_at IS NOT NULL THEN %(used)s WHEN proof.voided_at IS NOT NULL THEN %(void)s ELSE %(no_user)s END
FROM outbox_message AS message
LEFT JOIN accounts_proof AS proof
    ON proof.id = substring(message.key FROM '^user:\d+:(?:reset|verify):(\d{1,18})$')::bigint
LEFT JOIN accounts_user AS owner ON owner.id = proof.user_id
WHERE message.id = ANY(%(ids)s) AND message.key ~ '^user:\d+:(reset|verify):\d{1,18}$'
    AND (owner.id IS NULL OR NOT owner.is_active OR proof.used_at IS NOT NULL OR proof.voided_at IS NOT NULL)
"""

_SUPERSEDED = r"""
SELECT message.id, CASE WHEN owner.is_active THEN %(password_changed)s ELSE %(no_user)s END
FROM outbox_message AS message
LEFT JOIN accounts_user AS owner
    ON owner.id = substring(message.key FROM '^user:(\d{1,18}):welcome:\d+$')::bigint
WHERE message.id = ANY(%(ids)s) AND message.key ~ '^user:\d{1,18}:welcome:\d+$' AND (
    owner.id IS NULL OR NOT owner.is_active
    -- A welcome without a temporary password does not expire.
    OR (message.expires_at IS NOT NULL AND message.expires_at IS DISTINCT FROM owner.temporary_password_until)
)
"""
