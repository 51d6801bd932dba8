"""How recurring charges are put for staff."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from omnicrm.backoffice.invoicing.wording import amount, day, exact, rate
from omnicrm.backoffice.wording import badge
from omnicrm.config import current_config
from omnicrm.customers.models import Service, ServiceState
from omnicrm.invoices.days import local_day
from omnicrm.invoices.money import rounded
from omnicrm.invoices.run_models import RecurringCharge
from omnicrm.invoices.run_periods import Days, months_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCharge:
    title: str
    link: str
    amount: str
    rate: str
    period: str
    badge: SafeString


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargedService:
    service: Service
    charges: Sequence[ShownCharge]


def charged_services(customer_id: int, *, now: datetime) -> list[ChargedService]:
    """All services of a customer with what each costs."""
    services = list(Service.objects.filter(customer=customer_id).order_by("pk"))
    by_service: dict[int, list[ShownCharge]] = defaultdict(list)
    for charge in RecurringCharge.objects.filter(service__in=services).select_related("service"):
        by_service[charge.service_id].append(_shown(charge, now=now))
    return [ChargedService(service=service, charges=by_service[service.pk]) for service in services]


def per_month(charge: RecurringCharge) -> str:
    """Such as "39.99 EUR a month, without tax"."""
    currency = current_config().invoice.currency
    shown = {"amount": exact(charge.amount, currency), "currency": currency}
    return _("%(amount)s %(currency)s a month, without tax") % shown


def stretch(start: date, end: date | None) -> str:
    """Such as "from 1 Nov 2026, until it is ended"."""
    if end is None:
        return _("from %(day)s, until it is ended") % {"day": day(start)}
    return _("from %(start)s up to and including %(end)s") % {"start": day(start), "end": day(end)}


def state_badge(charge: RecurringCharge, *, now: datetime) -> SafeString:
    today = local_day(now)
    if charge.end_date and charge.end_date < today:
        return badge(_("ended"), "")
    if charge.service.state != ServiceState.ACTIVE:
        return badge(_("service not active"), "warning")
    if charge.start_date > today:
        return badge(_("to come"), "info")
    return badge(_("charged"), "success")


def facts(charge: RecurringCharge) -> list[tuple[str, Any]]:
    return [
        (_("Service"), charge.service),
        (_("Amount"), per_month(charge)),
        (_("Tax"), rate(charge.tax_rate)),
        (_("Charged"), stretch(charge.start_date, charge.end_date)),
        *((_("By days"), share) for share in _shares(charge)),
    ]


def _shown(charge: RecurringCharge, *, now: datetime) -> ShownCharge:
    return ShownCharge(
        title=charge.title,
        link=reverse("admin:invoices_recurringcharge_change", args=[charge.pk]),
        amount=per_month(charge),
        rate=rate(charge.tax_rate),
        period=stretch(charge.start_date, charge.end_date),
        badge=state_badge(charge, now=now),
    )


def _shares(charge: RecurringCharge) -> Iterator[str]:
    """What incomplete calendar months come to where a run charges them by days: the first, and the last."""
    charged = Days(start=charge.start_date, end=charge.end_date or date.max)
    currency = current_config().invoice.currency
    for month in dict.fromkeys(_month_of(each) for each in (charge.start_date, charge.end_date) if each):
        days = charged.overlap(month)
        if days and len(days) < len(month):
            share = rounded(charge.amount * len(days) / len(month), currency)
            shown = {"days": len(days), "length": len(month), "amount": amount(share, currency)}
            yield f"{day(days.start)} → {day(days.end)}: " + _("%(days)d of %(length)d days, %(amount)s") % shown


def _month_of(each: date) -> Days:
    first = each.replace(day=1)
    (month,) = months_of(Days(start=first, end=(first + timedelta(days=31)).replace(day=1) - timedelta(days=1)))
    return month.days
