"""What the operators do with values: the JSON types, in Mailjet's spelling when printed. Raises OperandError only.

Numbers are 64 bits wide; whole ones that grow beyond become floating point. Text that reads as a number counts as one
where the other side is a number. `=` between other unlike types is false.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import orjson

from mailjet_sandbox.language.errors import OperandError

NUMBER: Final = re.compile(r"\s{0,20}-?[0-9]{1,300}(?:\.[0-9]{1,300})?\s{0,20}", re.ASCII)
LARGEST: Final = 2**63 - 1
LONGEST: Final = 1_000_000
"""Characters in a text made by `+` or a function."""
SHOWN: Final = 40
"""How much of a wrong value an error text quotes."""

Number = int | float


def _divide_whole(left: Number, right: Number) -> int:
    """Cut towards zero, where Python's own `//` rounds down."""
    quotient = abs(int(left)) // abs(int(right))
    return quotient if (left < 0) == (right < 0) else -quotient


COMPARISONS: Final[Mapping[str, Callable[[Number | str, Number | str], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
ARITHMETIC: Final[Mapping[str, Callable[[Number, Number], Number]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "div": _divide_whole,
    "mod": lambda left, right: int(left) - int(right) * _divide_whole(left, right),
}


def is_array(value: object) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str | bytes))


def to_text(value: object) -> str:
    """As printed. Arrays and objects print as JSON."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() if abs(value) <= LARGEST:
            return str(value)
        case int() | float():
            return f"{to_number(value):.15g}"
    try:
        return orjson.dumps(value, default=str).decode()
    except TypeError as error:
        raise OperandError("Value cannot be printed") from error


def is_true(value: object) -> bool:
    """Mailjet says nothing about values that are no booleans: 0, "" and what is empty are false here."""
    return bool(value)


def to_number(value: object) -> Number:
    if isinstance(value, str) and len(value) <= LONGEST and NUMBER.fullmatch(value):
        return _bounded(float(value) if "." in value else int(value))
    if isinstance(value, int | float):
        return _bounded(+value)
    raise OperandError(f"{_shown(value)} is not a number")


def compare(sign: str, left: object, right: object) -> bool:
    if sign in COMPARISONS:
        return COMPARISONS[sign](*_comparable(left, right))
    return _are_equal(left, right) is (sign not in {"!=", "<>"})


def calculate(sign: str, left: object, right: object) -> Number | str:
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return _joined(left, right)
    try:
        return _bounded(ARITHMETIC[sign](to_number(left), to_number(right)))
    except (ZeroDivisionError, ValueError) as error:
        raise OperandError("Division by zero") from error
    except OverflowError as error:
        raise OperandError("Floating point overflow") from error


def negative(value: object) -> Number:
    return _bounded(-to_number(value))


def bounded_text(text: str) -> str:
    if len(text) > LONGEST:
        raise OperandError("Text too long")
    return text


def _joined(left: str, right: str) -> str:
    if len(left) + len(right) > LONGEST:
        raise OperandError("Text too long")
    return left + right


def _bounded(value: Number) -> Number:
    if isinstance(value, int) and abs(value) > LARGEST:
        try:
            value = float(value)
        except OverflowError as error:
            raise OperandError("Floating point overflow") from error
    if not math.isfinite(value):
        raise OperandError("Floating point overflow")
    return value


def _are_equal(left: object, right: object) -> bool:
    if is_array(left) or is_array(right):
        raise OperandError("An array cannot be compared")
    if isinstance(left, bool) != isinstance(right, bool):
        return to_text(left) == to_text(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    try:
        return to_number(left) == to_number(right)
    except OperandError:
        return False


def _comparable(left: object, right: object) -> tuple[Number | str, Number | str]:
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    return to_number(left), to_number(right)


def _shown(value: object) -> str:
    if is_array(value):
        return "An array"
    text = to_text(value)
    return f'"{text[:SHOWN]}…"' if len(text) > SHOWN else f'"{text}"'
