"""What parsing a template yields, each with its place in the source."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from omnicrm.mailjet.language.phrases import Phrase
from omnicrm.mailjet.language.phrases import phrase as _

Namespace = Literal["var", "data", "mj", "segment"]
NAMESPACES: Final[dict[str, Namespace]] = {"var": "var", "data": "data", "mj": "mj", "segment": "segment"}
MAX_PROBLEMS = 100
"""More would only hide the first ones: reading stops there, and the last problem says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """One use of a name that Mailjet must supply. Lines and columns count from 1.

    A local that a loop gives counts as a use of what the loop goes over: in `{% for row in var:items %}{{row.title}}`
    both tags use `var:items`; the second through the `local` "row" and its `field` "title", which are "" otherwise.
    `is_loop`: it is what a loop goes over. `guarded`: it stands inside a branch or a loop, so Mailjet may never
    evaluate it.
    """

    namespace: Namespace
    path: str
    has_default: bool
    line: int
    column: int
    guarded: bool
    is_loop: bool = False
    local: str = ""
    field: str = ""

    @property
    def name(self) -> str:
        return f"{self.namespace}:{self.path}"


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntaxProblem:
    """One thing to mend, by its place. Lines and columns count from 1."""

    line: int
    column: int
    what: Phrase
    mend: Phrase

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.what}; {self.mend}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parsed:
    """A template as read, each tuple in the order of the source.

    With a problem Mailjet accepts the message and then does not deliver it. A note works, or is text that Mailjet
    sends as it stands, yet is hardly what the author meant.
    """

    references: tuple[Reference, ...]
    problems: tuple[SyntaxProblem, ...]
    notes: tuple[SyntaxProblem, ...]


class Remark(NamedTuple):
    """A problem or a note whose place is still an offset into the source."""

    offset: int
    what: Phrase
    mend: Phrase
    is_note: bool = False


class Findings:
    """Collects while a template is read; offsets become lines and columns here."""

    def __init__(self, source: str) -> None:
        self._line_starts = [0, *(newline.end() for newline in re.finditer("\n", source))]
        self._references: list[Reference] = []
        self._problems: list[SyntaxProblem] = []
        self._notes: list[SyntaxProblem] = []

    def add_reference(self, reference: Reference) -> None:
        self._references.append(reference)

    @property
    def is_full(self) -> bool:
        return len(self._problems) > MAX_PROBLEMS

    def add(self, remark: Remark) -> None:
        listed = self._notes if remark.is_note else self._problems
        if len(listed) <= MAX_PROBLEMS:
            line, column = self.place(remark.offset)
            listed.append(SyntaxProblem(line=line, column=column, what=remark.what, mend=remark.mend))

    def parsed(self) -> Parsed:
        return Parsed(
            references=tuple(self._references), problems=_in_order(self._problems), notes=_in_order(self._notes)
        )

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1


def _in_order(found: Iterable[SyntaxProblem]) -> tuple[SyntaxProblem, ...]:
    ordered = sorted(found, key=lambda problem: (problem.line, problem.column))
    if len(ordered) <= MAX_PROBLEMS:
        return tuple(ordered)
    more = replace(ordered[MAX_PROBLEMS], what=_("and more from here on"), mend=_("mend those above first"))
    return (*ordered[:MAX_PROBLEMS], more)
