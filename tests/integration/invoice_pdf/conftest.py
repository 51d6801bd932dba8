"""Processes that draw, kept for the session, and templates made of a few words."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from omnicrm.invoices.rendering import Renderers
from omnicrm.invoices.template_choice import template_at
from omnicrm.invoices.template_files import PACKAGED, Template

Written = Callable[..., Template]
PACKAGED_TEMPLATE = Template(folders=(PACKAGED,), name="invoice.html")


@pytest.fixture(scope="session")
def renderers() -> Iterator[Renderers]:
    with Renderers(processes=2) as shared:
        yield shared


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A template of this text, with files beside it: written("…", **{"logo.png": b"…"})."""

    def write(text: str, **files: bytes) -> Template:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        (tmp_path / "own.html").write_text(text, encoding="utf-8")
        return template_at(tmp_path / "own.html")

    return write


def texts(pdf: bytes) -> list[str]:
    """What stands on each page, its spaces all alike."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]
