"""Cutting uploads into rows, however they arrive in pieces."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.api.row_cutting import elements, lines

LIMIT = 1_000
TOO_LONG = "The row has more than 1000 bytes."
ENDLESS = "The array does not end."
BEHIND = "There is something behind the end of the array."

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def in_pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def cut_lines(*chunks: bytes) -> list[bytes | str]:
    return list(lines(chunks, limit=LIMIT))


def cut_elements(*chunks: bytes) -> list[bytes | str]:
    return list(elements(chunks, limit=LIMIT))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@given(st.lists(json_values, max_size=6), st.integers(1, 40), st.booleans())
def test_an_array_is_cut_into_its_elements(values: list[Any], size: int, is_indented: bool) -> None:
    content = orjson.dumps(values, option=orjson.OPT_INDENT_2 if is_indented else 0)
    cut = elements(in_pieces(content, size), limit=LIMIT)
    assert [orjson.loads(element) for element in cut] == values


@given(st.lists(json_values, max_size=6), st.integers(1, 40))
def test_lines_are_cut_at_their_ends(values: list[Any], size: int) -> None:
    content = b"".join(orjson.dumps(value) + b"\r\n" for value in values)
    assert [orjson.loads(line) for line in lines(in_pieces(content, size), limit=LIMIT)] == values


@given(st.binary(max_size=200), st.integers(1, 10))
def test_no_bytes_break_the_cutting(content: bytes, size: int) -> None:
    for cut in (lines, elements):
        assert all(isinstance(piece, bytes | str) for piece in cut(in_pieces(b"[" + content, size), limit=LIMIT))


def test_the_last_line_needs_no_end() -> None:
    assert cut_lines(b"a\nb") == [b"a", b"b"]
    assert cut_lines(b"a\nb\n") == [b"a", b"b"]
    assert cut_lines(b"") == []


def test_blank_lines_keep_the_count() -> None:
    assert cut_lines(b"a\n\n \nb") == [b"a", b"", b" ", b"b"]


@pytest.mark.parametrize("size", [1, 7, 1_000, 5_000])
def test_a_line_that_is_too_long_fails_alone(size: int) -> None:
    content = b"a\n" + b"x" * 1_001 + b"\n" + b"y" * 1_000 + b"\nb\n" + b"z" * 3_000
    assert cut_lines(*in_pieces(content, size)) == [b"a", TOO_LONG, b"y" * 1_000, b"b", TOO_LONG]


@pytest.mark.parametrize("size", [1, 7, 1_000, 5_000])
def test_an_element_that_is_too_long_fails_alone(size: int) -> None:
    content = b'["a","' + b"x" * 2_000 + b'",{"b":[1,2]}]'
    assert cut_elements(*in_pieces(content, size)) == [b'"a"', TOO_LONG, b'{"b":[1,2]}']


def test_an_empty_array_has_no_elements() -> None:
    assert cut_elements(b" [ \n] ") == []


def test_a_missing_element_is_noticed() -> None:
    assert cut_elements(b"[1,,2]") == [b"1", b"", b"2"]
    assert cut_elements(b"[1,]") == [b"1", b""]


def test_a_wrong_element_does_not_spoil_those_behind_it() -> None:
    assert cut_elements(b'[{"a": oops}, {b}, 1]') == [b'{"a": oops}', b" {b}", b" 1"]


def test_brackets_and_quotes_inside_of_texts_mean_nothing() -> None:
    content = rb'[{"a": "]},{[\"\\"}, "\u005b,"]'
    for size in (1, 2, 3, 100):
        assert cut_elements(*in_pieces(content, size)) == [rb'{"a": "]},{[\"\\"}', rb' "\u005b,"']


@pytest.mark.parametrize("content", [b"[1", b"[1,", b'[1,"a', b'[1,"a\\', b"[1,[2]"])
def test_an_array_that_does_not_end_says_so(content: bytes) -> None:
    assert cut_elements(content) == [b"1", ENDLESS] if b"," in content else [ENDLESS]


@pytest.mark.parametrize("more", [b"]", b"[2]", b",2", b'{"customer_name": "x"}'])
def test_nothing_is_read_behind_the_end(more: bytes) -> None:
    assert cut_elements(b"[1]" + more) == [b"1", BEHIND]
    assert cut_elements(b"[1]", b" ", more, more) == [b"1", BEHIND]


def test_memory_stays_the_same_however_much_comes() -> None:
    def endless() -> Iterable[bytes]:
        yield b"["
        yield from itertools.repeat(b'"a\\"b",[1,{}],' * 100, 200)
        yield b"0]"

    assert sum(1 for _ in elements(endless(), limit=LIMIT)) == 200 * 200 + 1
