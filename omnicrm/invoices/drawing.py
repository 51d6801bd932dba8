"""From HTML to PDF by PlutoPrint, which sees no file but the template's own."""

import re
from datetime import UTC, datetime, time
from io import BytesIO
from typing import Final
from urllib.parse import unquote

import plutoprint
from typing_extensions import override

from omnicrm.invoices.document import InvoiceDocument
from omnicrm.invoices.template_files import InvalidTemplate, Template

BASE: Final = "template:///"
"""The address by which the engine knows the template's folder."""
_KINDS: Final = {
    ".css": "text/css",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".otf": "font/otf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".webp": "image/webp",
    ".woff": "font/woff",
}
_SHOWN: Final = 80


def draw(html: str, *, document: InvoiceDocument, template: Template) -> bytes:
    """The same HTML and files make the same bytes. Raises InvalidTemplate for a file that cannot be had, and
    plutoprint.Error."""
    fetcher = _Fetcher(template)
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4, plutoprint.PAGE_MARGINS_NORMAL)
    book.custom_resource_fetcher = fetcher
    book.load_html(html, base_url=BASE)
    issued = datetime.combine(document.date, time(), UTC).isoformat()
    for key, value in (
        (plutoprint.PDF_METADATA_AUTHOR, document.company.name),
        (plutoprint.PDF_METADATA_CREATION_DATE, issued),
        (plutoprint.PDF_METADATA_MODIFICATION_DATE, issued),
    ):
        book.set_metadata(key, value)
    pdf = BytesIO()
    book.write_to_pdf_stream(pdf)
    if fetcher.refused:
        raise InvalidTemplate(fetcher.refused[0])
    return pdf.getvalue()


class _Fetcher(plutoprint.ResourceFetcher):
    """Answers with a file of the template, or with nothing. It cannot raise: the engine would only print that."""

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.refused: list[str] = []
        self._template = template

    @override
    def fetch_url(self, url: str) -> plutoprint.ResourceData:
        try:
            name = self._name(url)
            kind = self._kind(name)
            return plutoprint.ResourceData(self._template.read(name), kind)
        except InvalidTemplate as error:
            self.refused.append(f"{self._template.place_of(url.removeprefix(BASE))}: {error}")
            return plutoprint.ResourceData(b"", "text/plain")

    def _name(self, url: str) -> str:
        if not url.startswith(BASE):
            raise InvalidTemplate(f"{url:.{_SHOWN}} is outside the template's folder; put the file there")
        return unquote(re.split(r"[?#]", url.removeprefix(BASE), maxsplit=1)[0])

    def _kind(self, name: str) -> str:
        suffix = f".{name.rpartition('.')[2].lower()}"
        if suffix not in _KINDS:
            raise InvalidTemplate(f"{name} is no file that can be shown; use one of {' '.join(sorted(_KINDS))}")
        return _KINDS[suffix]
