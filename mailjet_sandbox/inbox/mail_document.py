"""The HTML part as the page shows it: the sender's own markup, made harmless, its leftover tags marked.

What keeps it harmless is the policy it is served with: a sandbox without scripts, in an origin of its own, that may
load nothing but this message's inline images. The few edits here close what a policy does not cover.
"""

import re
from bisect import bisect_right
from typing import Final

from mailjet_sandbox.inbox.links import with_tracked_links
from mailjet_sandbox.inbox.marks import find_marks, wrapped
from mailjet_sandbox.records import StoredMessage

POLICY: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "font-src data:; img-src data: {images}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Links open in a new tab, which is no longer in the sandbox: a reset link has to work."""

INERT: Final = re.compile(r"<(/?)(?=(?:link|base|iframe|frame|object|embed|portal)\b)", re.IGNORECASE)
REFRESH: Final = re.compile(r"<(?=meta\b[^<>]{0,500}?http-equiv)", re.IGNORECASE)
"""`link` may open connections ahead of time, `base` and `meta` may send links and the frame elsewhere."""

INLINED: Final = re.compile(r"cid:([^\"'\s()<>]{1,255})", re.IGNORECASE)
REMOTE: Final = re.compile(
    r"(?:\b(?:src|srcset|background|poster)\s{0,5}=|url\(|@import)\s{0,5}[\"']?\s{0,5}(?:https?:)?//", re.IGNORECASE
)
HEAD: Final = re.compile(r"<head(?:\s[^<>]{0,300})?>|<html(?:\s[^<>]{0,1000})?>|<!doctype[^<>]{0,300}>", re.IGNORECASE)
UNSHOWN: Final = re.compile(r"<(style|script|title|textarea)\b|<!--", re.IGNORECASE)
OWN_HEAD: Final = """<base target="_blank"><style>
mark.tag { background: #fff0c2; color: #6b4700; border-radius: 3px; box-shadow: 0 0 0 2px #fff0c2; }
mark.tag.failed { background: #ffd9d4; color: #8c1d18; box-shadow: 0 0 0 2px #ffd9d4; }
</style>"""


def mail_document(message: StoredMessage, *, tracks_clicks: bool = False) -> str:
    document = _with_marks(message)
    document = with_tracked_links(document, message) if tracks_clicks else document
    document = INERT.sub(r"<\1inert-", document)
    document = REFRESH.sub("<inert-", document)
    return _with_own_head(_with_inlined_files(document, message))


def mail_policy(message: StoredMessage, *, origin: str) -> str:
    """`origin` is the page's own: `http://127.0.0.1:8025`."""
    return POLICY.format(images=f"{origin}/message/{message.message_id}/file/")


def wants_remote_content(message: StoredMessage) -> bool:
    return REMOTE.search(message.html) is not None


def _with_marks(message: StoredMessage) -> str:
    """Marks stand in the text only: inside an attribute or a style they would break what is there."""
    source = message.html
    marks = find_marks(source, message)
    unshown = _unshown(source) if marks else []
    pieces, at = list[str](), 0
    for mark in marks:
        if _is_text(source, mark.start, mark.end, unshown):
            pieces += [source[at : mark.start], str(wrapped(source, mark))]
            at = mark.end
    return "".join([*pieces, source[at:]])


def _is_text(source: str, start: int, end: int, unshown: list[tuple[int, int]]) -> bool:
    if source.rfind("<", 0, start) > source.rfind(">", 0, start):
        return False
    opening, closing = source.find("<", end), source.find(">", end)
    if closing >= 0 and (opening < 0 or closing < opening):
        return False
    region = bisect_right(unshown, (start, len(source))) - 1
    return region < 0 or start >= unshown[region][1]


def _unshown(source: str) -> list[tuple[int, int]]:
    """Spans of comments, styles, scripts, titles and text areas."""
    spans, lowered, at = list[tuple[int, int]](), source.lower(), 0
    while opening := UNSHOWN.search(source, at):
        closer = f"</{opening[1].lower()}" if opening[1] else "-->"
        closing = lowered.find(closer, opening.end())
        at = closing if closing >= 0 else len(source)
        spans.append((opening.start(), at))
    return spans


def _with_inlined_files(document: str, message: StoredMessage) -> str:
    places = {file.content_id: place for place, file in enumerate(message.attachments) if file.is_inlined}

    def address(found: re.Match[str]) -> str:
        place = places.get(found[1])
        return found[0] if place is None else f"/message/{message.message_id}/file/{place}"

    return INLINED.sub(address, document)


def _with_own_head(document: str) -> str:
    found = max(HEAD.finditer(document[:20_000]), key=lambda match: match[0].lower().startswith("<head"), default=None)
    at = found.end() if found else 0
    return document[:at] + OWN_HEAD + document[at:]
