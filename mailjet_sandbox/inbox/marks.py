"""Template tags that are still there in what was delivered, found and marked.

They are there because they failed, because their template could not be read, or because nobody asked for evaluation.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from mailjet_sandbox.records import StoredMessage

TAG: Final = re.compile(r"\{\{[^{}]{1,300}+\}\}|\{%[^{}%]{1,300}+%\}")
NEAR: Final = re.compile(r"## near ## (.{1,200}?) ##", re.DOTALL)
NAMED: Final = re.compile(r"Unknown identifier: (\S{1,200}) ##|^(?:No value for )?\"([^\"]{1,200})\"")
MISSING: Final = re.compile(r"Unknown identifier: (\S{1,200}) ##|^No value for \"([^\"]{1,200})\"")
MARKED: Final = 500
"""Tags marked in one part: beyond it a part is all tags, and marks help no more."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A leftover tag from `start` to before `end`. `failed`: an error of the message names it."""

    start: int
    end: int
    failed: bool

    @property
    def css_class(self) -> str:
        return "tag failed" if self.failed else "tag"


def missing_names(message: StoredMessage) -> tuple[str, ...]:
    """The variables that the message's errors say have no value: `var:day`."""
    found = (MISSING.search(error) for error in message.errors)
    return tuple(dict.fromkeys(match[1] or match[2] for match in found if match))


def has_leftovers(message: StoredMessage) -> bool:
    return any(TAG.search(part) for part in (message.subject, message.html, message.text))


def find_marks(text: str, message: StoredMessage) -> list[Mark]:
    culprits = tuple(_culprits(message))
    marks = list[Mark]()
    for tag in TAG.finditer(text):
        if len(marks) == MARKED:
            break
        marks.append(Mark(tag.start(), tag.end(), any(culprit in tag[0] for culprit in culprits)))
    return marks


def marked(text: str, message: StoredMessage) -> Markup:
    """The text escaped, its leftover tags wrapped in `<mark>`."""
    pieces, at = list[Markup](), 0
    for mark in find_marks(text, message):
        pieces += [escape(text[at : mark.start]), wrapped(text, mark)]
        at = mark.end
    return Markup("").join([*pieces, escape(text[at:])])


def wrapped(text: str, mark: Mark) -> Markup:
    return Markup('<mark class="{}">{}</mark>').format(mark.css_class, text[mark.start : mark.end])


def _culprits(message: StoredMessage) -> Iterator[str]:
    for error in message.errors:
        if near := NEAR.search(error):
            yield near[1]
        elif named := NAMED.search(error):
            yield named[1] or named[2]
