"""What lines come to while they are still being typed: some of them may not make sense yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.rules import clean
from omnicrm.invoices import rules
from omnicrm.invoices.drafts import new_lines, price
from omnicrm.invoices.models import InvoiceLine
from omnicrm.invoices.money import Totals, totals_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """`nets` has one entry per line, None for one that cannot be worked out yet; `totals` are of the others."""

    currency: str
    nets: Sequence[Decimal | None]
    totals: Totals

    @property
    def is_partial(self) -> bool:
        return None in self.nets


def estimate(*, currency: str, lines: Sequence[Mapping[str, Any]]) -> Estimate:
    """`lines` have `quantity`, `unit_price` and, unless the usual rate applies, `tax_rate`; whatever else they have is
    passed over. The same rules and the same rounding as when the invoice is saved."""
    found = [_line(line) for line in lines]
    known = [line for line in found if line is not None]
    price(known, currency=currency)
    nets = [None if line is None else line.net_amount for line in found]
    return Estimate(currency=currency, nets=nets, totals=totals_of(known, currency))


def _line(given: Mapping[str, Any]) -> InvoiceLine | None:
    numbers = {name: given[name] for name in ("quantity", "unit_price", "tax_rate") if name in given}
    try:
        (line,) = new_lines([clean(rules.LINE, numbers)])
    except InvalidInput:
        return None
    return line
