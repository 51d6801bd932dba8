"""What lines come to: amounts in a currency's own decimals, rounded half up.

The rule is that of EN 16931, which French electronic invoices follow: each line's net amount is rounded (BT-131), the
lines of one tax rate are added up (BT-116), and the tax is taken from that sum and rounded once per rate (BT-117).
Tax is not rounded line by line: over many lines that drifts from what the sum owes.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from omnicrm.config.currencies import CURRENCIES
from omnicrm.invoices.document import TaxTotal


class Taxed(Protocol):
    """A line whose net amount is rounded already."""

    tax_rate: Decimal
    net_amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """`taxes` has one entry per rate, highest first."""

    taxes: tuple[TaxTotal, ...]
    net_amount: Decimal
    total_tax: Decimal

    @property
    def total_amount(self) -> Decimal:
        return self.net_amount + self.total_tax


def rounded(amount: Decimal, currency: str) -> Decimal:
    """In the decimals of the currency, an ISO 4217 code: 2 for EUR, 0 for JPY."""
    return amount.quantize(Decimal(1).scaleb(-CURRENCIES[currency]), ROUND_HALF_UP)


def net_of(*, quantity: Decimal, unit_price: Decimal, currency: str) -> Decimal:
    """A line's net amount."""
    return rounded(quantity * unit_price, currency)


def totals_of(lines: Iterable[Taxed], currency: str) -> Totals:
    by_rate: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        by_rate[line.tax_rate] += line.net_amount
    return total_up(
        (
            TaxTotal(tax_rate=rate, net_amount=net, tax_amount=rounded(net * rate / 100, currency))
            for rate, net in by_rate.items()
        ),
        currency,
    )


def total_up(taxes: Iterable[TaxTotal], currency: str) -> Totals:
    by_rate = tuple(sorted(taxes, key=lambda tax: -tax.tax_rate))
    return Totals(
        taxes=by_rate,
        net_amount=rounded(sum((tax.net_amount for tax in by_rate), Decimal()), currency),
        total_tax=rounded(sum((tax.tax_amount for tax in by_rate), Decimal()), currency),
    )
