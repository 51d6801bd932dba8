"""The designs we have: the operator's own in `email_templates/` beside crm_config.yaml, else the packaged ones.

An own design is `<section>.<language>.mjml`, with `<section>.<language>.txt` if its plain text is not to be read off
it; or `.html` and `.txt`. It is sent as it stands, unless it begins with `[% extends "layout.mjml" %]`: then it is
filled in as the packaged ones are.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from omnicrm.config import Company, config_path
from omnicrm.config.custom_loading import FOLDER
from omnicrm.emails.designs import Design, InvalidDesign, compile_design, compile_mjml, fill_in
from omnicrm.emails.templates.targets import Target
from omnicrm.mailjet.language import phrase as _

LARGEST_BYTES: Final = 1024 * 1024
"""Of a design. Mailboxes clip emails at a tenth of this."""
DEEPEST: Final = 100
_SUFFIXES: Final = (".mjml", ".html", ".txt")
_INCLUDE = re.compile(r"<mj-include\b")
_EDGE = re.compile(r"<(/?)([A-Za-z][\w-]*)|/>")
_WITHOUT_END: Final = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Local:
    """A design of ours. `source` is what its author wrote, or what became of it once filled in; `file` is where, None
    for a packaged one. A text part that is not there is empty."""

    design: Design
    source: str
    file: Path | None
    text_file: Path | None = None
    is_filled_in: bool = False


def own_designs() -> Path:
    """The folder of the operator's own designs, which need not exist."""
    return config_path().resolve().parent / FOLDER


def read_local(target: Target, *, company: Company, folder: Path) -> Local:
    """Reads and compiles the design of a target. Raises InvalidDesign, in one line."""
    files = {suffix: folder / f"{target.file_stem}{suffix}" for suffix in _SUFFIXES}
    there = {suffix: path for suffix, path in files.items() if path.is_file()}
    if {".mjml", ".html"} <= there.keys():
        both = {"one": there[".mjml"], "other": there[".html"].name}
        raise InvalidDesign(_("%(one)s and %(other)s: keep one of the two", **both))
    if ".mjml" in there:
        return _with_text(_from_mjml(there[".mjml"], target, company), there)
    if ".html" in there:
        html = _read(there[".html"])
        return _with_text(Local(design=Design(html=html, text="", mjml=""), source=html, file=there[".html"]), there)
    if ".txt" in there:
        names = {"text": there[".txt"], "mjml": files[".mjml"].name, "html": files[".html"].name}
        raise InvalidDesign(_("%(text)s: there is neither %(mjml)s nor %(html)s to it", **names))
    if target.slot.is_custom:
        raise InvalidDesign(_("%(file)s is missing, which should hold the email's design", file=files[".mjml"]))
    design = compile_design(target.section, target.language, company=company)
    return Local(design=design, source=design.mjml, file=None)


def write_local(target: Target, texts: Mapping[str, str], *, folder: Path) -> list[Path]:
    """Writes the files of a design, by suffix, and takes away those of its other form; returns what it wrote."""
    folder.mkdir(exist_ok=True)
    for suffix in _SUFFIXES:
        path = folder / f"{target.file_stem}{suffix}"
        if suffix in texts:
            _replace(path, texts[suffix])
        else:
            path.unlink(missing_ok=True)
    return [folder / f"{target.file_stem}{suffix}" for suffix in texts]


def compile_own(mjml: str, *, name: str) -> Design:
    """Compiles MJML that somebody else wrote; `name` is what an error calls it. Raises InvalidDesign."""
    if include := _INCLUDE.search(mjml):
        place = _place(mjml, include.start(), name)
        raise InvalidDesign(_("%(place)s: mj-include is not supported; put what it includes in its place", place=place))
    _refuse_open_tags(mjml, name)
    _refuse_depth(mjml, name)
    return compile_mjml(mjml, name=name)


def _refuse_open_tags(mjml: str, name: str) -> None:
    """The compiler looks for the end of every tag: where there is none it would read to the end again and again."""
    for opening, closing in (("{{", "}}"), ("{%", "%}")):
        start = mjml.find(opening, mjml.rfind(closing) + 1)
        if start >= 0:
            place = _place(mjml, start, name)
            tag = {"opening": opening, "closing": closing}
            raise InvalidDesign(
                _("%(place)s: %(opening)s is not closed; close it with %(closing)s", place=place, **tag)
            )


def _refuse_depth(mjml: str, name: str) -> None:
    """The compiler descends into elements by recursion, and a stack that overflows takes the process with it."""
    depth = 0
    for found in _EDGE.finditer(mjml):
        is_open = bool(found[2]) and not found[1] and found[2].lower() not in _WITHOUT_END
        depth += 1 if is_open else -1 if found[1] or not found[2] else 0
        if depth > DEEPEST:
            place = _place(mjml, found.start(), name)
            what = _(
                "%(place)s: elements are nested more than %(most)s deep; close some before", place=place, most=DEEPEST
            )
            raise InvalidDesign(what)


def _place(mjml: str, offset: int, name: str) -> str:
    line = mjml.count("\n", 0, offset) + 1
    return f"{name}:{line}"


def _from_mjml(path: Path, target: Target, company: Company) -> Local:
    mjml = _read(path)
    is_filled_in = mjml.lstrip().startswith("[%")
    if is_filled_in:
        mjml = fill_in(mjml, target.language, company=company, name=str(path))
    return Local(design=compile_own(mjml, name=str(path)), source=mjml, file=path, is_filled_in=is_filled_in)


def _with_text(local: Local, there: Mapping[str, Path]) -> Local:
    if ".txt" not in there:
        return local
    design = replace(local.design, text=_read(there[".txt"]))
    return replace(local, design=design, text_file=there[".txt"])


def _read(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            most = LARGEST_BYTES // 1024
            sizes = {"size": size // 1024, "most": most}
            raise InvalidDesign(
                _("%(file)s has %(size)s KB, at most %(most)s are read; make it shorter", file=path, **sizes)
            )
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidDesign(_("%(file)s cannot be read: %(why)s", file=path, why=error.strerror)) from None
    except UnicodeDecodeError:
        raise InvalidDesign(_("%(file)s is not UTF-8 text; save it as UTF-8", file=path)) from None


def _replace(path: Path, text: str) -> None:
    """By way of a file beside it: a crash leaves the old one or the new one, and a link leads nowhere else."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
