"""What can be wrong with a template, in Mailjet's words, and where.

LanguageError
├── UndefinedError   a name without value and without default
└── BudgetError      the template wants more work than any honest one does
OperandError         a value that an operator or function cannot take; the evaluator adds the place
"""

from bisect import bisect_right
from functools import cached_property

NEAR = 120
"""How many characters of source an error text shows."""


class LanguageError(Exception):
    """`problem` is Mailjet's text without its source excerpt, `start` and `end` are offsets into the source."""

    def __init__(self, problem: str, *, start: int, end: int, shows_source: bool = True) -> None:
        super().__init__(problem)
        self.problem = problem
        self.start = start
        self.end = end
        self.shows_source = shows_source


class UndefinedError(LanguageError):
    """`name` is as written in the template: `var:day`, or `row.title` for a local."""

    def __init__(self, name: str, problem: str, *, start: int, end: int, shows_source: bool = True) -> None:
        super().__init__(problem, start=start, end=end, shows_source=shows_source)
        self.name = name


class BudgetError(LanguageError):
    """Rendering stopped; nothing after this place was looked at."""


class OperandError(Exception):
    """Its text completes `expression parsing error ## …`."""


def expression_error(detail: str, *, start: int, end: int) -> LanguageError:
    return LanguageError(f"expression parsing error ## {detail}", start=start, end=end)


def template_error(*, start: int, end: int) -> LanguageError:
    return LanguageError("not valid template", start=start, end=end)


class Places:
    """Turns offsets into lines and columns, both counted from 1."""

    def __init__(self, source: str) -> None:
        self._source = source

    @cached_property
    def _line_starts(self) -> list[int]:
        starts, at = [0], self._source.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self._source.find("\n", at + 1)
        return starts

    def line_and_column(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def describe(self, error: LanguageError) -> str:
        line, column = self.line_and_column(error.start)
        near = f" ## near ## {self._near(error)} ##" if error.shows_source else ""
        return f"{error.problem}{near} (line {line}, column {column})"

    def _near(self, error: LanguageError) -> str:
        """From the start of the tag to the end of the trouble, as Mailjet shows it: without the closing braces."""
        earliest = max(0, error.start - NEAR)
        tag = max(self._source.rfind(opener, earliest, error.start) for opener in ("{{", "{%"))
        is_open = tag >= 0 and not any(closer in self._source[tag : error.start] for closer in ("}}", "%}"))
        return self._source[tag if is_open else error.start : error.end][:NEAR].strip(" \t\r\n")
