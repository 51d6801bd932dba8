"""What mailboxes make of a template's HTML or MJML: links, images, scripts.

Read with expressions that never look past the next "<": Python's own HTML parser takes minutes over some hostile
100 KB.
"""

import html
import re
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from omnicrm.emails.templates.findings import Level, Remark
from omnicrm.mailjet.language import Phrase
from omnicrm.mailjet.language import phrase as _

_TAG = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}|\[\[[^\[\]]*\]\]")
_FILLED_IN: Final = "\ue000"
"""Stands for each character of a Mailjet tag, whose quotes would end an attribute; from Unicode's private area."""
_ELEMENT = re.compile(r"""<(?P<name>[A-Za-z][\w:-]*+)(?P<attributes>(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*+)""")
_ATTRIBUTE = re.compile(r"""(?P<name>[\w:-]++)(?:\s*+=\s*+(?:"(?P<a>[^"]*+)"|'(?P<b>[^']*+)'|(?P<c>[^\s"'<>]++)))?""")
_IMAGES: Final = frozenset({"img", "mj-image"})
_REMOVED: Final = frozenset({"script", "iframe", "object", "embed", "form"})
_GOOD: Final = frozenset({"https", "mailto", "tel", "sms", "cid"})
_ADDRESSES: Final = ("href", "src", "background")
MOST_REMARKS: Final = 50


def remarks_on_markup(source: str) -> list[Remark]:
    """In the order of the source; at most MOST_REMARKS, more would only hide the first ones."""
    masked = _TAG.sub(lambda tag: re.sub(r"[^\n]", _FILLED_IN, tag[0]), _without_comments(source))
    return list(islice(_remarks(masked), MOST_REMARKS))


def _without_comments(source: str) -> str:
    """Blanks them, so that every place stays where it is."""
    pieces, at = [], 0
    while (start := source.find("<!--", at)) >= 0 and (end := source.find("-->", start)) >= 0:
        pieces += [source[at:start], re.sub(r"[^\n]", " ", source[start : end + 3])]
        at = end + 3
    return "".join([*pieces, source[at:]])


def _remarks(source: str) -> Iterator[Remark]:
    line, line_start, seen = 1, 0, 0
    for found in _ELEMENT.finditer(source):
        line += source.count("\n", seen, found.start())
        line_start = max(line_start, source.rfind("\n", seen, found.start()) + 1)
        seen = found.start()
        for level, what, mend in _on_element(found["name"].lower(), _attributes(found["attributes"])):
            yield Remark(level=level, what=what, mend=mend, line=line, column=seen - line_start + 1)


def _attributes(text: str) -> dict[str, str]:
    return {
        found["name"].lower(): html.unescape(found["a"] or found["b"] or found["c"] or "")
        for found in _ATTRIBUTE.finditer(text)
    }


def _on_element(name: str, attributes: dict[str, str]) -> Iterator[tuple[Level, Phrase, Phrase]]:
    if name in _REMOVED:
        yield (
            Level.ERROR,
            _("mailboxes take out %(this)s", this=f"<{name}>"),
            _("take it out, and link to a page instead"),
        )
    if name in _IMAGES and "alt" not in attributes:
        yield Level.WARNING, _("an image has no alt text"), _('say what it shows, or write alt="" for decoration')
    for attribute in _ADDRESSES:
        if attribute in attributes and not (name == "link" and attribute == "href"):
            yield from _on_address(attributes[attribute].strip())


def _on_address(address: str) -> Iterator[tuple[Level, Phrase, Phrase]]:
    scheme, _colon, rest = address.partition(":")
    scheme = scheme.lower()
    if not address or address[0] in (_FILLED_IN, "#") or (scheme in _GOOD and rest):
        return
    shown = re.sub(rf"\s|{_FILLED_IN}+", "…", address[:80])
    if scheme == "http" and _is_of_this_machine(address):
        yield Level.WARNING, _('"%(link)s" leads to this machine', link=shown), _("set server.public_url and company")
    elif scheme == "http":
        yield Level.ERROR, _('"%(link)s" is not https', link=shown), _("write https://")
    elif scheme in ("javascript", "data", "vbscript", "file"):
        yield Level.ERROR, _("mailboxes take out %(scheme)s: addresses", scheme=scheme), _("write an https:// address")
    else:
        what = _('"%(link)s" leads nowhere from a mailbox', link=shown)
        yield Level.ERROR, what, _("write it in full, with https://")


def _is_of_this_machine(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False
