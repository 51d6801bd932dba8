"""Writing Mailjet's template numbers back into crm_config.yaml: only their digits change, all else stays as it is."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from omnicrm.config.problems import ConfigError
from omnicrm.config.syntax import parse


@dataclass(frozen=True, slots=True)
class TemplateSlot:
    """Where a number stands: a section's own (language None), or that of one of its `languages`."""

    section: str
    language: str | None = None

    def __str__(self) -> str:
        return f"{self.section}.languages.{self.language}" if self.language else self.section


def write_template_ids(path: Path, ids: Mapping[TemplateSlot, int]) -> None:
    """Replaces the numbers in the file, whole or not at all. Raises ConfigError for a slot that is not in it."""
    root = parse(path)
    text = path.read_bytes().decode("utf-8-sig")
    edits = sorted(
        ((_number(root, slot), number) for slot, number in ids.items()), key=lambda edit: -edit[0].start_mark.index
    )
    for node, number in edits:
        text = text[: node.start_mark.index] + str(number) + text[node.end_mark.index :]
    _replace(path, text)


def _number(root: Node, slot: TemplateSlot) -> ScalarNode:
    steps = [slot.section, *(["languages", slot.language] if slot.language else []), "template_id"]
    for top in (root, _child(root, "mailjet")):
        node: Node | None = top
        for step in steps:
            node = _child(node, step)
        if isinstance(node, ScalarNode):
            return node
    raise ConfigError(f"{slot} has no template_id of its own in the file; add `template_id: 1` there and try again")


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
