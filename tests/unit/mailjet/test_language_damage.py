"""Tags that an editor of HTML or a word processor has damaged: the parser says what happened, and reads on."""

import pytest

from omnicrm.mailjet.language import parse

DAMAGED = [
    ("{{<span>var:x</span>}}", 3, "HTML stands inside the tag", "{{var:x}}"),
    ('{{<b style="color: red">var:x</b>:"d"}}', 3, "HTML stands inside the tag", '{{var:x:"d"}}'),
    ("{{var:<br />x}}", 7, "HTML stands inside the tag", "{{var:x}}"),
    ("{%<b> if var:x</b> %}{% endif %}", 3, "HTML stands inside the tag", "{% if var:x %}"),
    ("{{\u00a0var:x\u00a0}}", 3, "a no-break space", "{{ var:x }}"),
    ("{% if\u00a0var:x %}{% endif %}", 6, "a no-break space", "{% if var:x %}"),
    ("{% if var:x\u202f= 1 %}{% endif %}", 12, "a no-break space", "{% if var:x = 1 %}"),
    ("{{var:\u200bx}}", 7, "an invisible character", "{{var:x}}"),
    ("{{&nbsp;var:x}}", 3, "an HTML entity", "{{ var:x}}"),
    ("{{var:x:&quot;d&quot;}}", 9, "an HTML entity", '{{var:x:"d"}}'),
    ("{% if var:x &gt; 3 %}{% endif %}", 13, "an HTML entity", "{% if var:x > 3 %}"),
    ("{{var:x:&#34;d&#x22;}}", 9, "an HTML entity", '{{var:x:"d"}}'),
    ("{{var:x:“d”}}", 9, "curly quotes", '{{var:x:"d"}}'),
    ("{{var:x:«d»}}", 9, "curly quotes", '{{var:x:"d"}}'),
    ("{{var:x:'d'}}", 9, "single quotes", '{{var:x:"d"}}'),
]


@pytest.mark.parametrize(("source", "column", "what", "mended"), DAMAGED)
def test_damage_is_one_problem_that_shows_the_mended_tag(source: str, column: int, what: str, mended: str) -> None:
    (problem,) = parse(source).problems
    assert problem.column == column
    assert what in problem.what
    assert problem.mend.endswith(f": {mended}")


@pytest.mark.parametrize(("source", "_column", "_what", "mended"), DAMAGED)
def test_the_mended_tag_has_no_problem(source: str, _column: int, _what: str, mended: str) -> None:
    end = "{% endif %}" if source.startswith("{%") else ""
    assert parse(mended + end).problems == ()


@pytest.mark.parametrize(("source", "_column", "_what", "_mended"), DAMAGED)
def test_a_damaged_tag_still_counts_as_a_use_of_its_name(source: str, _column: int, _what: str, _mended: str) -> None:
    assert {reference.name for reference in parse(source).references} == {"var:x"}


def test_each_kind_of_damage_is_reported_once() -> None:
    problems = parse("{{\u00a0<b>Upper</b>(\u00a0<i>“x”</i>)}}").problems
    assert [problem.column for problem in problems] == [3, 4, 21]


def test_a_mistake_behind_the_damage_is_reported_too() -> None:
    what = [problem.what for problem in parse("{{<b>Uper(var:x)</b>}}").problems]
    assert what == ['there is no function "Uper"', "HTML stands inside the tag"]


def test_a_long_tag_is_not_repeated_in_full() -> None:
    (problem,) = parse("{{<b>" + " + ".join(["var:x"] * 20) + "</b>}}").problems
    assert problem.mend == "take it out in the source view"


@pytest.mark.parametrize("text", ["<b>d</b>", "d\u00a0€", "&nbsp;", "“d”", "l'été"])
def test_between_double_quotes_all_of_it_is_fine(text: str) -> None:
    assert parse(f'{{{{var:x:"{text}"}}}}').problems == ()


def test_between_double_quotes_it_is_not_blamed_for_another_mistake() -> None:
    (problem,) = parse('{{Uper("l\u00a0“été” <b>")}}').problems
    assert problem.what == 'there is no function "Uper"'


def test_a_tag_that_is_never_closed_does_not_swallow_the_style_sheet() -> None:
    parsed = parse("<p>{{var:x</p><style>@media print{.a{color:red}}</style>{{var:y}}")
    (problem,) = parsed.problems
    assert (problem.column, problem.what) == (4, "HTML follows {{ before it is closed")
    assert [reference.name for reference in parsed.references] == ["var:x", "var:y"]


@pytest.mark.parametrize("source", ["{<b>{var:x}</b>}", "<i>{</i><b>{</b>var:x}}", "{<!-- -->% if var:x %}"])
def test_braces_torn_apart_are_text_and_get_a_note(source: str) -> None:
    parsed = parse(source)
    assert parsed.problems == ()
    assert parsed.references == ()
    assert [note.what for note in parsed.notes] == ["HTML stands between the two braces: this is text, not a tag"]
