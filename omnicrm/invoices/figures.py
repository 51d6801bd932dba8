"""What many invoices come to: totals per currency, and how long what is overdue has been so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Case, Count, DecimalField, F, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest

from omnicrm.invoices.days import local_day
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.queries import overdue
from omnicrm.invoices.states import OPEN, Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Age:
    """Days past the due date, both included; `last` is None for the oldest."""

    name: str
    first: int
    last: int | None

    def on(self, today: date) -> Q:
        """Invoices whose due date makes them this old today."""
        newest = Q(due_date__lte=today - timedelta(days=self.first))
        return newest if self.last is None else newest & Q(due_date__gte=today - timedelta(days=self.last))


AGES: Final[Sequence[Age]] = (
    Age(name="1-30", first=1, last=30),
    Age(name="31-60", first=31, last=60),
    Age(name="61-90", first=61, last=90),
    Age(name="90+", first=91, last=None),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrencyTotals:
    """Of the invoices and credit notes in one currency. `drafts` is what drafts would come to."""

    currency: str
    count: int
    invoiced: Decimal
    credited: Decimal
    paid: Decimal
    due: Decimal
    overdue: Decimal
    drafts: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class AgedAmount:
    age: Age
    count: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Ageing:
    """What is overdue in one currency; one entry for each of AGES."""

    currency: str
    aged: Sequence[AgedAmount]


def totals_by_currency(invoices: QuerySet[Invoice], *, now: datetime) -> list[CurrencyTotals]:
    """The currency with the most invoices first."""
    is_invoice = Q(kind=Kind.INVOICE, number__isnull=False)
    found = (
        invoices.order_by()
        .values("currency")
        .annotate(
            count=Count("pk"),
            invoiced=_sum("total_amount", is_invoice),
            credited=_sum("total_amount", Q(kind=Kind.CREDIT_NOTE, number__isnull=False)),
            paid=_sum("paid_amount", is_invoice),
            due=_sum(_DUE, is_invoice),
            overdue=_sum(_DUE, overdue(now=now)),
            drafts=_sum("total_amount", Q(number__isnull=True)),
        )
    )
    return sorted((CurrencyTotals(**each) for each in found), key=lambda each: (-each.count, each.currency))


def overdue_ageing(invoices: QuerySet[Invoice], *, now: datetime) -> list[Ageing]:
    """How long what is overdue of these invoices has been so, per currency; the largest debt first."""
    today = local_day(now)
    found = (
        invoices.filter(overdue(now=now))
        .order_by()
        .annotate(age=Case(*(When(age.on(today), then=Value(at)) for at, age in enumerate(AGES))))
        .values("currency", "age")
        .annotate(count=Count("pk"), amount=_sum(_DUE, Q()))
    )
    known = {(each["currency"], each["age"]): (each["count"], each["amount"]) for each in found}
    ageings = [_ageing(currency, known) for currency in sorted({currency for currency, _age in known})]
    return sorted(ageings, key=lambda each: -sum((aged.amount for aged in each.aged), Decimal()))


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenAmount:
    """What is to be paid in one currency. `next_due` is the earliest due date, which may have passed."""

    currency: str
    count: int
    due: Decimal
    next_due: date


def open_by_currency(invoices: QuerySet[Invoice]) -> list[OpenAmount]:
    """The currency in which something is due first comes first."""
    found = (
        invoices.filter(state__in=OPEN, kind=Kind.INVOICE)
        .order_by()
        .values("currency")
        .annotate(count=Count("pk"), due=_sum(_DUE, Q()), next_due=Min("due_date"))
    )
    return sorted((OpenAmount(**each) for each in found), key=lambda each: (each.next_due, each.currency))


def _ageing(currency: str, known: dict[tuple[str, int], tuple[int, Decimal]]) -> Ageing:
    nothing = 0, Decimal()
    amounts = [(age, *known.get((currency, at), nothing)) for at, age in enumerate(AGES)]
    aged = [AgedAmount(age=age, count=count, amount=amount) for age, count, amount in amounts]
    return Ageing(currency=currency, aged=aged)


_AMOUNT: Final[DecimalField[Decimal, Decimal]] = DecimalField(max_digits=20, decimal_places=3)
_NOTHING: Final = Value(Decimal(), output_field=_AMOUNT)
_DUE: Final = Greatest(F("total_amount") - F("paid_amount") - F("credited_amount"), _NOTHING, output_field=_AMOUNT)


def _sum(what: str | Greatest, which: Q) -> Coalesce:
    return Coalesce(Sum(what, filter=which or None, output_field=_AMOUNT), _NOTHING)
