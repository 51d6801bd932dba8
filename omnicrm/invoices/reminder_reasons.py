"""Why a reminder does not leave although it was queued."""

from typing import Final

from django.utils.translation import gettext_noop

PAID = gettext_noop("The invoice was paid.")
CREDITED = gettext_noop("The invoice was cancelled by a credit note.")
AMOUNT_CHANGED = gettext_noop("Another amount is due by now.")
PAUSED = gettext_noop("Its reminders were paused.")
NO_CONTACT = gettext_noop("The address is no longer a contact of the customer.")

WHY_NOT_TRUE: Final = (PAID, CREDITED, AMOUNT_CHANGED, PAUSED, NO_CONTACT)
