"""Writing Mailjet's template numbers back into the configuration: only their digits change, all else stays as it is."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from omnicrm.config.custom_loading import FOLDER, SUFFIX, custom_email_file
from omnicrm.config.models import SECTION_NAMES
from omnicrm.config.problems import ConfigError
from omnicrm.config.syntax import parse

_KEY: Final = "template_id"
_NEIGHBOUR: Final = "subject"
"""The key of every template before which a first number is put."""


@dataclass(frozen=True, slots=True)
class TemplateSlot:
    """Where a number stands: a section's own (language None), or that of one of its `languages`."""

    section: str
    language: str | None = None

    def __str__(self) -> str:
        section = f"{FOLDER}/{self.section}{SUFFIX}" if self.is_custom else self.section
        return f"{section}{':' if self.is_custom else '.'}languages.{self.language}" if self.language else section

    @property
    def is_custom(self) -> bool:
        """The number is one of a custom email, which has a file of its own."""
        return self.section not in SECTION_NAMES

    def file(self, config_path: Path) -> Path:
        return custom_email_file(config_path.resolve().parent, self.section) if self.is_custom else config_path


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class _Edit:
    start: int
    end: int
    text: str


def write_template_ids(path: Path, ids: Mapping[TemplateSlot, int]) -> None:
    """Puts the numbers into crm_config.yaml, which is at `path`, or the custom emails' files; each file whole or not at
    all. Raises ConfigError for a slot that is not there.
    """
    by_file = groupby(
        sorted(ids.items(), key=lambda each: str(each[0].file(path))), key=lambda each: each[0].file(path)
    )
    for file, numbers in by_file:
        _write(file, dict(numbers))


def _write(path: Path, ids: Mapping[TemplateSlot, int]) -> None:
    root = parse(path)
    text = path.read_bytes().decode("utf-8-sig")
    line_end = "\r\n" if "\r\n" in text else "\n"
    for edit in sorted((_edit(root, slot, number, line_end) for slot, number in ids.items()), reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    _replace(path, text)


def _edit(root: Node, slot: TemplateSlot, number: int, line_end: str) -> _Edit:
    steps = [*([] if slot.is_custom else [slot.section]), *(["languages", slot.language] if slot.language else [])]
    for top in (root, _child(root, "mailjet")):
        node: Node | None = top
        for step in steps:
            node = _child(node, step)
        if edit := _replacement(node, number) or _insertion(node, number, line_end):
            return edit
    raise ConfigError(f"{slot} has no template_id of its own in the file; add `template_id: 1` there and try again")


def _replacement(node: Node | None, number: int) -> _Edit | None:
    value = _child(node, _KEY)
    if not isinstance(value, ScalarNode):
        return None
    return _Edit(start=value.start_mark.index, end=value.end_mark.index, text=str(number))


def _insertion(node: Node | None, number: int, line_end: str) -> _Edit | None:
    """The first number of a template, before its subject."""
    if not isinstance(node, MappingNode):
        return None
    neighbour = next((key for key, _ in node.value if isinstance(key, ScalarNode) and key.value == _NEIGHBOUR), None)
    if neighbour is None:
        return None
    mark = neighbour.start_mark
    end = ", " if node.flow_style else line_end + " " * mark.column
    return _Edit(start=mark.index, end=mark.index, text=f"{_KEY}: {number}{end}")


def _child(node: Node | None, name: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for key, value in node.value if isinstance(key, ScalarNode) and key.value == name), None)


def _replace(path: Path, text: str) -> None:
    """By way of a file beside it, so that a crash leaves the old one or the new one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as beside:
            beside.write(text)
        Path(name).chmod(path.stat().st_mode)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
