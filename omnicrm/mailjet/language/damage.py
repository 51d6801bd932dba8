"""What editors of HTML and word processors do to a tag, and the tag as its author meant it."""

import html
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from omnicrm.mailjet.language.findings import Remark
from omnicrm.mailjet.language.phrases import Phrase
from omnicrm.mailjet.language.phrases import phrase as _

_SHOWN = 80


class _Kind(NamedTuple):
    pattern: str
    what: Phrase
    mend: Phrase
    undo: Callable[[str], str]


_KINDS: Final = {
    "element": _Kind(
        r"</?[A-Za-z][^<>]*>|<!--[^<>]*-->",
        _("HTML stands inside the tag"),
        _("take it out in the source view"),
        lambda _: "",
    ),
    "entity": _Kind(
        r"&(?:[A-Za-z]{2,8}|\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6});",
        _("an HTML entity stands inside the tag"),
        _("write the character itself in the source view"),
        lambda found: html.unescape(found).replace("\u00a0", " "),
    ),
    "space": _Kind(
        "[\u00a0\u2007\u2009\u202f]",
        _("a no-break space stands inside the tag"),
        _("write a plain space"),
        lambda _: " ",
    ),
    "invisible": _Kind(
        "[\u00ad\u200b-\u200d\u2060\ufeff]",
        _("an invisible character stands inside the tag"),
        _("take it away"),
        lambda _: "",
    ),
    "curly": _Kind(
        "[“”„‟«»″]", _("curly quotes stand inside the tag"), _("write straight double quotes"), lambda _: '"'
    ),
    "single": _Kind("['‘’‚]", _("single quotes do not make a text"), _("write straight double quotes"), lambda _: '"'),
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
    if len(mended) > _SHOWN:
        return remark
    return remark._replace(mend=_("%(mend)s: %(example)s", mend=remark.mend, example=mended))
