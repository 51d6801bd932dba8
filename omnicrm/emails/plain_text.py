"""The plain-text part of an email, read off its MJML so that the two never say different things."""

import re
from html.parser import HTMLParser

_SILENT = frozenset({"mj-head", "mj-image", "mj-raw", "style"})
_BLOCKS = frozenset({"mj-text", "mj-button", "mj-section", "h1", "h2", "p", "ul", "ol"})
_LINKS = frozenset({"a", "mj-button"})
_SPACES = re.compile(r"[ \t\r\n]+")
"""What HTML folds into one space; a no-break space is not among it."""


def plain_text(mjml: str) -> str:
    """Paragraphs of text; a link is followed by its address, a list item begins with a dash."""
    reader = _Reader()
    reader.feed(mjml)
    reader.close()
    lines = (line.strip(" ") for line in "".join(reader.written).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self._silent = 0
        self._links: list[tuple[str, int]] = []
        """Open links: the address, and where in `written` the link's own text begins."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self._begin(tag)
        if tag in _LINKS:
            self._links.append((dict(attrs).get("href") or "", len(self.written)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - parser's API
        self._begin(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT
        if tag in _LINKS:
            self._end_link(tag)
        if tag in _BLOCKS:
            self._write("\n\n")

    def handle_data(self, data: str) -> None:
        self._write(_SPACES.sub(" ", data))

    def _begin(self, tag: str) -> None:
        if tag in _BLOCKS or tag == "mj-divider":
            self._write("\n\n")
        if tag == "br":
            self._write("\n")
        if tag == "li":
            self._write("\n- ")
        if tag == "mj-divider":
            self._write("-- \n\n")

    def _end_link(self, tag: str) -> None:
        address, start = self._links.pop()
        if "".join(self.written[start:]).strip() in (address, address.removeprefix("mailto:")):
            return
        self._write(f"\n{address}" if tag == "mj-button" else f" ({address.removeprefix('mailto:')})")

    def _write(self, text: str) -> None:
        if not self._silent:
            self.written.append(text)
