"""Templates made to break the parser of the template language: it never raises, and takes time by length only."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.mailjet.language import Reference, SyntaxProblem, parse
from omnicrm.mailjet.language.expressions import MAX_DEPTH

LENGTH = 400_000
SECONDS = 15
"""Of processor time. Each takes one at most; time that grows with the square of the length would take minutes."""

PIECES = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{%",
            "%}",
            "[[",
            "]]",
            "{#",
            "#}",
            "{<b>",
            "<b>",
            "</b>",
            "(",
            ")",
            ",",
            "=",
            "<",
            "-",
            "|",
            ":",
        ),
        *(
            "if",
            "elseif",
            "else",
            "endif",
            "for",
            "in",
            "endfor",
            "set",
            "and",
            "not",
            "!",
            ".",
            '"',
            "'",
            "“",
            "&quot;",
        ),
        *("var:x", "segment:x", "mj:unsub_link", "row", "Upper(", "5", " ", "\n", "\u00a0", "\u2028", "é", "\x00", "١"),
    ]
)


@given(st.text())
def test_no_text_makes_it_raise(source: str) -> None:
    parse(source)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_mixture_of_its_own_words_makes_it_raise(source: str) -> None:
    parsed = parse(source)
    lines = source.split("\n")
    places: tuple[Reference | SyntaxProblem, ...] = (*parsed.references, *parsed.problems, *parsed.notes)
    for place in places:
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1


@given(st.lists(PIECES, max_size=30).map("".join))
def test_what_it_reports_is_one_line_that_a_person_can_print(source: str) -> None:
    parsed = parse(source)
    for problem in (*parsed.problems, *parsed.notes):
        assert problem.what
        assert problem.mend
        assert len(str(problem)) < 400


@pytest.mark.parametrize(
    "unit",
    [
        *("{{", '{{"', '{{"}}', "{{(", "{{var:x}}", "{{<b", "{<a>", "[[", '[[var:x:"', "[[var:x]]", '{{x "a}}b"', "{#"),
        *("{% if true %}", "{% for a in var:b %}", "{% set a = 1 %}", "{{\u00a0var:x}}", "{ ", "\n", '"'),
    ],
)
def test_a_long_template_of_anything_is_read_in_time(unit: str) -> None:
    assert seconds_to_parse(unit * (LENGTH // len(unit))) < SECONDS


@pytest.mark.parametrize(
    "unit", ["(", "!", "-", "a", "a.", "1+", "<b>", "<", "&", '"', '"a" ', " ", "Upper(", "\u00a0"]
)
def test_a_long_tag_of_anything_is_read_in_time(unit: str) -> None:
    assert seconds_to_parse("{{" + unit * (LENGTH // len(unit)) + "}}") < SECONDS


def test_two_megabytes_are_read_in_time() -> None:
    cells = '<td style="width:100%">{{row.title}}</td><td>{% if row.price > 5 %}{{var:currency:"€"}}{% endif %}</td>'
    row = f"<tr>{cells}</tr>\n"
    source = "{% for row in var:rows %}" + row * (2_000_000 // len(row)) + "{% endfor %}"
    assert seconds_to_parse(source) < SECONDS


def seconds_to_parse(source: str) -> float:
    start = time.process_time()
    parse(source)
    return time.process_time() - start


def test_parentheses_may_be_nested_as_deep_as_anyone_writes() -> None:
    assert parse("{{" + "(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH + "}}").problems == ()


@pytest.mark.parametrize("opening", ["(", "Upper("])
def test_deeper_nesting_is_a_problem_and_no_crash(opening: str) -> None:
    (problem,) = parse("{{" + opening * 100_000 + "1" + ")" * 100_000 + "}}").problems
    assert problem.what == "more than 25 parentheses inside one another"


def test_blocks_may_be_nested_without_end() -> None:
    assert parse("{% if true %}" * 10_000 + "{% endif %}" * 10_000).problems == ()


def test_a_name_without_end_is_not_repeated_in_full() -> None:
    (problem,) = parse("{{" + "a" * 100_000 + "}}").problems
    assert len(str(problem)) < 300
