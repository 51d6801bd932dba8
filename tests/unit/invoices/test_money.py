"""Sums of invoices, as EN 16931 has them: lines are rounded, and the tax once per rate."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.config.currencies import CURRENCIES
from omnicrm.invoices.money import net_of, rounded, totals_of


@dataclass
class ALine:
    tax_rate: Decimal
    net_amount: Decimal


def lines(*pairs: tuple[str, str]) -> list[ALine]:
    return [ALine(Decimal(rate), Decimal(net)) for net, rate in pairs]


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("0.125", "EUR", "0.13"),
        ("-0.125", "EUR", "-0.13"),
        ("0.124999", "EUR", "0.12"),
        ("1234.5", "JPY", "1235"),
        ("0.0005", "TND", "0.001"),
        ("7", "EUR", "7.00"),
    ],
)
def test_half_a_unit_is_rounded_up_in_the_decimals_of_the_currency(amount: str, currency: str, written: str) -> None:
    assert str(rounded(Decimal(amount), currency)) == written


def test_a_line_is_quantity_times_price_rounded() -> None:
    assert net_of(quantity=Decimal("127.5"), unit_price=Decimal("0.0385"), currency="EUR") == Decimal("4.91")


def test_tax_is_rounded_once_per_rate_and_not_line_by_line() -> None:
    totals = totals_of(lines(*[("0.03", "20")] * 10), "EUR")
    assert totals.total_tax == Decimal("0.06")  # line by line it would be 0.10


def test_each_rate_has_its_own_total_highest_first() -> None:
    totals = totals_of(lines(("10", "5.5"), ("100", "20.000"), ("50", "20")), "EUR")
    assert [(tax.tax_rate, tax.net_amount, tax.tax_amount) for tax in totals.taxes] == [
        (20, 150, 30),
        (Decimal("5.5"), 10, Decimal("0.55")),
    ]
    assert totals.total_amount == Decimal("190.55")


def test_nothing_comes_to_nothing() -> None:
    assert totals_of([], "EUR").total_amount == 0


@pytest.mark.parametrize(("code", "decimals"), [("EUR", 2), ("JPY", 0), ("XAF", 0), ("TND", 3), ("IQD", 3), ("LBP", 2)])
def test_currencies_have_the_decimals_of_iso_4217(code: str, decimals: int) -> None:
    assert CURRENCIES[code] == decimals


@pytest.mark.parametrize("code", ["FRF", "XXX", "EURO", ""])
def test_currencies_that_are_gone_or_never_were_are_unknown(code: str) -> None:
    assert code not in CURRENCIES


@given(
    st.lists(
        st.tuples(
            st.decimals(-(10**9), 10**9, places=2), st.sampled_from([Decimal(20), Decimal("5.5"), Decimal("2.1")])
        ),
        max_size=30,
    )
)
def test_the_total_is_always_net_plus_tax_and_the_rates_add_up(pairs: list[tuple[Decimal, Decimal]]) -> None:
    totals = totals_of([ALine(rate, net) for net, rate in pairs], "EUR")
    assert totals.net_amount == sum(net for net, _ in pairs)
    assert totals.total_tax == sum(tax.tax_amount for tax in totals.taxes)
    assert totals.total_amount == totals.net_amount + totals.total_tax
