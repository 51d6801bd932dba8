"""What a template is made of. Every node knows the span of source it came from: offsets `start` and `end`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from typing import Literal as OneOf

Namespace = OneOf["var", "data", "mj", "segment", ""]
"""The empty one holds the locals of `set` and `for`."""

KEYWORDS: Final = frozenset({"and", "or", "xor", "not", "div", "mod", "true", "false", "in"})


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float | bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reference:
    """`name` is as written, without the default: `var:customer.name`. A default of None means that there is none."""

    name: str
    namespace: Namespace
    path: tuple[str, ...]
    default: str | int | float | bool | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unary:
    operator: OneOf["not", "-"]
    operand: "Expression"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Operators of one rank, from left to right. Flat, so that a thousand terms need no thousand stack frames."""

    first: "Expression"
    rest: tuple[tuple[str, "Expression"], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Expression", ...]
    start: int
    end: int


Expression = Literal | Reference | Unary | Chain | Call


@dataclass(frozen=True, slots=True)
class Text:
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Print:
    expression: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Legacy:
    """`[[var:name:"default"]]`. Without value and default it prints nothing, and that is no error."""

    reference: Reference
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Set:
    name: str
    expression: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class If:
    """The condition of an `else` is None."""

    branches: tuple[tuple[Expression | None, Sequence["Node"]], ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class For:
    name: str
    source: Reference
    body: Sequence["Node"]
    start: int
    end: int


Node = Text | Print | Legacy | Set | If | For


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A parsed source. With an error there are no nodes; `references` then holds those read before it."""

    source: str
    nodes: Sequence[Node] = ()
    references: tuple[Reference, ...] = ()
    error: str | None = None
