"""Source to pieces (text, tags, legacy tags), and a tag to tokens, in one pass.

What a pattern has read it never gives back (`++`, `{}+`), so that no source makes it slow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mailjet_sandbox.language.errors import LanguageError, expression_error, template_error
from mailjet_sandbox.language.syntax import Legacy, Namespace, Reference, Text

OPENERS: Final = re.compile(r"\{\{|\{%|\[\[")
LEGACY_OPENER: Final = re.compile(r"\[\[")
CLOSERS: Final = {"{{": "}}", "{%": "%}"}

LEGACY: Final = re.compile(
    r"""\[\[(?:
        (?P<namespace>var|data):(?P<path>[\w-]{1,100}+(?:\.[\w-]{1,100}+){0,9}+)(?P<default>:[^\[\]]{0,500}+)?+
      | (?P<link>UNSUB_LINK(?:_[A-Z]{2})?|PERMALINK)
    )\]\]""",
    re.VERBOSE,
)
TOKEN: Final = re.compile(
    r"""
    (?P<space>[ \t\r\n]++)
  | (?P<close>\}\}|%\})
  | (?P<string>"[^"]*+")
  | (?P<number>[0-9]++(?:\.[0-9]++)?+)
  | (?P<reference>(?:var|data|mj|segment):[\w-]++(?:\.[\w-]++)*+ | segment:"[^"]*+")
  | (?P<name>[^\W\d][\w-]*+(?:\.[\w-]++)*+)
  | (?P<operator>={1,3}|!=|<>|<=|>=|[<>+*/()!,:-])
    """,
    re.VERBOSE,
)
TOKENS_PER_TAG: Final = 10_000


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is the name of its group in TOKEN; a `close` token is the last of every tag."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tag:
    opener: str
    tokens: list[Token]
    start: int
    end: int


def pieces(source: str, *, language: bool) -> Iterator[Text | Tag | Legacy]:
    """The source from its start to its end, nothing left out. Raises LanguageError where a tag cannot be read."""
    openers = OPENERS if language else LEGACY_OPENER
    literal, at = 0, 0
    while opener := openers.search(source, at):
        piece = _legacy(source, opener.start()) if opener[0] == "[[" else _tag(source, opener)
        if piece is None:
            at = opener.end()
            continue
        if literal < piece.start:
            yield Text(literal, piece.start)
        yield piece
        literal = at = piece.end
    if literal < len(source):
        yield Text(literal, len(source))


def _legacy(source: str, start: int) -> Legacy | None:
    """None for double brackets that mean nothing to Mailjet: they are text."""
    found = LEGACY.match(source, start)
    if found is None:
        return None
    if link := found["link"]:
        reference = Reference(link, "mj", (link.lower(),), None, start, found.end())
    else:
        default = None if found["default"] is None else _unquoted(found["default"][1:])
        path = found["path"]
        namespace: Namespace = "var" if found["namespace"] == "var" else "data"
        name = f"{namespace}:{path}"
        reference = Reference(name, namespace, tuple(path.split(".")), default, start + 2, start + 2 + len(name))
    return Legacy(reference, start, found.end())


def _unquoted(text: str) -> str:
    trimmed = text.strip()
    is_quoted = len(trimmed) > 1 and trimmed[0] == trimmed[-1] == '"'
    return trimmed[1:-1] if is_quoted else text


def _tag(source: str, opener: re.Match[str]) -> Tag:
    start, at, tokens = opener.start(), opener.end(), list[Token]()
    while len(tokens) < TOKENS_PER_TAG:
        found = TOKEN.match(source, at)
        if found is None:
            raise _unreadable(source, start, at)
        at = found.end()
        if found.lastgroup == "space":
            continue
        tokens.append(Token(found.lastgroup or "", found[0], found.start(), at))
        if found.lastgroup == "close":
            return _closed(Tag(opener[0], tokens, start, at))
    raise expression_error("Expression too long", start=start, end=at)


def _closed(tag: Tag) -> Tag:
    if tag.tokens[-1].text != CLOSERS[tag.opener]:
        raise template_error(start=tag.start, end=tag.end)
    return tag


def _unreadable(source: str, start: int, at: int) -> LanguageError:
    if at == len(source):
        return template_error(start=start, end=at)
    if source[at] == '"':
        return expression_error("Missing closing quote", start=at, end=len(source))
    character = source[at]
    shown = "U+00A0 (no-break space)" if character == "\u00a0" else repr(character)
    return expression_error(f"Unexpected character {shown}", start=at, end=at + 1)
