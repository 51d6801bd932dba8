"""The tokens of one tag to one expression. Ranks from loose to tight:
or xor, and, not, comparison, + -, * / div mod, unary minus."""

from typing import Final, cast
from typing import Literal as OneOf

from mailjet_sandbox.language.errors import LanguageError, expression_error
from mailjet_sandbox.language.lexer import Tag, Token
from mailjet_sandbox.language.syntax import (
    KEYWORDS,
    Call,
    Chain,
    Expression,
    Literal,
    Namespace,
    Reference,
    Unary,
)

RANKS: Final = (
    frozenset({"or", "xor"}),
    frozenset({"and"}),
    frozenset({"=", "==", "===", "!=", "<>", "<", ">", "<=", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "div", "mod"}),
)
COMPARISON: Final = 2
DEEPEST: Final = 24
"""Parentheses, calls and unary operators inside each other. Templates written by people need three or four."""
DIGITS: Final = 18
"""Whole numbers of more digits are read as floating point: Mailjet's are 64 bits wide."""


class Reader:
    """Reads the tokens of a tag from left to right, collecting the references it meets."""

    def __init__(self, tag: Tag, references: list[Reference]) -> None:
        self._tokens = tag.tokens
        self._references = references
        self._at = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def advance(self) -> Token:
        """The current token, stepping over it. The last one, `close`, is never stepped over."""
        token = self.token
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def take(self, text: str) -> bool:
        """Steps over the current token if it reads so."""
        if self.token.kind in {"string", "close"} or self.token.text != text:
            return False
        self.advance()
        return True

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.unexpected(f'"{text}" expected')

    def expect_close(self) -> None:
        if self.token.kind != "close":
            raise self.unexpected(f"Unexpected {self.token.text}")

    def unexpected(self, detail: str) -> LanguageError:
        token = self.token
        end = token.start if token.kind == "close" else token.end
        return expression_error(detail, start=token.start, end=end)

    def read_whole(self) -> Expression:
        """An expression that fills the rest of the tag."""
        expression = self.read()
        self.expect_close()
        return expression

    def read_alone(self) -> Expression:
        """As `read_whole`, but a segment may stand here, alone: true for who belongs to it."""
        if self.token.kind == "reference" and self.token.text.startswith("segment:"):
            segment = self._reference(self.advance())
            self.expect_close()
            return segment
        return self.read_whole()

    def read_name(self) -> str:
        """A new local's name, for `set` and `for`."""
        token = self.token
        if token.kind != "name" or "." in token.text or token.text in KEYWORDS:
            raise self.unexpected("Name expected")
        return self.advance().text

    def read_reference(self) -> Reference:
        if self.token.kind not in {"reference", "name"} or self.token.text in KEYWORDS:
            raise self.unexpected("Variable expected")
        return self._reference(self.advance())

    def read(self, rank: int = 0) -> Expression:
        if rank == len(RANKS):
            return self._operand()
        if rank == COMPARISON and (self.token.text in {"not", "!"} and self.token.kind != "string"):
            return self._unary("not", COMPARISON)
        first, rest = self.read(rank + 1), list[tuple[str, Expression]]()
        while self.token.kind in {"operator", "name"} and self.token.text in RANKS[rank]:
            operator = self.advance().text
            rest.append((operator, self.read(rank + 1)))
        return Chain(first, tuple(rest), first.start, rest[-1][1].end) if rest else first

    def _unary(self, operator: OneOf["not", "-"], rank: int) -> Unary:
        start = self.advance().start
        self._enter()
        operand = self.read(rank)
        self._depth -= 1
        return Unary(operator, operand, start, operand.end)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.unexpected("Expression nested too deeply")

    def _operand(self) -> Expression:
        token = self.token
        match token.kind:
            case "string":
                self.advance()
                return Literal(token.text[1:-1], token.start, token.end)
            case "number":
                self.advance()
                return Literal(_number(token.text), token.start, token.end)
            case "reference" if token.text.startswith("segment:"):
                raise self.unexpected("A segment must stand alone in its tag")
            case "reference":
                return self._reference(self.advance())
            case "name":
                return self._named()
            case _:
                return self._enclosed()

    def _named(self) -> Expression:
        token = self.token
        if token.text in {"true", "false"}:
            self.advance()
            return Literal(token.text == "true", token.start, token.end)
        if token.text in KEYWORDS:
            raise self.unexpected(f"Unexpected {token.text}")
        self.advance()
        return self._call(token) if self.take("(") else self._reference(token)

    def _enclosed(self) -> Expression:
        if self.token.text == "-":
            return self._unary("-", len(RANKS))
        if not self.take("("):
            raise self.unexpected("Value expected")
        self._enter()
        expression = self.read()
        self.expect(")")
        self._depth -= 1
        return expression

    def _call(self, name: Token) -> Call:
        self._enter()
        arguments = list[Expression]()
        if not self.take(")"):
            arguments.append(self.read())
            while self.take(","):
                arguments.append(self.read())
            self.expect(")")
        self._depth -= 1
        return Call(name.text, tuple(arguments), name.start, self._tokens[self._at - 1].end)

    def _reference(self, token: Token) -> Reference:
        namespace, _, path = token.text.partition(":") if ":" in token.text else ("", "", token.text)
        default = self._default() if self.token.text == ":" and self.token.start == token.end else None
        reference = Reference(
            token.text,
            cast("Namespace", namespace),
            (path.strip('"'),) if namespace == "segment" else tuple(path.split(".")),
            default,
            token.start,
            token.end,
        )
        self._references.append(reference)
        return reference

    def _default(self) -> str | int | float | bool:
        """What follows the colon: a literal, or a word without quotes, which is text."""
        self.advance()
        is_negative = self.take("-")
        token = self.token
        if token.kind == "number":
            self.advance()
            return -_number(token.text) if is_negative else _number(token.text)
        if is_negative or token.kind not in {"string", "name"}:
            raise self.unexpected("Access violation")
        self.advance()
        if token.kind == "string":
            return token.text[1:-1]
        return token.text == "true" if token.text in {"true", "false"} else token.text


def _number(text: str) -> int | float:
    return int(text) if "." not in text and len(text) <= DIGITS else float(text)
