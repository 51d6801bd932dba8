"""Cutting bytes into rows in constant memory: lines of NDJSON, and elements of a JSON array.

Each row comes as its bytes, or as a text that says why it is none; the rows behind it are not touched by that.
"""

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

Piece = bytes | str

_NESTING = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


def lines(chunks: Iterable[bytes], *, limit: int) -> Iterator[Piece]:
    """The lines, blank ones included, of at most `limit` bytes."""
    row = _Row(limit)
    for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield row.ended_by(end)
        row.add(rest)
    if not row.is_blank:
        yield row.ended_by(b"")


def elements(chunks: Iterable[bytes], *, limit: int) -> Iterator[Piece]:
    """The elements of a JSON array, of at most `limit` bytes each.

    Only brackets, commas and quotes are looked at. Whether an element is JSON is judged later, so that a wrong one does
    not spoil those behind it.
    """
    cutter = _ArrayCutter(limit)
    for chunk in chunks:
        yield from cutter.cut(chunk)
    yield from cutter.end()


class _Row:
    """One row being gathered; beyond the limit it is not kept."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._content = bytearray()
        self._is_too_long = False

    def add(self, piece: bytes) -> None:
        self._is_too_long |= len(self._content) + len(piece) > self._limit
        if self._is_too_long:
            self._content.clear()
        else:
            self._content += piece

    def ended_by(self, piece: bytes) -> Piece:
        """The whole row with its last piece. Then the next begins."""
        self.add(piece)
        content = bytes(self._content)
        is_too_long, self._is_too_long = self._is_too_long, False
        self._content.clear()
        return _("The row has more than %(limit)d bytes.") % {"limit": self._limit} if is_too_long else content

    @property
    def is_blank(self) -> bool:
        return not self._is_too_long and not self._content.strip()


class _ArrayCutter:
    _OUTSIDE_TEXT = re.compile(rb'["{}\[\],]')
    _INSIDE_TEXT = re.compile(rb'"|\\.?', re.DOTALL)

    def __init__(self, limit: int) -> None:
        self._row = _Row(limit)
        self._is_first = True
        self._depth = 0
        self._is_in_text = False
        self._skip = 0
        self._has_ended = False

    def cut(self, chunk: bytes) -> Iterator[Piece]:
        """The elements that end in this chunk."""
        start = 0
        for mark in () if self._has_ended else self._marks(chunk):
            before, self._depth = self._depth, self._depth + _NESTING.get(mark.group(), 0)
            if max(before, self._depth) > 1:
                continue  # inside of an element
            if before == 1:
                yield from self._element(chunk[start : mark.start()], is_last=self._depth == 0)
            start = mark.end()
            if self._has_ended:
                break
        self._row.add(chunk[start:])

    def end(self) -> Iterator[Piece]:
        if not self._has_ended:
            yield _("The array does not end.")
        elif not self._row.is_blank:
            yield _("There is something behind the end of the array.")

    def _element(self, last_piece: bytes, *, is_last: bool) -> Iterator[Piece]:
        element = self._row.ended_by(last_piece)
        is_empty_array = is_last and self._is_first and not element.strip()
        self._is_first, self._has_ended = False, is_last
        if not is_empty_array:
            yield element

    def _marks(self, chunk: bytes) -> Iterator[re.Match[bytes]]:
        """Brackets and commas that stand outside of texts."""
        position, self._skip = self._skip, 0
        while mark := (self._INSIDE_TEXT if self._is_in_text else self._OUTSIDE_TEXT).search(chunk, position):
            position = mark.end()
            if mark.group() == b'"':
                self._is_in_text = not self._is_in_text
            elif mark.group() == b"\\":  # what it escapes is in the next chunk
                self._skip = 1
            elif not self._is_in_text:
                yield mark
