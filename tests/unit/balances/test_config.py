"""`balances` in crm_config.yaml."""

from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from omnicrm.config import Config, ConfigInvalid, load_config

ACCOUNT = "mailjet: {api_key: k, api_secret: s}\n"


def load(folder: Path, balances: str) -> Config:
    file = folder / "crm_config.yaml"
    file.write_text(f"{ACCOUNT}balances: {{{balances}}}\n", encoding="utf-8")
    return load_config(file, environ={})


@pytest.mark.parametrize(
    ("written", "steps"),
    [("20", [20]), ("[5, 50, 20]", [50, 20, 5]), ("'12.5%'", ["12.5"]), ("'50, 20'", [50, 20])],
    ids=str,
)
def test_thresholds_are_one_percentage_or_several(tmp_path: Path, written: str, steps: list[object]) -> None:
    balances = load(tmp_path, f"low_threshold_percent: {written}").balances
    assert balances.low_threshold_percent == tuple(Decimal(str(each)) for each in steps)


def test_quiet_hours_may_lie_over_midnight(tmp_path: Path) -> None:
    assert load(tmp_path, 'quiet_hours: "21:00-08:00"').balances.quiet_hours == (time(21), time(8))


def test_lengths_of_time_are_written_as_everywhere(tmp_path: Path) -> None:
    balances = load(tmp_path, "gather: 90s, history: 30d").balances
    assert (balances.gather, balances.history) == (timedelta(seconds=90), timedelta(days=30))


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (
            "low_threshold_percent: 120",
            '"120" is not a percentage; write a number up to 100, or several, as in [50, 20, 5]',
        ),
        ("low_threshold_percent: NaN", '"NaN" is not a percentage'),
        ("quiet_hours: 21-8", '"21-8" is not a part of the day; write it in quotes, as in "21:00-08:00"'),
        ("quiet_hours: '25:00-08:00'", '"25:00-08:00" is not a part of the day'),
        ("quiet_hours: '08:00-08:00'", '"08:00-08:00" is not a part of the day'),
        ("topup_url: 'https://x.example/{tok}'", "has an unknown {tok}; use {token}, {service_id} and {service_uuid}"),
        ("topup_url: 'https://x.example/{token'", "has a brace without its partner"),
        ("renewal_url: 'https://x.example/'", "leads every customer to the same place"),
        ("webhook: {url: 'https://x.example/', secret: short}", "webhook.secret: is too short"),
        ("webhook: {url: here, secret: 0123456789abcdef}", '"here" is not a web address'),
        ("history: 3h", '"3h" is too small'),
        ("daily_cap: 0", '"0" is too small'),
    ],
    ids=lambda text: text[:40],
)
def test_a_mistake_is_told_in_one_line(tmp_path: Path, written: str, problem: str) -> None:
    with pytest.raises(ConfigInvalid) as refusal:
        load(tmp_path, written)
    assert problem in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1
