"""What editors of HTML and word processors do to a tag, and the tag as its author meant it."""

import html
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from omnicrm.mailjet.language.findings import Remark

_SHOWN = 80


class _Kind(NamedTuple):
    pattern: str
    what: str
    mend: str
    undo: Callable[[str], str]


_KINDS: Final = {
    "element": _Kind(
        r"</?[A-Za-z][^<>]*>|<!--[^<>]*-->",
        "HTML stands inside the tag",
        "take it out in the source view",
        lambda _: "",
    ),
    "entity": _Kind(
        r"&(?:[A-Za-z]{2,8}|\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6});",
        "an HTML entity stands inside the tag",
        "write the character itself in the source view",
        lambda found: html.unescape(found).replace("\u00a0", " "),
    ),
    "space": _Kind(
        "[\u00a0\u2007\u2009\u202f]", "a no-break space stands inside the tag", "write a plain space", lambda _: " "
    ),
    "invisible": _Kind(
        "[\u00ad\u200b-\u200d\u2060\ufeff]",
        "an invisible character stands inside the tag",
        "take it away",
        lambda _: "",
    ),
    "curly": _Kind("[“”„‟«»″]", "curly quotes stand inside the tag", "write straight double quotes", lambda _: '"'),
    "single": _Kind("['‘’‚]", "single quotes do not make a text", "write straight double quotes", lambda _: '"'),
}
_DAMAGE = re.compile('"[^"]*"|' + "|".join(f"(?P<{name}>{kind.pattern})" for name, kind in _KINDS.items()))


class Undone(NamedTuple):
    """The tag without the damage, and a remark on each kind of it, at its first place."""

    text: str
    remarks: tuple[Remark, ...]
    has_elements: bool


def undo_damage(tag: str, *, offset: int) -> Undone | None:
    """Takes the damage out of a tag that stands at `offset` in its source; None if there is none."""
    remarks: dict[str, Remark] = {}

    def undo(found: re.Match[str]) -> str:
        if found.lastgroup is None:
            return found[0]
        kind = _KINDS[found.lastgroup]
        remarks.setdefault(found.lastgroup, Remark(offset + found.start(), kind.what, kind.mend))
        return kind.undo(found[0])

    text = _DAMAGE.sub(undo, tag)
    return Undone(text, tuple(remarks.values()), has_elements="element" in remarks) if remarks else None


def with_example(remark: Remark, mended: str) -> Remark:
    """The remark, with the whole tag as it should read, unless it is long."""
    return remark._replace(mend=f"{remark.mend}: {mended}") if len(mended) <= _SHOWN else remark
