"""The message list: which messages match, and one page of them.

A page is bound to a message (`before`, `after`), not to a number: newly arriving messages shift nothing under a reader.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from mailjet_sandbox.http import Request
from mailjet_sandbox.records import StoredMessage
from mailjet_sandbox.store import Store

PAGE: Final = 50
LONGEST_SEARCH: Final = 200
LONGEST_ID: Final = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxQuery:
    """What the list shows. `before` and `after` are message IDs; 0 is none, and so is "" for the rest."""

    search: str = ""
    status: str = ""
    before: int = 0
    after: int = 0

    @classmethod
    def of(cls, request: Request) -> "InboxQuery":
        query = request.query
        return cls(
            search=query.get("q", "").strip()[:LONGEST_SEARCH],
            status=query.get("status", ""),
            before=read_id(query.get("before", "")) or 0,
            after=read_id(query.get("after", "")) or 0,
        )

    def parameters(self, **more: str) -> str:
        """As the query string of an address, `?` included; "" if nothing is asked for."""
        given = {"q": self.search, "status": self.status, "before": self.before, "after": self.after, **more}
        filled = {name: value for name, value in given.items() if value}
        return f"?{urlencode(filled)}" if filled else ""

    def at(self, *, before: int = 0, after: int = 0) -> "InboxQuery":
        return replace(self, before=before, after=after)

    def with_status(self, status: str) -> "InboxQuery":
        return InboxQuery(search=self.search, status=status)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """`first` and `last` count from 1, newest first; 0 if there is none. `statuses` counts what the search found.

    `older` and `newer` are the queries of the neighbouring pages, or None.
    """

    messages: Sequence[StoredMessage]
    first: int
    last: int
    total: int
    statuses: Mapping[str, int]
    older: InboxQuery | None
    newer: InboxQuery | None


def find_page(store: Store, query: InboxQuery) -> Page:
    found = _search(store, query.search)
    statuses = Counter[str](message.status for message in found)
    matching = [message for message in found if query.status in {"", message.status}]
    start = _start(matching, query)
    shown = matching[start : start + PAGE]
    has_older = start + PAGE < len(matching)
    return Page(
        messages=shown,
        first=start + 1 if shown else 0,
        last=start + len(shown) if shown else 0,
        total=len(matching),
        statuses=statuses,
        older=query.at(before=shown[-1].message_id) if has_older else None,
        newer=_newer(query, start, shown),
    )


def read_id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID else None


def _start(matching: Sequence[StoredMessage], query: InboxQuery) -> int:
    if query.before:
        return sum(message.message_id >= query.before for message in matching)
    if query.after:
        return max(0, sum(message.message_id > query.after for message in matching) - PAGE)
    return 0


def _newer(query: InboxQuery, start: int, shown: Sequence[StoredMessage]) -> InboxQuery | None:
    """The first page is asked for without a bound, so that it stays the first when more arrive."""
    if start == 0:
        return None
    return query.at(after=shown[0].message_id) if start > PAGE and shown else query.at()


def _search(store: Store, search: str) -> list[StoredMessage]:
    words = search.casefold().split()
    if not words:
        return list(store.messages())
    names = {template.id: template.name for template in store.templates.values()}
    return [message for message in store.messages() if _matches(message, words, names)]


def _matches(message: StoredMessage, words: Iterable[str], names: Mapping[int, str]) -> bool:
    """Every word stands in a text of the message, or is the number of the message or of its template."""
    people = (message.recipient, message.sender, *message.to, *message.cc, *message.bcc)
    name = names.get(message.template_id or 0, "")
    text = "\n".join((message.subject, message.custom_id, message.campaign, name, *map(str, people))).casefold()
    numbers = {str(message.message_id), str(message.template_id)}
    return all(word in text or word in numbers for word in words)
