"""The words of a tag, one at a time."""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from omnicrm.mailjet.language.phrases import Phrase
from omnicrm.mailjet.language.phrases import phrase as _

NAMES: Final = r"[\w-]+(?:\.[\w-]+)*"
LONGEST: Final = 60
"""Characters of a name that a remark repeats: nobody writes longer ones."""
CLOSINGS: Final = {"{{": "}}", "{%": "%}"}
_SPACE = re.compile(r"\s*", re.ASCII)
_TOKEN = re.compile(
    rf"""
      (?P<text>"[^"]*")
    | (?P<number>[0-9]+(?:\.[0-9]+)?)
    | (?P<reference>(?:var|data|mj):{NAMES})
    | (?P<segment>segment:(?:{NAMES}|"[^"]*"))
    | (?P<name>[^\W\d][\w-]*(?:\.[\w-]+)*)
    | (?P<close>\}}\}}|%\}})
    | (?P<foreign>&&|\|\|?|!==|====|=<|=>|%)
    | (?P<operator>={{1,3}}|!=|<>|[<>]=?|[-+*/])
    | (?P<sign>[!(),:])
    """,
    re.VERBOSE,
)
_FOREIGN: Final = {
    "&&": _("write %(this)s", this="and"),
    "||": _("write %(this)s", this="or"),
    "|": _("there are no filters: write Upper(…), Lower(…) and the like"),
    "!==": _("write %(this)s", this="!="),
    "====": _("write %(this)s", this="="),
    "=<": _("write %(this)s", this="<="),
    "=>": _("write %(this)s", this=">="),
    "%": _("write %(this)s", this="mod"),
}
_STRAY: Final = {
    '"': (_("this text is not closed"), _('close it with " before the end of the tag')),
    "{": (_("a tag stands inside a tag"), _("close the outer one first; in expressions, write names without braces")),
    "#": (_("# does not begin a statement"), _("write {% if … %} … {% endif %}")),
    "[": (_("an item cannot be picked by its number"), _("go over the list with for")),
    ".": (_("a full stop without a name on both sides"), _("write var:name.part")),
}


class Mistake(Exception):
    """Nothing that follows in the same tag can be understood. `resume` is the offset where the tag ends, if known."""

    def __init__(self, offset: int, what: Phrase, mend: Phrase, *, resume: int | None = None) -> None:
        super().__init__(what)
        self.resume = resume
        self.offset = offset
        self.what = what
        self.mend = mend


class Token(NamedTuple):
    """`kind` is the name of its group above. `start` and `end` are offsets into the source."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def shown(self) -> str:
        text = self.text if len(self.text) <= LONGEST else f"{self.text[:LONGEST]}…"
        return text if text.startswith('"') else f'"{text}"'


@dataclass(slots=True)
class Tokens:
    """Reads forward from `offset`, over spaces. `text_with_braces`: where the first text with braces starts, or -1."""

    source: str
    offset: int
    text_with_braces: int = -1
    _ahead: Token | None = None

    def peek(self) -> Token:
        """The next token. Raises Mistake where there is none."""
        if self._ahead is None:
            self._ahead = self._read()
        return self._ahead

    def take(self) -> Token:
        token = self.peek()
        self._ahead, self.offset = None, token.end
        return token

    def take_text(self, *wanted: str) -> Token | None:
        """The next token if it reads so."""
        return self.take() if self.peek().text in wanted else None

    def touches(self, character: str) -> bool:
        """Whether this character follows without a space."""
        return self.source.startswith(character, self.offset)

    def _past_spaces(self) -> int:
        found = _SPACE.match(self.source, self.offset)
        return found.end() if found else self.offset

    def _read(self) -> Token:
        start = self._past_spaces()
        found = _TOKEN.match(self.source, start)
        if found is None:
            raise self._stray(start)
        token = Token(found.lastgroup or "", found[0], start, found.end())
        if token.kind == "foreign":
            raise Mistake(start, _("there is no %(sign)s", sign=token.text), _FOREIGN[token.text])
        if token.kind in ("text", "segment") and self.text_with_braces < 0 and re.search(r"[{}]", token.text):
            self.text_with_braces = start
        return token

    def _stray(self, offset: int) -> Mistake:
        character = self.source[offset : offset + 1]
        if not character:
            return Mistake(offset, _("the tag is not closed"), _("close it"))
        what = _('"%(character)s" cannot stand here', character=character)
        described = what, _("take it away, or put the text between double quotes")
        return Mistake(offset, *_STRAY.get(character, described))
