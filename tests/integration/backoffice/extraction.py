"""The texts of a source tree that are meant to be translated, found without GNU gettext."""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def messages_in(directory: Path) -> set[str]:
    """The msgids of all Python modules and templates below a directory, or of one; of plurals, the singular.

    One with a context has it in front, as compiled catalogues do: "context\\x04msgid".
    """
    paths = directory.rglob("*") if directory.is_dir() else [directory]
    return {msgid for path in paths for msgid in _messages_of(path)}


def _messages_of(path: Path) -> Iterator[str]:
    if path.suffix == ".py":
        source = path.read_text(encoding="utf-8")
    elif path.suffix == ".html":
        # Django's own step before xgettext: calls of gettext stand where tags were, all else is blanked out.
        blanked = templatize(path.read_text(encoding="utf-8"))
        source = "\n".join(line.strip() for line in blanked.splitlines())
    else:
        return
    for _line, message, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        msgid = message[0] if isinstance(message, tuple) else message
        if msgid:
            yield msgid if context is None else f"{context}\x04{msgid}"
