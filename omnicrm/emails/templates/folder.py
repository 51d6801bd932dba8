"""The designs we have: the operator's own in `email_templates/` beside crm_config.yaml, else the packaged ones.

An own design is `<section>.<language>.mjml`, with `<section>.<language>.txt` if its plain text is not to be read off
it; or `.html` and `.txt`. It is sent as it stands: only the packaged designs are filled in with the company's details.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from omnicrm.config import Company, find_config
from omnicrm.emails.designs import Design, InvalidDesign, compile_design, compile_mjml
from omnicrm.emails.templates.targets import Target

FOLDER: Final = "email_templates"
LARGEST_BYTES: Final = 1024 * 1024
"""Of a design. Mailboxes clip emails at a tenth of this."""
DEEPEST: Final = 100
_SUFFIXES: Final = (".mjml", ".html", ".txt")
_INCLUDE = re.compile(r"<mj-include\b")
_EDGE = re.compile(r"<(/?)([A-Za-z][\w-]*)|/>")
_WITHOUT_END: Final = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Local:
    """A design of ours. `source` is what its author wrote, `file` where; None for a packaged one. A text part that
    is not there is empty."""

    design: Design
    source: str
    file: Path | None
    text_file: Path | None = None


def config_path() -> Path:
    """The configuration file of this process."""
    return find_config(None, environ=os.environ, cwd=Path.cwd()).resolve()


def own_designs() -> Path:
    """The folder of the operator's own designs, which need not exist."""
    return config_path().parent / FOLDER


def read_local(target: Target, *, company: Company, folder: Path) -> Local:
    """Reads and compiles the design of a target. Raises InvalidDesign, in one line."""
    files = {suffix: folder / f"{target.file_stem}{suffix}" for suffix in _SUFFIXES}
    there = {suffix: path for suffix, path in files.items() if path.is_file()}
    if {".mjml", ".html"} <= there.keys():
        raise InvalidDesign(f"{there['.mjml']} and {there['.html'].name}: keep one of the two")
    if ".mjml" in there:
        return _with_text(_from_mjml(there[".mjml"]), there)
    if ".html" in there:
        html = _read(there[".html"])
        return _with_text(Local(design=Design(html=html, text="", mjml=""), source=html, file=there[".html"]), there)
    if ".txt" in there:
        raise InvalidDesign(f"{there['.txt']}: there is neither {files['.mjml'].name} nor {files['.html'].name} to it")
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
        line = mjml.count("\n", 0, include.start()) + 1
        raise InvalidDesign(f"{name}:{line}: mj-include is not supported; put what it includes in its place")
    _refuse_open_tags(mjml, name)
    _refuse_depth(mjml, name)
    return compile_mjml(mjml, name=name)


def _refuse_open_tags(mjml: str, name: str) -> None:
    """The compiler looks for the end of every tag: where there is none it would read to the end again and again."""
    for opening, closing in (("{{", "}}"), ("{%", "%}")):
        start = mjml.find(opening, mjml.rfind(closing) + 1)
        if start >= 0:
            line = mjml.count("\n", 0, start) + 1
            raise InvalidDesign(f"{name}:{line}: {opening} is not closed; close it with {closing}")


def _refuse_depth(mjml: str, name: str) -> None:
    """The compiler descends into elements by recursion, and a stack that overflows takes the process with it."""
    depth = 0
    for found in _EDGE.finditer(mjml):
        is_open = bool(found[2]) and not found[1] and found[2].lower() not in _WITHOUT_END
        depth += 1 if is_open else -1 if found[1] or not found[2] else 0
        if depth > DEEPEST:
            line = mjml.count("\n", 0, found.start()) + 1
            raise InvalidDesign(f"{name}:{line}: elements are nested more than {DEEPEST} deep; close some before")


def _from_mjml(path: Path) -> Local:
    mjml = _read(path)
    return Local(design=compile_own(mjml, name=str(path)), source=mjml, file=path)


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
            raise InvalidDesign(f"{path} has {size // 1024} KB, at most {most} are read; make it shorter")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidDesign(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidDesign(f"{path} is not UTF-8 text; save it as UTF-8") from None


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
