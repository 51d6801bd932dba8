"""Numbers without gaps, per series and year.

A number is taken in the transaction that issues its invoice, from a counter whose row stays locked until that ends:
who comes next waits, and a rollback gives the number back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from omnicrm.config import current_config
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.states import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """`text` is what people read. `year` is 0 in a series that does not begin again each year."""

    text: str
    series: str
    year: int
    sequence: int


def take_numbers(count: int, *, kind: Kind, year: int) -> list[Number]:
    """The next numbers of the kind's series, in order. What was issued elsewhere under such a number is passed over."""
    pattern = _pattern(kind)
    counted_year = year if "{year}" in pattern else 0
    taken: list[Number] = []
    while missing := count - len(taken):
        last = _count_on(missing, series=kind, year=counted_year)
        numbers = [
            Number(text=pattern.format(year=year, sequence=sequence), series=kind, year=counted_year, sequence=sequence)
            for sequence in range(last - missing + 1, last + 1)
        ]
        used = _used(numbers)
        taken += [number for number in numbers if number.text not in used]
    return taken


def _pattern(kind: Kind) -> str:
    numbering = current_config().invoice.numbering
    return {Kind.INVOICE: numbering.invoice, Kind.CREDIT_NOTE: numbering.credit_note}[kind]


def _count_on(steps: int, *, series: str, year: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ON, [series, year, steps])
        (last,) = cursor.fetchone()
    return int(last)


def _used(numbers: Sequence[Number]) -> set[str | None]:
    return set(Invoice.objects.filter(number__in=[number.text for number in numbers]).values_list("number", flat=True))


_COUNT_ON = """
INSERT INTO invoices_numbercounter AS counter (series, year, last) VALUES (%s, %s, %s)
ON CONFLICT (series, year) DO UPDATE SET last = counter.last + EXCLUDED.last
RETURNING last
"""
