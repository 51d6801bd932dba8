"""One tag: `{{ expression }}` or `{% statement %}`."""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from omnicrm.mailjet.language.expressions import RESERVED, Reader, Use
from omnicrm.mailjet.language.findings import Remark
from omnicrm.mailjet.language.tokens import CLOSINGS, LONGEST, Mistake, Token, Tokens

_STOP = {opening: re.compile(rf"{re.escape(closing)}|\{{\{{|\{{%") for opening, closing in CLOSINGS.items()}
_KNOWN: Final = ("if", "elseif", "else", "endif", "for", "endfor", "set")
_TRIM: Final = "a hyphen stands at the edge of the tag, where it does not trim spaces", "take it away"
_FOREIGN: Final = {
    "elif": "elseif",
    "elsif": "elseif",
    "end": "endif",
    "fi": "endif",
    "foreach": "for",
    "endforeach": "endfor",
    "assign": "set",
    "let": "set",
}
"""Statements of other template languages, by what they are called here."""


@dataclass(kw_only=True, slots=True)
class Tag:
    """A tag as far as it could be understood.

    `statement` is "print" for `{{ }}`, and "" where even that is unknown. `local` is the name that set or for gives.
    Reading goes on at `end`. `is_whole`: nothing in it was skipped.
    """

    start: int
    end: int = 0
    statement: str = ""
    local: str = ""
    is_whole: bool = True
    uses: list[Use] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def read_tag(source: str, start: int) -> Tag:
    """Reads the tag that opens at `start`. Never raises: the tag's remarks say what is wrong with it."""
    tokens = Tokens(source, start + 2)
    reader = Reader(tokens)
    tag = Tag(start=start, uses=reader.uses, remarks=reader.remarks)
    opening = source[start : start + 2]
    try:
        _read_inside(tag, reader, opening)
        tag.end = tokens.offset
    except Mistake as mistake:
        tag.is_whole = False
        tag.end = _recover(tag, mistake, tokens, opening)
    return tag


def _read_inside(tag: Tag, reader: Reader, opening: str) -> None:
    if opening == "{{":
        tag.statement = "print"
        reader.read()
    else:
        tag.statement = _read_statement(reader)
        _REST.get(tag.statement, _nothing)(tag, reader)
    _close(reader, opening)


def _recover(tag: Tag, mistake: Mistake, tokens: Tokens, opening: str) -> int:
    """Remarks on the mistake, or on the one that it follows from; returns where reading goes on."""
    if mistake.resume is not None:
        tag.remarks.append(Remark(mistake.offset, mistake.what, mistake.mend))
        return mistake.resume
    start = mistake.offset if tokens.text_with_braces < 0 else tokens.text_with_braces
    stop = _STOP[opening].search(tokens.source, start)
    if stop is None or stop[0] != CLOSINGS[opening]:
        mend = f"close it with {CLOSINGS[opening]} before the next tag"
        tag.remarks.append(Remark(tag.start, f"{opening} is not closed", mend))
        return tag.start + len(opening)
    if start != mistake.offset:
        mistake = Mistake(start, "this text is not closed", f'close it with " before {stop[0]}')
    tag.remarks.append(Remark(mistake.offset, mistake.what, mistake.mend))
    return stop.end()


def _read_statement(reader: Reader) -> str:
    tokens = reader.tokens
    if hyphen := tokens.take_text("-"):
        reader.remarks.append(Remark(hyphen.start, *_TRIM))
    token = tokens.take()
    if token.kind == "reference":
        raise Mistake(token.start, f"{token.shown} is no statement", f"to print it, write {{{{{token.text}}}}}")
    if token.kind != "name":
        raise Mistake(token.start, "a statement is missing here", f"there are {', '.join(_KNOWN)}")
    return token.text if token.text in _KNOWN else _meant_statement(token, reader)


def _meant_statement(token: Token, reader: Reader) -> str:
    """The statement that stands here under a wrong name; a remark says so. Raises Mistake if it cannot be told."""
    word = token.text.lower()
    if word == "end" and (ended := reader.tokens.take_text("if", "for")):
        word += ended.text
    near = [word] if word in _KNOWN else difflib.get_close_matches(word[:LONGEST], _KNOWN, n=1, cutoff=0.75)
    meant = _FOREIGN.get(word) or (near[0] if near else "")
    if not meant:
        raise Mistake(token.start, f"there is no statement {token.shown}", f"there are {', '.join(_KNOWN)}")
    reader.remarks.append(Remark(token.start, f"there is no statement {token.shown}", f"write {meant}"))
    return meant


def _read_condition(_: Tag, reader: Reader) -> None:
    reader.read_condition()


def _read_else(tag: Tag, reader: Reader) -> None:
    found = reader.tokens.take_text("if")
    if found:
        tag.statement = "elseif"
        reader.remarks.append(Remark(found.start, "else is followed by a condition", "write elseif, in one word"))
        reader.read_condition()


def _read_for(tag: Tag, reader: Reader) -> None:
    tag.local = _local(reader.tokens)
    if not reader.tokens.take_text("in"):
        raise Mistake(reader.tokens.peek().start, "for needs in here", f"write for {tag.local} in var:name")
    reader.read_source()


def _read_set(tag: Tag, reader: Reader) -> None:
    tag.local = _local(reader.tokens)
    if not reader.tokens.take_text("="):
        raise Mistake(reader.tokens.peek().start, "set needs = here", f"write set {tag.local} = …")
    reader.read()


def _local(tokens: Tokens) -> str:
    token = tokens.take()
    if token.kind != "name" or token.text in RESERVED or "." in token.text:
        what = (
            "a name of your own is missing here" if token.kind == "close" else f"{token.shown} cannot be given a value"
        )
        raise Mistake(token.start, what, "write a name of letters, digits, _ and -, that begins with a letter")
    return token.text


def _nothing(_: Tag, __: Reader) -> None:
    """The statement has only its name."""


_REST: Final[dict[str, Callable[[Tag, Reader], None]]] = {
    "if": _read_condition,
    "elseif": _read_condition,
    "else": _read_else,
    "for": _read_for,
    "set": _read_set,
}


def _close(reader: Reader, opening: str) -> None:
    before = reader.tokens.offset
    token = reader.tokens.take()
    if token.text == CLOSINGS[opening]:
        return
    if token.kind == "close":
        what, mend = f"{opening} is closed by {token.text}", f"write {CLOSINGS[opening]}"
        raise Mistake(token.start, what, mend, resume=token.end)
    if token.text == "-":
        raise Mistake(token.start, *_TRIM)
    what = f"{token.shown} is not expected here"
    raise Mistake(token.start, what, _how_to_go_on(token, is_after_bare_default=before == reader.bare_default_end))


def _how_to_go_on(token: Token, *, is_after_bare_default: bool) -> str:
    if is_after_bare_default:
        return "put the whole default between double quotes"
    if token.text.lower() in RESERVED - {token.text}:
        return f"write {token.text.lower()}, in lower case"
    if token.text == ":":
        return "write a default right after the name, without a space"
    return "put an operator before it, or take it away"
