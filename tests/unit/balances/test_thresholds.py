"""Thresholds as people write them, and which of them are in force."""

from decimal import Decimal

import pytest

from omnicrm.balances.thresholds import OF_CHARGING, checked_steps, step, steps_for
from omnicrm.customers.errors import InvalidInput

CONFIG = (Decimal(50), Decimal(20))


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("*", ["20%", "5 %", "50%", "20.0%"], ["50%", "20%", "5%"]),
        ("data", ["500 MB", "1.5 Go", "1 GiB"], ["1500000000", "1073741824", "500000000"]),
        ("data", ["0.5%", "1GB"], ["0.5%", "1000000000"]),
        ("voice", ["10min", "90 s", 30], ["600", "90", "30"]),
        ("monetary", ["2,50", "2.50 EUR", 1], ["2.5", "1"]),
        ("sms", ["10", "10 SMS"], ["10"]),
        ("data", [], []),
    ],
    ids=str,
)
def test_steps_are_kept_in_one_form(kind: str, written: list[object], kept: list[str]) -> None:
    assert checked_steps({kind: written}) == {kind: kept}


@pytest.mark.parametrize(
    ("kind", "written", "message"),
    [
        ("*", ["5 GB"], "For all types together, give percentages, such as 20%."),
        ("data", ["0%"], "Give a percentage above 0 and up to 100."),
        ("data", ["120%"], "Give a percentage above 0 and up to 100."),
        ("data", ["-5"], "Give a threshold that is not negative."),
        ("data", ["abc"], "Give a number."),
        ("data", ["5 parsecs"], "“parsecs” is no unit of this type; B, kB, MB, GB, TB, KiB, MiB, GiB."),
        ("data", ["NaN"], "Give a number."),
        ("data", ["1e30"], "Give a number below 10^18."),
        ("data", [f"{number}%" for number in range(1, 12)], "Use at most 10 steps."),
        ("petrol", ["20%"], "There is no such type of balance; use one of: data, voice, sms, monetary, other, *."),
    ],
    ids=str,
)
def test_a_wrong_step_is_refused_with_what_to_write(kind: str, written: list[object], message: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        checked_steps({kind: written})
    assert [error.message for error in refusal.value.errors] == [message]


@pytest.mark.parametrize(
    ("service", "plan", "has_charging", "expected"),
    [
        ({"data": ["5%"]}, {"data": ["30%"]}, True, ["5%"]),
        ({"*": ["5%"]}, {"data": ["30%"]}, True, ["5%"]),
        ({"voice": ["5%"]}, {"data": ["30%"]}, True, ["30%"]),
        ({"voice": ["5%"]}, {"voice": ["30%"]}, True, ["ocs"]),
        ({}, {}, False, ["50%", "20%"]),
        ({"data": []}, {"data": ["30%"]}, True, []),
    ],
    ids=str,
)
def test_the_nearest_word_holds(
    service: dict[str, list[str]], plan: dict[str, list[str]], has_charging: bool, expected: list[str]
) -> None:
    steps = steps_for("data", service=service, plan=plan, has_charging=has_charging, percentages=CONFIG)
    assert [each.key for each in steps] == expected


def test_a_service_as_such_has_an_expiry_and_no_threshold() -> None:
    assert steps_for("service", service={}, plan={}, has_charging=False, percentages=CONFIG) == ()


def test_a_step_tells_its_threshold() -> None:
    assert step("20%").threshold(Decimal(50), None) == 10
    assert step("2.5").threshold(Decimal(50), Decimal(7)) == Decimal("2.5")
    assert OF_CHARGING.threshold(Decimal(50), Decimal(7)) == 7
    assert OF_CHARGING.threshold(Decimal(50), None) is None
