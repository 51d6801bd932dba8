"""The content of crm_config.yaml, as plain data whose every key knows its place.

Scalars stay text: `api_key: 5e12` must not become a number, nor the name `NO` a boolean. The models decide what a text
means, in the same way for what stands in the file and for what an environment variable brings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from omnicrm.config.problems import Problem
from omnicrm.config.syntax import EXAMPLE, parse, too_complex

Keys: TypeAlias = tuple[str | int, ...]

_MOST_VALUES = 10_000  # aliases multiply: a few lines can stand for more values than any memory holds
_YAML = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_YAML + name for name in ("str", "int", "float", "bool", "timestamp", "null", "map", "seq")}
_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}")


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a key stands, and the text written there, if it is one text, before the environment fills it in."""

    line: int
    column: int
    text: str | None = None

    @classmethod
    def of(cls, node: Node, *, text: str | None = None) -> "Spot":
        return cls(line=node.start_mark.line + 1, column=node.start_mark.column + 1, text=text)


class Source:
    """One configuration file, read: `data` holds its mappings, lists and texts, `problems` what was wrong already.

    `example` is where its author can see a good one.
    """

    def __init__(self, path: Path, *, environ: Mapping[str, str], example: str = EXAMPLE) -> None:
        self.file = str(path)
        self.example = example
        self.problems: list[Problem] = []
        self.spots: dict[Keys, Spot] = {}
        self._environ = environ
        self._values_left = _MOST_VALUES
        root = parse(path, example=example)
        self.spots[()] = Spot.of(root)
        try:
            self.data = self._mapping(root, ())
        except RecursionError:
            raise too_complex(self.file) from None

    def problem(self, keys: Keys, what: str, mend: str) -> Problem:
        """A problem of the value at `keys`; one that is not in the file is placed at what should contain it."""
        spot = next(self.spots[keys[:end]] for end in range(len(keys), -1, -1) if keys[:end] in self.spots)
        where = ".".join(str(key) or '""' for key in keys)
        return Problem(file=self.file, line=spot.line, column=spot.column, where=where, what=what, mend=mend)

    def _report(self, keys: Keys, what: str, mend: str) -> None:
        self.problems.append(self.problem(keys, what, mend))

    def _value(self, node: Node, keys: Keys) -> Any:  # noqa: ANN401 - the data of any YAML value
        self._count()
        if node.tag not in _PLAIN_TAGS:
            self._report(
                keys, f'has the tag "{(node.tag or "!").removeprefix(_YAML)}"', "write the value without a tag"
            )
        if isinstance(node, MappingNode):
            return self._mapping(node, keys)
        if isinstance(node, SequenceNode):
            return self._list(node, keys)
        return None if node.tag == _YAML + "null" else self._filled_in(node.value, keys)

    def _list(self, node: SequenceNode, keys: Keys) -> list[Any]:
        for index, item in enumerate(node.value):
            self.spots[*keys, index] = Spot.of(item, text=_text(item))
        return [self._value(item, (*keys, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: MappingNode, keys: Keys) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in self._entries(node, keys):
            here = (*keys, key.value)
            if key.value in data:
                self._report_twice(here, again=Spot.of(key))
                continue
            self.spots[here] = Spot.of(key, text=_text(value))
            data[key.value] = self._value(value, here)
        return data

    def _report_twice(self, keys: Keys, *, again: Spot) -> None:
        first = self.spots[keys]
        problem = self.problem(keys, f"is given twice, first on line {first.line}", "keep one of the two")
        self.problems.append(replace(problem, line=again.line, column=again.column))

    def _entries(self, node: MappingNode, keys: Keys) -> list[tuple[ScalarNode, Node]]:
        """The mapping's own entries, then those that `<<` merges in and it does not replace."""
        own: list[tuple[ScalarNode, Node]] = []
        merged: dict[str, tuple[ScalarNode, Node]] = {}
        for key, value in node.value:
            if key.tag == _YAML + "merge":
                for entry in self._merged(value, keys):
                    merged.setdefault(entry[0].value, entry)
            elif isinstance(key, ScalarNode):
                own.append((key, value))
            else:
                self._report(keys, "has a key that is not a text", "quote the value if it begins with { or [")
        replaced = {key.value for key, _ in own}
        return own + [entry for name, entry in merged.items() if name not in replaced]

    def _merged(self, node: Node, keys: Keys) -> list[tuple[ScalarNode, Node]]:
        self._count()
        if isinstance(node, SequenceNode):
            return [entry for item in node.value for entry in self._merged(item, keys)]
        if isinstance(node, MappingNode):
            return self._entries(node, keys)
        self._report(
            keys, '"<<" merges something that is not a mapping', "merge an alias of a mapping, as in <<: *name"
        )
        return []

    def _count(self) -> None:
        self._values_left -= 1
        if self._values_left < 0:
            raise too_complex(self.file)

    def _filled_in(self, text: str, keys: Keys) -> str:
        def value_of(reference: re.Match[str]) -> str:
            name = reference[1]
            if name is None:
                return "${"
            if name not in self._environ:
                self._report(keys, f"the environment variable {name} is not set", "set it, or write $${ for a plain ${")
            return self._environ.get(name, reference[0])

        return _REFERENCE.sub(value_of, text)


def _text(node: Node) -> str | None:
    return node.value if isinstance(node, ScalarNode) else None
