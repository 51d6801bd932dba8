"""What must still be true just before an email about invoices leaves."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_noop
from psycopg import AsyncConnection

from omnicrm.config import current_config
from omnicrm.emails.invoices import CustomerInvoiceReminder
from omnicrm.invoices import reminder_reasons as why
from omnicrm.invoices.mailing import SECTION
from omnicrm.outbox.guards import Reasons, guard

CANCELLED = gettext_noop("The invoice was cancelled by a credit note.")
NO_CONTACT = gettext_noop("The address is no longer a contact of the customer.")


@guard(SECTION)
async def invoice_stands(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    """Judges the messages of this room only: their keys name the invoice. A paid one is sent nevertheless, as customers
    need it for their books."""
    cursor = await connection.execute(_STALE, {"ids": list(ids), "cancelled": CANCELLED, "no_contact": NO_CONTACT})
    return dict(await cursor.fetchall())


_STALE = """
SELECT message.id, CASE WHEN invoice.state = 'cancelled' THEN %(cancelled)s ELSE %(no_contact)s END
FROM outbox_message AS message
JOIN invoices_invoice AS invoice ON invoice.id = substring(message.key FROM '^invoice:([0-9]{1,18}):')::bigint
WHERE message.id = ANY(%(ids)s) AND (
    invoice.state = 'cancelled'
    OR NOT EXISTS (
        SELECT FROM customers_contact AS contact
        WHERE contact.customer_id = invoice.customer_id AND contact.email = message.to_email
    )
)
"""


@guard(CustomerInvoiceReminder.section)
async def reminders_are_true(connection: AsyncConnection, ids: Sequence[UUID]) -> Reasons:
    """A mail about several invoices stays behind as soon as one of them is not as it says: what is left to remind of
    is decided anew. By hand, staff may override a pause, but not a dispute."""
    values = {
        "ids": list(ids),
        "zone": current_config().server.timezone,
        "paid": why.PAID,
        "credited": why.CREDITED,
        "amount": why.AMOUNT_CHANGED,
        "paused": why.PAUSED,
        "no_contact": why.NO_CONTACT,
    }
    cursor = await connection.execute(_NOT_TO_REMIND, values)
    return {message_id: reason for message_id, reason in await cursor.fetchall() if reason}


_NOT_TO_REMIND = """
SELECT message.id, CASE
    WHEN invoice.state = 'paid' THEN %(paid)s
    WHEN invoice.state = 'cancelled' THEN %(credited)s
    WHEN paused.is_so THEN %(paused)s
    WHEN invoice.total_amount - invoice.paid_amount - invoice.credited_amount <> reminder.amount THEN %(amount)s
    WHEN NOT EXISTS (
        SELECT FROM customers_contact AS contact
        WHERE contact.customer_id = invoice.customer_id AND contact.email = message.to_email
    ) THEN %(no_contact)s
END AS reason
FROM outbox_message AS message
JOIN invoices_remindermail AS mail ON mail.id = substring(message.key FROM '^reminder:([0-9]{1,18}):')::bigint
JOIN invoices_reminder AS reminder ON reminder.mail_id = mail.id
JOIN invoices_invoice AS invoice ON invoice.id = reminder.invoice_id
LEFT JOIN invoices_reminderpause AS pause ON pause.customer_id = invoice.customer_id
CROSS JOIN LATERAL (
    SELECT bool_or(each.reason = 'dispute' OR NOT mail.is_manual) AS is_so
    FROM (VALUES (invoice.pause_reason, invoice.paused_until), (pause.reason, pause.until)) AS each (reason, until)
    WHERE each.reason <> '' AND (each.until IS NULL OR each.until >= (now() AT TIME ZONE %(zone)s)::date)
) AS paused
WHERE message.id = ANY(%(ids)s)
"""
