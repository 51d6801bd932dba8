"""How single values read in French and English."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.emails.formats import Count, DataVolume, Money, Percentage, formatted

NBSP = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (date(2026, 11, 24), "24 novembre 2026", "24 November 2026"),
        (date(2028, 2, 29), "29 février 2028", "29 February 2028"),
        (datetime(2026, 11, 24, 13, 30, tzinfo=UTC), "24 novembre 2026 à 14:30 CET", "24 November 2026 at 14:30 CET"),
        (datetime(2026, 7, 14, 22, 5, tzinfo=UTC), "15 juillet 2026 à 00:05 CEST", "15 July 2026 at 00:05 CEST"),
        (timedelta(hours=1), "1 heure", "1 hour"),
        (timedelta(hours=2), "2 heures", "2 hours"),
        (timedelta(days=1), "1 jour", "1 day"),
        (timedelta(minutes=90), "1 heure et 30 minutes", "1 hour and 30 minutes"),
        (timedelta(days=3, hours=4, minutes=5), "3 jours et 4 heures", "3 days and 4 hours"),
        (timedelta(seconds=45), "45 secondes", "45 seconds"),
        (timedelta(), "0 minute", "0 minutes"),
        (Money(amount=Decimal("120.50"), currency="EUR"), f"120,50{NBSP}€", "€120.50"),
        (Money(amount=Decimal("1234567.5"), currency="EUR"), f"1{NARROW}234{NARROW}567,50{NBSP}€", "€1,234,567.50"),
        (Money(amount=Decimal(-3), currency="EUR"), f"-3,00{NBSP}€", "-€3.00"),
        (Money(amount=Decimal(5000), currency="JPY"), f"5{NARROW}000{NBSP}JPY", "JP¥5,000"),
        (DataVolume(3_800_000_000), f"3,8{NARROW}Go", "3.8 GB"),
        (DataVolume(512_000_000), f"512{NARROW}Mo", "512 MB"),
        (DataVolume(1_999_999_999), f"1,99{NARROW}Go", "1.99 GB"),
        (Count(Decimal(25), "SMS"), "25 SMS", "25 SMS"),
        (Count(Decimal("2.5")), "2,5", "2.5"),
        (Percentage(Decimal(20)), f"20{NBSP}%", "20%"),
        (Percentage(Decimal("12.5")), f"12,5{NBSP}%", "12.5%"),
        (1_234, f"1{NARROW}234", "1,234"),
        ("Dupont", "Dupont", "Dupont"),
    ],
    ids=str,
)
def test_a_value_reads_naturally_in_both_languages(value: object, french: str, english: str) -> None:
    assert formatted(value, "fr") == french
    assert formatted(value, "en") == english


def test_a_moment_reads_the_same_whatever_zone_it_was_recorded_in() -> None:
    recorded_in_noumea = datetime(2026, 11, 25, 0, 30, tzinfo=timezone(timedelta(hours=11)))
    assert formatted(recorded_in_noumea, "fr") == "24 novembre 2026 à 14:30 CET"


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="has no timezone"):
        formatted(datetime(2026, 11, 24, 13, 30), "fr")  # noqa: DTZ001 - the mistake under test


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="is negative"):
        formatted(timedelta(seconds=-1), "fr")


@pytest.mark.parametrize("value", [1.5, None, b"bytes", ["list"], object()])
def test_a_value_nobody_taught_the_emails_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="an email cannot show a"):
        formatted(value, "fr")


def test_a_language_we_do_not_write_is_refused() -> None:
    with pytest.raises(KeyError):
        formatted(date(2026, 11, 24), "de")


@given(st.integers(min_value=0, max_value=10**18))
def test_a_volume_never_shows_more_than_there_is(in_bytes: int) -> None:
    number, unit = formatted(DataVolume(in_bytes), "en").rsplit(" ", 1)
    size = {"GB": 10**9, "MB": 10**6, "kB": 10**3, "byte": 1}[unit]
    assert Decimal(number.replace(",", "")) * size <= in_bytes


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=3650)))
def test_a_duration_has_at_most_two_parts(duration: timedelta) -> None:
    assert len(formatted(duration, "en").split(" and ")) <= 2
