"""Mailjet's functions. Their names may be written in any case."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from urllib.parse import quote

from mailjet_sandbox.language.errors import OperandError
from mailjet_sandbox.language.scope import Scope
from mailjet_sandbox.language.values import bounded_text, is_array, to_number, to_text

DECIMALS: Final = 15
DAYS: Final = 36_500


@dataclass(frozen=True, slots=True)
class Function:
    parameters: int
    compute: Callable[..., object]


def call(name: str, arguments: Sequence[object], *, scope: Scope) -> object:
    """Raises OperandError for an unknown name, a wrong count of arguments, or an argument of the wrong type."""
    if name.lower() in EVENTS and len(arguments) == 1:
        return _happened_since(scope, EVENTS[name.lower()], arguments[0])
    function = FUNCTIONS.get(name.lower())
    if function is None:
        raise OperandError(f"Unknown function: {name}")
    if len(arguments) != function.parameters:
        raise OperandError(f"{name} takes {function.parameters} arguments, {len(arguments)} given")
    return function.compute(*arguments)


def _on_text(change: Callable[[str], str]) -> Function:
    def compute(value: object) -> str:
        if is_array(value):
            raise OperandError("An array is no text")
        return bounded_text(change(bounded_text(to_text(value))))

    return Function(1, compute)


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _url_encode(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _round(value: object, precision: object) -> int | float:
    """Halves away from zero, as on an invoice."""
    number, places = to_number(value), int(to_number(precision))
    if not 0 <= places <= DECIMALS:
        raise OperandError(f"Round takes 0 to {DECIMALS} decimals")
    if isinstance(number, int) or abs(number) >= 10**DECIMALS:
        return number
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def _happened_since(scope: Scope, event: str, days: object) -> bool:
    number = to_number(days)
    if not 0 <= number <= DAYS:
        raise OperandError(f"0 to {DAYS} days")
    happened_at = scope.contact.get(event)
    return isinstance(happened_at, datetime) and happened_at >= scope.now - timedelta(days=number)


EVENTS: Final[Mapping[str, str]] = {"hasopenedsince": "last_opened_at", "hasclickedsince": "last_clicked_at"}

FUNCTIONS: Final[Mapping[str, Function]] = {
    "upper": _on_text(str.upper),
    "lower": _on_text(str.lower),
    "capitalize": _on_text(_capitalize),
    "round": Function(2, _round),
    "int": Function(1, lambda value: int(to_number(value))),
    "urlencode": _on_text(_url_encode),
    "escape": _on_text(html.escape),
}
