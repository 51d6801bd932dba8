"""Holding reminders of an invoice back while it is disputed, or promised to be paid."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.operations import locked
from omnicrm.customers.rules import clean
from omnicrm.invoices import rules
from omnicrm.invoices.days import local_day
from omnicrm.invoices.errors import not_for_credit_notes
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.recording import target
from omnicrm.invoices.states import Kind, PauseReason


@transaction.atomic
def pause_reminders(
    *, invoice_id: int, reason: str, until: date | None = None, note: str = "", by: Actor, now: datetime
) -> Invoice:
    """No reminders up to and including the day `until`, or until they are resumed. A promise needs its day."""
    invoice = locked(Invoice.objects, invoice_id)
    if invoice.kind == Kind.CREDIT_NOTE:
        raise not_for_credit_notes(invoice)
    _set(invoice, **pause_values(reason=reason, until=until, note=note, now=now), now=now)
    detail = {"reason": invoice.pause_reason, "until": until and until.isoformat()}
    record(action=Action.REMINDERS_PAUSED, by=by, target=target(invoice), detail=detail, now=now)
    return invoice


@transaction.atomic
def resume_reminders(*, invoice_id: int, by: Actor, now: datetime) -> Invoice:
    """Ends a pause. Does nothing where there is none."""
    invoice = locked(Invoice.objects, invoice_id)
    if invoice.pause_reason:
        _set(invoice, reason="", until=None, note="", now=now)
        record(action=Action.REMINDERS_RESUMED, by=by, target=target(invoice), now=now)
    return invoice


def pause_values(*, reason: str, until: date | None, note: str, now: datetime) -> dict[str, Any]:
    """The same, cleaned, for a pause of an invoice or a customer. Raises InvalidInput."""
    values = clean(rules.PAUSE, {"reason": reason, "until": until, "note": note})
    if values["until"] is None and values["reason"] == PauseReason.PROMISE:
        raise InvalidInput(FieldError(field="until", message=_("Say until when the customer promised to pay.")))
    if values["until"] and values["until"] < local_day(now):
        raise InvalidInput(FieldError(field="until", message=_("This day has passed.")))
    return values


def _set(invoice: Invoice, *, reason: str, until: date | None, note: str, now: datetime) -> None:
    invoice.pause_reason, invoice.paused_until, invoice.pause_note = reason, until, note
    invoice.updated_at = now
    invoice.save(update_fields=["pause_reason", "paused_until", "pause_note", "updated_at"])
