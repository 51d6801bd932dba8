"""The plain-text part of an email, read off its MJML so that the two never say different things."""

import re
from html.parser import HTMLParser

_SILENT = frozenset({"mj-head", "mj-image", "style", "h1"})
_HTML_ONLY = "html-only"
"""The css-class of what makes no sense without the HTML."""
_BLOCKS = frozenset({"mj-text", "mj-button", "mj-section", "h2", "p", "ul", "ol", "table", "mj-raw"})
_LINKS = frozenset({"a", "mj-button"})
_COLONS = {"fr": "\N{NO-BREAK SPACE}:"}
_SIGNATURE = "-- "
"""With its space at the end: mail programs set apart what follows, and leave it out of a reply."""
_SPACES = re.compile(r"[ \t\r\n]+")
"""What HTML folds into one space; a no-break space is not among it."""
_LONE_STATEMENT = re.compile(r"(\n+)(\{%.*?%\})(\n+)")


def plain_text(mjml: str) -> str:
    """Paragraphs of text, as a person would write them: no heading, which would only repeat the subject; a link is
    followed by its address, a list item begins with a dash, a table's row reads "label: value"."""
    reader = _Reader()
    reader.feed(mjml)
    reader.close()
    lines = (_SPACES.sub(" ", line).strip(" ") for line in "".join(reader.written).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
    return text.replace("\n--\n\n", f"\n{_SIGNATURE}\n")


def without_gaps(text: str) -> str:
    """Takes the line breaks away that Mailjet's statements on lines of their own would leave behind once evaluated."""
    return _LONE_STATEMENT.sub(lambda match: match[1] + match[2] + match[3][len(match[1]) :], text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self._silent_in = ""
        """The tag of the element that is being skipped."""
        self._links: list[tuple[str, int]] = []
        """Open links: the address, and where in `written` the link's own text begins."""
        self._cells = 0
        """How many of the row have begun."""
        self._between_cells = False
        self._colon = ":"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if not self._silent_in and (tag in _SILENT or values.get("css-class") == _HTML_ONLY):
            self._silent_in = tag
        if tag == "mjml":
            self._colon = _COLONS.get(values.get("lang") or "", ":")
        self._begin(tag)
        if tag in _LINKS:
            self._links.append((values.get("href") or "", len(self.written)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - parser's API
        self._begin(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent_in:
            self._silent_in = ""
        if tag in _LINKS:
            self._end_link(tag)
        if tag in {"td", "table"}:
            self._between_cells = tag == "td"
        if tag == "tr":
            self._write("\n")
        if tag in _BLOCKS:
            self._write("\n\n")

    def handle_data(self, data: str) -> None:
        text = _SPACES.sub(" ", data)
        self._write(text.strip(" ") if self._between_cells else text)

    def _begin(self, tag: str) -> None:
        if tag in _BLOCKS or tag == "mj-divider":
            self._write("\n\n")
        if tag == "br":
            self._write("\n")
        if tag == "li":
            self._write("\n- ")
        if tag == "mj-divider":
            self._write("--\n\n")
        self._begin_cell(tag)

    def _begin_cell(self, tag: str) -> None:
        if tag in {"table", "tr"}:
            self._between_cells = True
            self._cells = 0
        if tag == "td":
            self._between_cells = False
            self._write(f"{self._colon} " if self._cells else "")
            self._cells += 1

    def _end_link(self, tag: str) -> None:
        address, start = self._links.pop()
        if "".join(self.written[start:]).strip() in (address, address.removeprefix("mailto:")):
            return
        self._write(f"{self._colon}\n{address}" if tag == "mj-button" else f" ({address.removeprefix('mailto:')})")

    def _write(self, text: str) -> None:
        if not self._silent_in:
            self.written.append(text)
