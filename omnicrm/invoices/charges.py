"""What services cost each month: added, changed, ended.

Operations raise InvalidInput for fields that cannot be accepted, and DoesNotExist for an id nobody has.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NotRequired, TypedDict, Unpack

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action
from omnicrm.audit.operations import SYSTEM, Actor, record
from omnicrm.config import current_config
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.models import Service
from omnicrm.customers.operations import locked
from omnicrm.customers.rules import Rules, clean, text
from omnicrm.invoices.composing import shortest
from omnicrm.invoices.errors import WrongState, day_text
from omnicrm.invoices.models import MAX_TITLE_LENGTH
from omnicrm.invoices.recording import customer_target
from omnicrm.invoices.rules import MAX_FACTOR, day, number, period_errors, required_day
from omnicrm.invoices.run_models import RecurringCharge

CHARGE: Final[Rules] = {
    "title": text(MAX_TITLE_LENGTH, required=True),
    "amount": number(-MAX_FACTOR, MAX_FACTOR),
    "tax_rate": number(Decimal(0), Decimal(100), decimals=3),
    "start_date": required_day,
    "end_date": day,
}


class ChargeFields(TypedDict, total=False):
    """`amount` is per month, without tax; without a `tax_rate`, that of the configuration. All days are included."""

    title: str
    amount: Decimal
    tax_rate: Decimal
    start_date: date
    end_date: date | None


class NewCharge(TypedDict):
    """As ChargeFields. Without a title, the service's name."""

    title: NotRequired[str]
    amount: Decimal
    tax_rate: NotRequired[Decimal]
    start_date: date
    end_date: NotRequired[date | None]


@transaction.atomic
def add_charge(*, service_id: int, by: Actor = SYSTEM, now: datetime, **fields: Unpack[NewCharge]) -> RecurringCharge:
    service = locked(Service.objects, service_id)
    usual = {"title": service.service_name, "tax_rate": current_config().invoice.tax_rate}
    charge = RecurringCharge(service=service, created_at=now)
    _fill(charge, {**usual, **fields})
    charge.save()
    _note(Action.CHARGE_ADDED, charge, _told(charge), by=by, now=now)
    return charge


@transaction.atomic
def change_charge(
    *, charge_id: int, by: Actor = SYSTEM, now: datetime, **changes: Unpack[ChargeFields]
) -> RecurringCharge:
    """Changes what is given, for what is billed from now on. It cannot end before a day that is billed."""
    charge = locked(RecurringCharge.objects, charge_id)
    before = _told(charge)
    _fill(charge, dict(changes))
    billed = charge.billed_days.aggregate(last=Max("end_date"))["last"]
    if charge.end_date and billed and charge.end_date < billed:
        message = _("It is billed up to %(day)s already; credit that invoice, or end it later.") % {
            "day": day_text(billed)
        }
        raise InvalidInput(FieldError(field="end_date", message=message))
    charge.save()
    changed = {
        name: {"from": before[name], "to": value} for name, value in _told(charge).items() if value != before[name]
    }
    if changed:
        _note(Action.CHARGE_CHANGED, charge, changed, by=by, now=now)
    return charge


@transaction.atomic
def remove_charge(*, charge_id: int, by: Actor = SYSTEM, now: datetime) -> None:
    """Deletes a charge of which nothing was billed yet. Raises WrongState for others: end them instead."""
    charge = locked(RecurringCharge.objects, charge_id)
    if charge.billed_days.exists():
        raise WrongState(_("It was billed already; give it an end date instead."))
    _note(Action.CHARGE_REMOVED, charge, _told(charge), by=by, now=now)
    charge.delete()


def _told(charge: RecurringCharge) -> dict[str, str | None]:
    """As the audit log keeps it."""
    return {
        "title": charge.title,
        "amount": f"{shortest(charge.amount):f}",
        "tax_rate": f"{shortest(charge.tax_rate):f}",
        "start_date": charge.start_date.isoformat(),
        "end_date": charge.end_date.isoformat() if charge.end_date else None,
    }


def _note(action: Action, charge: RecurringCharge, detail: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    told = {"service": charge.service.service_name, **detail}
    record(action=action, by=by, target=customer_target(charge.service.customer), detail=told, now=now)


def _fill(charge: RecurringCharge, values: dict[str, Any]) -> None:
    for name, value in clean(CHARGE, values).items():
        setattr(charge, name, value)
    if error := next(period_errors(charge.start_date, charge.end_date), None):
        raise InvalidInput(error)
