"""Values of emails, and how people read them in French and English.

`formatted(value, language)` takes everything an email's field may hold; a room adds a type of its own with
`@formatted.register`. Languages are "fr" and "en". Amounts keep the no-break spaces that French typography asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache, singledispatch
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit
from django.db.models import TextChoices
from django.utils.translation import override

from omnicrm.config import current_config

LOCALES: Mapping[str, str] = {"fr": "fr_FR", "en": "en_GB"}
_DATA_UNITS = (("gigabyte", 10**9), ("megabyte", 10**6), ("kilobyte", 10**3), ("byte", 1))
_TIME_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_MAX_TIME_PARTS = 2
_REMEMBERED = 8192
"""A run of invoices repeats its dates, and mostly its amounts; formatting one costs more than all else in its email."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """A text of ours that leaves in an email. It stands here and not in the screens' gettext catalogue, so that
    an email never depends on whether a catalogue was compiled."""

    fr: str
    en: str

    def in_language(self, language: str) -> str:
        return {"fr": self.fr, "en": self.en}[language]


_YES = Wording(fr="oui", en="yes")
_NO = Wording(fr="non", en="no")


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """`currency` is an ISO 4217 code, such as "EUR"."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class DataVolume:
    """Shown in the operators' decimal units: 1 GB is 1,000,000,000 bytes."""

    in_bytes: int


@dataclass(frozen=True, slots=True)
class Count:
    """A number of pieces, with the unit's name where there is one: 25 SMS."""

    number: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Percentage:
    """20 means 20 %."""

    percent: Decimal


Quantity = Money | DataVolume | timedelta | Count | Percentage
"""What a balance can hold, or a threshold be; a timedelta is time to talk."""


@singledispatch
def formatted(value: object, language: str) -> str:
    """The value as text for people. Raises TypeError for a type nobody has taught it."""
    raise TypeError(f"an email cannot show a {type(value).__name__} ({language})")


@formatted.register
def _(value: str, language: str) -> str:  # noqa: ARG001 - a text reads the same in every language
    return value


@formatted.register
def _(value: Wording, language: str) -> str:
    return value.in_language(language)


@formatted.register
def _(value: TextChoices, language: str) -> str:
    with override(language):
        return str(value.label)


@formatted.register
def _(value: int, language: str) -> str:
    return format_decimal(value, locale=LOCALES[language])


@formatted.register
def _(value: Decimal, language: str) -> str:
    return format_decimal(value, locale=LOCALES[language], decimal_quantization=False)


@formatted.register
def _(value: bool, language: str) -> str:
    return (_YES if value else _NO).in_language(language)


@formatted.register
def _(value: tuple, language: str) -> str:  # type: ignore[type-arg]  # singledispatch takes a plain class only
    """As people list things: "a, b and c"."""
    return format_list([formatted(item, language) for item in value], locale=LOCALES[language])


@formatted.register
@lru_cache(maxsize=_REMEMBERED)
def _(value: date, language: str) -> str:
    return format_date(value, "long", locale=LOCALES[language])


@formatted.register
def _(value: datetime, language: str) -> str:
    """Raises ValueError for a naive datetime."""
    if value.utcoffset() is None:
        raise ValueError(f"{value} has no timezone")
    local = value.astimezone(ZoneInfo(current_config().server.timezone))
    day = format_date(local, "long", locale=LOCALES[language])
    at = {"fr": "à", "en": "at"}[language]
    return f"{day} {at} {local:%H:%M} {_timezone_abbreviation(local)}"


def _timezone_abbreviation(local: datetime) -> str:
    # The tz database rather than CLDR, which has none for most of the world's zones: "Central European Summer Time".
    name = local.tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name


@formatted.register
def _(value: timedelta, language: str) -> str:
    """The two largest units, rounded down. Raises ValueError for a negative duration."""
    if value < timedelta():
        raise ValueError(f"{value} is negative")
    seconds, parts = int(value.total_seconds()), []
    for unit, length in _TIME_UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(_time(count, unit, language))
    return format_list(parts[:_MAX_TIME_PARTS], locale=LOCALES[language]) or _time(0, "minute", language)


def _time(count: int, unit: str, language: str) -> str:
    # CLDR writes a no-break space after "1" only; these are words, with words' spaces.
    return format_unit(count, f"duration-{unit}", locale=LOCALES[language]).replace("\N{NO-BREAK SPACE}", " ")


@formatted.register
@lru_cache(maxsize=_REMEMBERED)
def _(value: Money, language: str) -> str:
    return format_currency(value.amount, value.currency, locale=LOCALES[language])


@formatted.register
def _(value: DataVolume, language: str) -> str:
    """The largest unit of which there is at least one, rounded down to hundredths: never more than there is."""
    unit, size = next((pair for pair in _DATA_UNITS if abs(value.in_bytes) >= pair[1]), _DATA_UNITS[-1])
    amount = (Decimal(value.in_bytes) / size).quantize(Decimal("0.01"), ROUND_DOWN)
    return format_unit(amount, f"digital-{unit}", length="short", locale=LOCALES[language])


@formatted.register
def _(value: Count, language: str) -> str:
    return f"{format_decimal(value.number, locale=LOCALES[language])} {value.unit}".rstrip()


@formatted.register
def _(value: Percentage, language: str) -> str:
    return format_percent(value.percent / 100, locale=LOCALES[language], decimal_quantization=False)
