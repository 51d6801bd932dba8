"""From the file's bytes to YAML nodes. What goes wrong here stops the reading: it is reported alone."""

import warnings
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning
from ruamel.yaml.nodes import MappingNode
from ruamel.yaml.reader import ReaderError

from omnicrm.config.problems import ConfigInvalid, ConfigNotFound, Problem

_MOST_BYTES = 256 * 1024

_MENDS = {
    "mapping values are not allowed here": 'quote the text if it contains ": ", or check the indentation',
    "could not find expected ':'": "write each entry as key: value",
    "found unexpected end of stream": "close the quotation mark",
    "but found another document": "keep everything in one document, without a second ---",
}
_NOTICED_LATE = {"could not find expected ':'", "found unexpected end of stream"}


EXAMPLE: Final = "crm_config.example.yaml"


def parse(path: Path, *, example: str = EXAMPLE) -> MappingNode:
    """The file's one mapping. Raise ConfigNotFound or ConfigInvalid; `example` is where a good one can be seen."""
    text = _decoded(_content(path), file=str(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)  # YAML allows it, and the later anchor counts
            root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise ConfigInvalid([_syntax_problem(error, text, file=str(path))]) from None
    except ReaderError as error:
        raise ConfigInvalid([_character_problem(error, text, file=str(path))]) from None
    except RecursionError:
        raise too_complex(str(path)) from None
    if root is None or root.tag == "tag:yaml.org,2002:null":
        raise _whole_file(path, "is empty", f"start from {example}")
    if not isinstance(root, MappingNode):
        raise _whole_file(path, "is not a mapping", f"write it as key: value lines, as in {example}")
    return root


def too_complex(file: str) -> ConfigInvalid:
    what = "is nested too deeply, or its aliases multiply into too many values"
    return ConfigInvalid([Problem(file=file, line=0, column=0, where="", what=what, mend="write it plainly")])


def _whole_file(path: Path, what: str, mend: str) -> ConfigInvalid:
    return ConfigInvalid([Problem(file=str(path), line=0, column=0, where="", what=what, mend=mend)])


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise ConfigNotFound(f"{path}: there is no such file; start from {EXAMPLE}") from None
    except IsADirectoryError:
        raise _whole_file(path, "is a directory", "name the file in it") from None
    except OSError as error:
        raise _whole_file(path, f"cannot be read: {error.strerror}", "check its permissions") from None
    if len(content) > _MOST_BYTES:
        raise _whole_file(path, f"is larger than {_MOST_BYTES // 1024} KiB", "check that it is the right file")
    return content


def _decoded(content: bytes, *, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        what = f"byte 0x{error.object[error.start]:02X} is not UTF-8"
        mend = "save the file with the encoding UTF-8"
        raise ConfigInvalid([Problem(file=file, line=line, column=column, where="", what=what, mend=mend)]) from None


def _syntax_problem(error: MarkedYAMLError, text: str, *, file: str) -> Problem:
    # Never str(error): it quotes the line, and the line may hold a secret.
    begins_earlier = error.problem in _NOTICED_LATE and error.context_mark is not None
    mark = error.context_mark if begins_earlier else error.problem_mark
    what, mend = f"YAML syntax: {error.problem}", _MENDS.get(str(error.problem), "")
    line = text.splitlines()[mark.line] if mark.line < len(text.splitlines()) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        what, mend = "a tab indents this line", "indent with spaces"
    return Problem(file=file, line=mark.line + 1, column=mark.column + 1, where="", what=what, mend=mend)


def _character_problem(error: ReaderError, text: str, *, file: str) -> Problem:
    before = text[: error.position]
    return Problem(
        file=file,
        line=before.count("\n") + 1,
        column=len(before) - before.rfind("\n"),
        where="",
        what=f"the control character U+{ord(text[error.position]):04X} is not allowed",
        mend="remove it",
    )
