"""Reminders that never left, as what they said was no longer true: their steps are open again."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from omnicrm.emails.invoices import CustomerInvoiceReminder
from omnicrm.invoices.reminder_mailing import KEY_PREFIX
from omnicrm.invoices.reminder_models import Reminder, ReminderMail
from omnicrm.invoices.reminder_reasons import WHY_NOT_TRUE
from omnicrm.outbox.models import Message
from omnicrm.outbox.partitions import lowest_id
from omnicrm.outbox.states import State

_LOOKS_BACK: Final = timedelta(days=14)


@transaction.atomic
def withdraw_what_did_not_leave(*, now: datetime) -> int:
    """Opens the steps of mails of which no message left; returns how many mails. What staff cancelled stays spent."""
    mails = ReminderMail.objects.filter(pk__in=_stopped_mails(now), withdrawn_at=None).select_for_update()
    unsent = [mail.pk for mail in mails if not _may_have_left(mail)]
    Reminder.objects.filter(mail__in=unsent).update(withdrawn_at=now)
    return ReminderMail.objects.filter(pk__in=unsent).update(withdrawn_at=now)


def _stopped_mails(now: datetime) -> set[int]:
    recent = Message.objects.filter(id__gte=lowest_id(now - _LOOKS_BACK), section=CustomerInvoiceReminder.section)
    keys = recent.filter(_STOPPED, key__startswith=KEY_PREFIX).values_list("key", flat=True)
    return {int(key.split(":")[1]) for key in keys}


def _may_have_left(mail: ReminderMail) -> bool:
    since = lowest_id(mail.created_at)
    messages = Message.objects.filter(
        id__gte=since, customer=mail.customer_id, key__startswith=f"{KEY_PREFIX}{mail.pk}:"
    )
    return messages.exclude(_STOPPED).exists()


_STOPPED: Final = Q(state=State.CANCELLED, reason__in=WHY_NOT_TRUE) | Q(state=State.EXPIRED)
