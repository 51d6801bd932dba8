"""ISO 4217: the currencies that are legal tender somewhere today, and how many decimals an amount in each has."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from babel.core import get_global

# CLDR, which babel brings, knows which currencies are in use. It rounds some more coarsely than ISO 4217, as their
# small coins are gone (IQD, LBP): right for a price tag, wrong for books. So the exponents that are not 2 stand here.
_WITHOUT_DECIMALS: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_WITH_THREE: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def _in_use() -> set[str]:
    return {
        code
        for used in get_global("territory_currencies").values()
        for code, _since, until, is_tender in used
        if is_tender and until is None
    }


def _decimals(code: str) -> int:
    if code in _WITHOUT_DECIMALS:
        return 0
    return 3 if code in _WITH_THREE else 2


CURRENCIES: Final[Mapping[str, int]] = MappingProxyType({code: _decimals(code) for code in sorted(_in_use())})
"""Decimals by currency code: 2 for EUR, 0 for JPY, 3 for TND."""
