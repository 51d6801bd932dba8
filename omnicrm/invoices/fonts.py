"""The fonts an invoice may use: those in `fonts/` beside the templates, the operator's before the packaged ones.

Those of the machine are left out on purpose: two workers would draw the same invoice differently.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.sax.saxutils import escape

import plutoprint
from fontTools.ttLib import TTCollection, TTFont, TTLibError

from omnicrm.invoices.template_files import InvalidTemplate

FOLDER: Final = "fonts"
_COLLECTION: Final = ".ttc"
_SUFFIXES: Final = (".ttf", ".otf", _COLLECTION)
_CONFIG: Final = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{folders}
<alias><family>sans-serif</family><prefer><family>Roboto</family><family>DejaVu Sans</family></prefer></alias>
</fontconfig>
"""


def use_fonts(folders: Sequence[Path]) -> frozenset[int]:
    """Makes the fonts of these template folders the only ones of this process; returns the characters they have.

    Raises InvalidTemplate for a file that is no font.
    """
    there = [folder / FOLDER for folder in folders if (folder / FOLDER).is_dir()]
    with TemporaryDirectory(prefix="omnicrm-fonts-") as scratch:
        listed = "\n".join(f"<dir>{escape(str(folder))}</dir>" for folder in there)
        Path(scratch, "fonts.conf").write_text(_CONFIG.format(folders=listed), encoding="utf-8")
        plutoprint.plutobook_set_fontconfig_path(scratch)
        _draw_a_word()
    files = [path for folder in there for path in sorted(folder.iterdir()) if path.suffix.lower() in _SUFFIXES]
    return frozenset(code for path in files for code in _codes(path))


def without_glyph(text: str, drawable: frozenset[int]) -> str:
    """The characters of a text that no font can draw, each once. They appear as a box."""
    return "".join(
        character
        for character in sorted(set(text))
        if ord(character) not in drawable and unicodedata.category(character)[0] not in "CZ"
    )


def _draw_a_word() -> None:
    """fontconfig reads its configuration when the first text is set, and never again."""
    book = plutoprint.Book()
    book.load_html("<p>word</p>")
    book.get_page_count()


def _codes(path: Path) -> Iterator[int]:
    try:
        if path.suffix.lower() == _COLLECTION:
            fonts = list(TTCollection(path, lazy=True).fonts)
        else:
            fonts = [TTFont(path, lazy=True)]
        for font in fonts:
            yield from font.getBestCmap() or ()
    except (TTLibError, OSError, AssertionError) as error:
        raise InvalidTemplate(f"{path} is not a font that can be read: {error}") from None
