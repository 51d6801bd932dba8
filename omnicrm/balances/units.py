"""What balances are counted in. A charging system may speak of MB, minutes or EUR; we keep one unit of each kind.

Data is kept in bytes and voice in seconds. Without an "i", units of data are the operators' decimal ones: 1 GB is
1,000,000,000 bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext as _

from omnicrm.config import current_config
from omnicrm.config.currencies import CURRENCIES
from omnicrm.emails.balances import Amount, BalanceType, TalkTime
from omnicrm.emails.formats import Count, DataVolume, Money

MAX_UNIT_LENGTH: Final = 20
DECIMALS: Final = Decimal("0.000001")
LIMIT: Final = Decimal(10) ** 18
"""Amounts are kept with six decimals and stay below this."""

_PREFIXES = "kmgtp"
_DATA: Final[Mapping[str, Decimal]] = MappingProxyType(
    dict.fromkeys(("", "b", "o", "byte", "bytes", "octet", "octets"), Decimal(1))
    | {f"{prefix}{sign}": Decimal(1000) ** (at + 1) for at, prefix in enumerate(_PREFIXES) for sign in "bo"}
    | {f"{prefix}i{sign}": Decimal(1024) ** (at + 1) for at, prefix in enumerate(_PREFIXES) for sign in "bo"}
)
_TIME: Final[Mapping[str, Decimal]] = MappingProxyType(
    dict.fromkeys(("", "s", "sec", "second", "seconds"), Decimal(1))
    | dict.fromkeys(("min", "minute", "minutes"), Decimal(60))
    | dict.fromkeys(("h", "hour", "hours"), Decimal(3600))
    | {"ms": Decimal("0.001"), "ns": Decimal("0.000000001")}
)
_PIECES: Final = frozenset({"", "sms", "mms", "message", "messages", "unit", "units"})


@dataclass(frozen=True, slots=True)
class Scale:
    """`factor` turns amounts into the unit we keep."""

    unit: str
    factor: Decimal = Decimal(1)


def scale(kind: BalanceType, unit: str) -> Scale:
    """The unit we keep amounts of this kind in, and how to come to it. Raises ValueError for a unit nobody knows."""
    written = unit.strip()
    match kind:
        case BalanceType.DATA if written.lower() in _DATA:
            return Scale("B", _DATA[written.lower()])
        case BalanceType.VOICE if written.lower() in _TIME:
            return Scale("s", _TIME[written.lower()])
        case BalanceType.SMS if written.lower() in _PIECES:
            return Scale("SMS")
        case BalanceType.MONETARY if (written.upper() or current_config().invoice.currency) in CURRENCIES:
            return Scale(written.upper() or current_config().invoice.currency)
        case BalanceType.SERVICE:
            return Scale("")
        case BalanceType.OTHER if len(written) <= MAX_UNIT_LENGTH and (not written or written.isprintable()):
            return Scale(written)
    raise ValueError(_("“%(unit)s” is no unit of this type; %(known)s.") % {"unit": unit[:20], "known": _known(kind)})


def amount(value: object) -> Decimal:
    """A number, also one written as text. Raises ValueError for what cannot be kept."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(_("Give a number."))  # noqa: TRY004 - a rule speaks through ValueError
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError(_("Give a number.")) from None
    if not number.is_finite() or abs(number) >= LIMIT:
        raise ValueError(_("Give a number below %(limit)s.") % {"limit": "10^18"})
    return number


def in_unit(number: Decimal, of: Scale) -> Decimal:
    """The amount in the unit we keep. Raises ValueError where it gets too large."""
    scaled = number * of.factor
    if abs(scaled) >= LIMIT:
        raise ValueError(_("Give a number below %(limit)s.") % {"limit": "10^18"})
    return scaled.quantize(DECIMALS)


def shown_amount(kind: BalanceType, unit: str, value: Decimal) -> Amount:
    """The amount as emails and pages show it. Only money can be less than nothing."""
    if kind is BalanceType.MONETARY:
        return Money(amount=value, currency=unit)
    left = max(value, Decimal(0))
    match kind:
        case BalanceType.DATA:
            return DataVolume(int(left))
        case BalanceType.VOICE:
            return TalkTime(int(left))
        case _:
            return Count(left.normalize() if left else Decimal(0), unit)


def written_amount(kind: BalanceType, value: Decimal) -> str:
    """The exact amount, kept in our unit, in the largest unit that suits it: "1.5 GB", "90 s". Money has no unit."""
    units = _WRITTEN.get(kind, ((Decimal(1), ""),))
    factor, unit = next((each for each in units if _suits(kind, value, each[0])), units[-1])
    return f"{format((value / factor).normalize(), 'f')} {unit}".rstrip()


def _suits(kind: BalanceType, value: Decimal, factor: Decimal) -> bool:
    """Bytes can be told exactly in any unit that is a power of ten, seconds only in one that divides them."""
    return value >= factor and (kind is BalanceType.DATA or value % factor == 0)


_WRITTEN: Final[Mapping[BalanceType, tuple[tuple[Decimal, str], ...]]] = MappingProxyType(
    {
        BalanceType.DATA: tuple((_DATA[unit.lower()], unit) for unit in ("GB", "MB", "kB", "B")),
        BalanceType.VOICE: tuple((_TIME[unit], unit) for unit in ("h", "min", "s")),
        BalanceType.SMS: ((Decimal(1), "SMS"),),
    }
)


def _known(kind: BalanceType) -> str:
    examples = {
        BalanceType.DATA: "B, kB, MB, GB, TB, KiB, MiB, GiB",
        BalanceType.VOICE: "ns, ms, s, min, h",
        BalanceType.SMS: "SMS",
        BalanceType.MONETARY: _("an ISO 4217 code such as EUR"),
    }
    return examples.get(kind, _("at most %(limit)d characters") % {"limit": MAX_UNIT_LENGTH})
