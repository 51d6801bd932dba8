"""Links of a mail whose clicks are tracked: each leads through the sandbox, which tells and then leads on."""

import html
import re
from typing import Final
from urllib.parse import quote

from mailjet_sandbox.records import StoredMessage

LINK: Final = re.compile(
    r"""(<a\s(?:[^<>]{0,1000}?\s)?href\s{0,5}=\s{0,5})(["'])(https?://[^"'<>\s]{1,2000})\2""", re.IGNORECASE
)
"""As people's tools write it. Any other link stays as it is, untracked."""
KEPT: Final = "!#$%&'()*+,/:;=?@[]~"
"""What may stand in an address as it is."""


def with_tracked_links(document: str, message: StoredMessage) -> str:
    """The links lead to `/message/<message_id>/link/<n>`, counted from 0."""
    number = -1

    def tracked(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f'{found[1]}"/message/{message.message_id}/link/{number}"'

    return LINK.sub(tracked, document)


def find_link(message: StoredMessage, number: int) -> str | None:
    """Where the link with this number leads, or None if there is none."""
    for position, found in enumerate(LINK.finditer(message.html)):
        if position == number:
            return quote(html.unescape(found[3]), safe=KEPT)
    return None
