"""What charging systems count in, and how people read it."""

from decimal import Decimal

import pytest

from omnicrm.balances.units import amount, in_unit, scale, shown_amount
from omnicrm.emails.balances import BalanceType, Several, TalkTime
from omnicrm.emails.formats import DataVolume, formatted

NBSP, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("kind", "unit", "value", "kept", "read"),
    [
        (BalanceType.DATA, "GB", "1.5", "1500000000", (f"1,5{NARROW}Go", "1.5 GB")),
        (BalanceType.DATA, "Go", "1.5", "1500000000", (f"1,5{NARROW}Go", "1.5 GB")),
        (BalanceType.DATA, "GiB", "1", "1073741824", (f"1,07{NARROW}Go", "1.07 GB")),
        (BalanceType.DATA, "", "999", "999", (f"999{NARROW}o", "999 byte")),
        (BalanceType.VOICE, "min", "12", "720", (f"12{NBSP}min", f"12{NBSP}min")),
        (BalanceType.VOICE, "ns", "3900000000000", "3900", (f"1{NBSP}h 5{NBSP}min", f"1{NBSP}h 5{NBSP}min")),
        (BalanceType.VOICE, "s", "0", "0", (f"0{NBSP}min", f"0{NBSP}min")),
        (BalanceType.SMS, "sms", "25", "25", ("25 SMS", "25 SMS")),
        (BalanceType.MONETARY, "eur", "4.20", "4.20", (f"4,20{NBSP}€", "€4.20")),
        (BalanceType.MONETARY, "", "-4.2", "-4.2", (f"-4,20{NBSP}€", "-€4.20")),
        (BalanceType.OTHER, "points", "7", "7", ("7 points", "7 points")),
    ],
    ids=str,
)
def test_an_amount_is_kept_in_one_unit_and_read_in_the_customers_language(
    kind: BalanceType, unit: str, value: str, kept: str, read: tuple[str, str]
) -> None:
    of = scale(kind, unit)
    number = in_unit(amount(value), of)
    assert number == Decimal(kept)
    shown = shown_amount(kind, of.unit, number)
    assert (formatted(shown, "fr"), formatted(shown, "en")) == read


@pytest.mark.parametrize("value", [True, None, "", "abc", "NaN", "Infinity", "1e18", [1]], ids=str)
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"^Give a number"):
        amount(value)


def test_a_number_that_its_unit_makes_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^Give a number below"):
        in_unit(Decimal(10) ** 17, scale(BalanceType.DATA, "TB"))


def test_less_than_nothing_is_shown_as_nothing_unless_it_is_money() -> None:
    assert shown_amount(BalanceType.DATA, "B", Decimal(-5)) == DataVolume(0)


def test_several_amounts_read_as_a_list_that_repeats_nothing() -> None:
    both = Several((TalkTime(720), DataVolume(10**9), TalkTime(720)))
    assert formatted(both, "en") == f"12{NBSP}min and 1 GB"
    assert formatted(both, "fr") == f"12{NBSP}min et 1{NARROW}Go"
