"""One tag: `{{ expression }}` or `{% statement %}`."""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from omnicrm.mailjet.language.expressions import RESERVED, Reader, Use
from omnicrm.mailjet.language.findings import Remark
from omnicrm.mailjet.language.phrases import Phrase
from omnicrm.mailjet.language.phrases import phrase as _
from omnicrm.mailjet.language.tokens import CLOSINGS, LONGEST, Mistake, Token, Tokens

_STOP = {opening: re.compile(rf"{re.escape(closing)}|\{{\{{|\{{%") for opening, closing in CLOSINGS.items()}
_KNOWN: Final = ("if", "elseif", "else", "endif", "for", "endfor", "set")
_THERE_ARE: Final = _("there are %(names)s", names=", ".join(_KNOWN))
_TRIM: Final = _("a hyphen stands at the edge of the tag, where it does not trim spaces"), _("take it away")
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
        reader.read_whole()
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
        mend = _("close it with %(closing)s before the next tag", closing=CLOSINGS[opening])
        tag.remarks.append(Remark(tag.start, _("%(opening)s is not closed", opening=opening), mend))
        return tag.start + len(opening)
    if start != mistake.offset:
        mend = _('close it with " before %(closing)s', closing=stop[0])
        mistake = Mistake(start, _("this text is not closed"), mend)
    tag.remarks.append(Remark(mistake.offset, mistake.what, mistake.mend))
    return stop.end()


def _read_statement(reader: Reader) -> str:
    tokens = reader.tokens
    if hyphen := tokens.take_text("-"):
        reader.remarks.append(Remark(hyphen.start, *_TRIM))
    token = tokens.take()
    if token.kind == "reference":
        mend = _("to print it, write {{%(name)s}}", name=token.text)
        raise Mistake(token.start, _("%(word)s is no statement", word=token.shown), mend)
    if token.kind != "name":
        raise Mistake(token.start, _("a statement is missing here"), _THERE_ARE)
    return token.text if token.text in _KNOWN else _meant_statement(token, reader)


def _meant_statement(token: Token, reader: Reader) -> str:
    """The statement that stands here under a wrong name; a remark says so. Raises Mistake if it cannot be told."""
    word = token.text.lower()
    if word == "end" and (ended := reader.tokens.take_text("if", "for")):
        word += ended.text
    near = [word] if word in _KNOWN else difflib.get_close_matches(word[:LONGEST], _KNOWN, n=1, cutoff=0.75)
    meant = _FOREIGN.get(word) or (near[0] if near else "")
    what = _("there is no statement %(word)s", word=token.shown)
    if not meant:
        raise Mistake(token.start, what, _THERE_ARE)
    reader.remarks.append(Remark(token.start, what, _("write %(this)s", this=meant)))
    return meant


def _read_condition(_tag: Tag, reader: Reader) -> None:
    reader.read_whole()


def _read_else(tag: Tag, reader: Reader) -> None:
    found = reader.tokens.take_text("if")
    if found:
        tag.statement = "elseif"
        what = _("else is followed by a condition")
        reader.remarks.append(Remark(found.start, what, _("write elseif, in one word")))
        reader.read_whole()


def _read_for(tag: Tag, reader: Reader) -> None:
    tag.local = _local(reader.tokens)
    if not reader.tokens.take_text("in"):
        mend = _("write for %(name)s in var:name", name=tag.local)
        raise Mistake(reader.tokens.peek().start, _("for needs in here"), mend)
    reader.read_source()


def _read_set(tag: Tag, reader: Reader) -> None:
    tag.local = _local(reader.tokens)
    if not reader.tokens.take_text("="):
        mend = _("write set %(name)s = …", name=tag.local)
        raise Mistake(reader.tokens.peek().start, _("set needs = here"), mend)
    reader.read()


def _local(tokens: Tokens) -> str:
    token = tokens.take()
    if token.kind != "name" or token.text in RESERVED or "." in token.text:
        is_missing = token.kind == "close"
        wrong = _("%(name)s cannot be given a value", name=token.shown)
        what = _("a name of your own is missing here") if is_missing else wrong
        raise Mistake(token.start, what, _("write a name of letters, digits, _ and -, that begins with a letter"))
    return token.text


def _nothing(_tag: Tag, _reader: Reader) -> None:
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
        what = _("%(opening)s is closed by %(closing)s", opening=opening, closing=token.text)
        raise Mistake(token.start, what, _("write %(this)s", this=CLOSINGS[opening]), resume=token.end)
    if token.text == "-":
        raise Mistake(token.start, *_TRIM)
    what = _("%(word)s is not expected here", word=token.shown)
    raise Mistake(token.start, what, _how_to_go_on(token, is_after_bare_default=before == reader.bare_default_end))


def _how_to_go_on(token: Token, *, is_after_bare_default: bool) -> Phrase:
    if is_after_bare_default:
        return _("put the whole default between double quotes")
    if token.text.lower() in RESERVED - {token.text}:
        return _("write %(this)s, in lower case", this=token.text.lower())
    if token.text == ":":
        return _("write a default right after the name, without a space")
    return _("put an operator before it, or take it away")
