"""A source to a Template: pieces in, nested nodes out. Open blocks stand on a list, so nesting costs no stack."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from mailjet_sandbox.language.errors import LanguageError, Places, expression_error, template_error
from mailjet_sandbox.language.expressions import Reader
from mailjet_sandbox.language.lexer import Tag, pieces
from mailjet_sandbox.language.syntax import Expression, For, If, Legacy, Node, Print, Reference, Set, Template

DEEPEST: Final = 64
"""Blocks inside each other. The renderer walks them recursively."""
TAGS: Final = 50_000
"""In one source."""
REMEMBERED: Final = 100_000
"""Sources up to this many characters are parsed once: one template is sent to many."""


def parse(source: str, *, language: bool = True) -> Template:
    """Never raises: what is wrong stands in the template's `error`. `language` False knows `[[ ]]` only."""
    return _remembered(source, language) if len(source) <= REMEMBERED else _parse(source, language)


def _parse(source: str, language: bool) -> Template:
    blocks = _Blocks()
    try:
        for piece in pieces(source, language=language):
            blocks.add(piece) if isinstance(piece, Tag) else blocks.append(piece)
        nodes = blocks.close()
    except LanguageError as error:
        return Template(source=source, references=tuple(blocks.references), error=Places(source).describe(error))
    return Template(source=source, nodes=nodes, references=tuple(blocks.references))


_remembered = lru_cache(maxsize=32)(_parse)


@dataclass(slots=True)
class _OpenIf:
    start: int
    end: int
    branches: list[tuple[Expression | None, list[Node]]] = field(default_factory=list)

    @property
    def body(self) -> list[Node]:
        return self.branches[-1][1]

    @property
    def has_else(self) -> bool:
        return self.branches[-1][0] is None


@dataclass(slots=True)
class _OpenFor:
    start: int
    end: int
    name: str
    source: Reference
    body: list[Node] = field(default_factory=list)


class _Blocks:
    def __init__(self) -> None:
        self.references = list[Reference]()
        self._nodes = list[Node]()
        self._open = list[_OpenIf | _OpenFor]()
        self._tags = 0

    def append(self, node: Node) -> None:
        if isinstance(node, Legacy):
            self.references.append(node.reference)
        (self._open[-1].body if self._open else self._nodes).append(node)

    def add(self, tag: Tag) -> None:
        self._tags += 1
        if self._tags > TAGS:
            raise LanguageError(f"Template has more than {TAGS} tags", start=tag.start, end=tag.end)
        reader = Reader(tag, self.references)
        if tag.opener == "{{":
            self.append(Print(reader.read_alone(), tag.start, tag.end))
            return
        match reader.advance().text:
            case "set":
                self._set(tag, reader)
            case "if":
                self._if(tag, reader)
            case "elseif" | "else" as word:
                self._branch(tag, reader, has_condition=word == "elseif")
            case "for":
                self._for(tag, reader)
            case "endif":
                self._end_if(tag, reader)
            case "endfor":
                self._end_for(tag, reader)
            case word:
                raise expression_error(f"Unknown statement: {word}", start=tag.start, end=tag.end)

    def close(self) -> list[Node]:
        if self._open:
            raise template_error(start=self._open[-1].start, end=self._open[-1].end)
        return self._nodes

    def _set(self, tag: Tag, reader: Reader) -> None:
        name = reader.read_name()
        reader.expect("=")
        self.append(Set(name, reader.read_whole(), tag.start, tag.end))

    def _if(self, tag: Tag, reader: Reader) -> None:
        block = _OpenIf(tag.start, tag.end)
        block.branches.append((reader.read_alone(), []))
        self._push(block)

    def _branch(self, tag: Tag, reader: Reader, *, has_condition: bool) -> None:
        block = self._open[-1] if self._open else None
        if not isinstance(block, _OpenIf) or block.has_else:
            raise template_error(start=tag.start, end=tag.end)
        condition = reader.read_alone() if has_condition else None
        reader.expect_close()
        block.branches.append((condition, []))

    def _end_if(self, tag: Tag, reader: Reader) -> None:
        reader.expect_close()
        block = self._open.pop() if self._open else None
        if not isinstance(block, _OpenIf):
            raise template_error(start=tag.start, end=tag.end)
        self.append(If(tuple(block.branches), block.start, tag.end))

    def _for(self, tag: Tag, reader: Reader) -> None:
        name = reader.read_name()
        reader.expect("in")
        source = reader.read_reference()
        reader.expect_close()
        self._push(_OpenFor(tag.start, tag.end, name, source))

    def _end_for(self, tag: Tag, reader: Reader) -> None:
        reader.expect_close()
        block = self._open.pop() if self._open else None
        if not isinstance(block, _OpenFor):
            raise template_error(start=tag.start, end=tag.end)
        self.append(For(block.name, block.source, block.body, block.start, tag.end))

    def _push(self, block: _OpenIf | _OpenFor) -> None:
        if len(self._open) == DEEPEST:
            raise template_error(start=block.start, end=block.end)
        self._open.append(block)
