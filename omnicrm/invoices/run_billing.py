"""What a run bills a customer: lines from charges, without the days that were billed before.

A dry run and a real one both come through here: that is why their totals are the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext_noop

from omnicrm.customers.models import Customer, ServiceState
from omnicrm.emails.formats import Wording
from omnicrm.invoices.days import local_day
from omnicrm.invoices.fields import LineFields
from omnicrm.invoices.models import MAX_TITLE_LENGTH
from omnicrm.invoices.money import rounded
from omnicrm.invoices.run_models import BilledDays, InvoiceRun, RecurringCharge
from omnicrm.invoices.run_periods import Days, Month, months_of

BILLED_ALREADY: Final = gettext_noop("All of it is invoiced already.")
NOT_CHARGED: Final = gettext_noop("No active service is charged in the period.")

_MONTH: Final = Wording(fr="mois", en="month")
_PART: Final = Wording(fr="{days} jours sur {length}", en="{days} of {length} days")


@dataclass(frozen=True, kw_only=True, slots=True)
class Billing:
    """The lines of a customer's invoice and the days that they bill; `reason` says why there are none."""

    lines: Sequence[LineFields]
    days: Sequence[tuple[RecurringCharge, Days]]
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    charge: RecurringCharge
    month: Month
    days: Days

    @property
    def is_whole(self) -> bool:
        return len(self.days) == self.month.length


def charged_in(run: InvoiceRun) -> Q:
    """Charges of active services that reach into the run's period."""
    return Q(service__state=ServiceState.ACTIVE, start_date__lte=run.end_date) & (
        Q(end_date=None) | Q(end_date__gte=run.start_date)
    )


def billings(run: InvoiceRun, customers: Sequence[Customer]) -> dict[int, Billing]:
    """By the customer's id. Two queries however many they are."""
    by_customer: dict[int, list[RecurringCharge]] = defaultdict(list)
    charges = RecurringCharge.objects.filter(charged_in(run), service__customer__in=customers)
    for charge in charges.select_related("service").order_by("service_id", "id"):
        by_customer[charge.service.customer_id].append(charge)
    billed = _billed(run, [charge for charges in by_customer.values() for charge in charges])
    return {
        customer.pk: _billing(run, by_customer.get(customer.pk, ()), billed, language=customer.language)
        for customer in customers
    }


def _billed(run: InvoiceRun, charges: Sequence[RecurringCharge]) -> Mapping[int, list[Days]]:
    days: dict[int, list[Days]] = defaultdict(list)
    overlapping = BilledDays.objects.filter(
        charge__in=charges, start_date__lte=run.end_date, end_date__gte=run.start_date
    )
    for charge_id, start, end in overlapping.values_list("charge_id", "start_date", "end_date"):
        days[charge_id].append(Days(start=start, end=end))
    return days


def _billing(
    run: InvoiceRun, charges: Sequence[RecurringCharge], billed: Mapping[int, list[Days]], *, language: str
) -> Billing:
    lines: list[LineFields] = []
    days: list[tuple[RecurringCharge, Days]] = []
    for charge in charges:
        pieces = list(_pieces(run, charge, billed.get(charge.pk, ())))
        lines += _lines(pieces, currency=run.currency, language=language)
        days += [(charge, piece.days) for piece in pieces]
    return Billing(lines=lines, days=days, reason="" if lines else BILLED_ALREADY if charges else NOT_CHARGED)


def _pieces(run: InvoiceRun, charge: RecurringCharge, billed: Iterable[Days]) -> Iterator[_Piece]:
    """What is to be billed of each month."""
    charged = _charged(charge, run)
    if charged is None:
        return
    for month in months_of(Days(start=run.start_date, end=run.end_date)):
        part = month.days.overlap(charged)
        if part is None:
            continue
        if run.is_prorated:
            yield from (_Piece(charge=charge, month=month, days=days) for days in part.without(billed))
        elif not any(month.days.overlap(taken) for taken in billed):
            yield _Piece(charge=charge, month=month, days=month.days)


def _charged(charge: RecurringCharge, run: InvoiceRun) -> Days | None:
    """The days of the period on which it is charged: never before the service was active."""
    activated = charge.service.activated_at
    start = max(charge.start_date, local_day(activated)) if activated else charge.start_date
    end = charge.end_date or run.end_date
    return Days(start=start, end=end).overlap(Days(start=run.start_date, end=run.end_date)) if start <= end else None


def _lines(pieces: Sequence[_Piece], *, currency: str, language: str) -> Iterator[LineFields]:
    """One line for all whole months together, then one per part of a month."""
    if whole := [piece for piece in pieces if piece.is_whole]:
        charge = whole[0].charge
        yield LineFields(
            title=charge.title,
            quantity=Decimal(len(whole)),
            unit=_MONTH.in_language(language),
            unit_price=charge.amount,
            tax_rate=charge.tax_rate,
            start_date=whole[0].days.start,
            end_date=whole[-1].days.end,
        )
    yield from (_part(piece, currency=currency, language=language) for piece in pieces if not piece.is_whole)


def _part(piece: _Piece, *, currency: str, language: str) -> LineFields:
    charge, days, length = piece.charge, len(piece.days), piece.month.length
    part = f" ({_PART.in_language(language).format(days=days, length=length)})"
    return LineFields(
        title=charge.title[: MAX_TITLE_LENGTH - len(part)] + part,
        quantity=Decimal(1),
        unit_price=rounded(charge.amount * days / length, currency),
        tax_rate=charge.tax_rate,
        start_date=piece.days.start,
        end_date=piece.days.end,
    )
