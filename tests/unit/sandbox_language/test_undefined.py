"""The table of defaults and undefined variables, row by row, and what else is said about defaults."""

from collections.abc import Callable

import pytest

from mailjet_sandbox.language import Rendered

Output = Callable[..., str]
RenderWith = Callable[..., Rendered]

ROWS = [
    ("{% if var:t %}YES{% else %}NO{% endif %}", "YES", "NO", None),
    ("{% if var:t:true %}YES{% else %}NO{% endif %}", "YES", "NO", "YES"),
    ("{% if var:t:false %}YES{% else %}NO{% endif %}", "YES", "NO", "NO"),
    ('{{var:t:"N/A"}}', "true", "false", "N/A"),
    ("{{var:t}}", "true", "false", None),
]


@pytest.mark.parametrize(("source", "when_true", "when_false", "when_undefined"), ROWS)
def test_the_table_of_undefined_variables(
    rendering: RenderWith, source: str, when_true: str, when_false: str, when_undefined: str | None
) -> None:
    assert rendering(source, t=True).output == when_true
    assert rendering(source, t=False).output == when_false
    undefined = rendering(source)
    if when_undefined is None:
        assert undefined.errors
        assert undefined.output == source
    else:
        assert (undefined.output, undefined.errors) == (when_undefined, ())


def test_an_empty_text_is_a_value_and_prints_nothing(output: Output) -> None:
    assert output('[{{var:name:"friend"}}]', name="") == "[]"


def test_an_empty_default_must_be_quoted(rendering: RenderWith, output: Output) -> None:
    assert output('[{{var:url:""}}]') == "[]"
    assert rendering("[{{var:url:}}]").errors[0].startswith("expression parsing error ## Access violation ## near ##")


@pytest.mark.parametrize(
    ("default", "printed"),
    [('"N/A"', "N/A"), ("friend", "friend"), ("12", "12"), ("-1.5", "-1.5"), ("true", "true"), ('"a }} b"', "a }} b")],
)
def test_a_default_may_be_text_number_boolean_or_a_bare_word(output: Output, default: str, printed: str) -> None:
    assert output(f"{{{{var:x:{default}}}}}") == printed


def test_a_default_takes_part_in_an_expression(output: Output) -> None:
    assert output("{% if var:count:0 > 3 or var:urgent:true %}now{% endif %}") == "now"


def test_names_are_case_sensitive(rendering: RenderWith) -> None:
    assert rendering("{{var:Name}}", name="x").unresolved[0].name == "var:Name"


def test_a_null_is_as_good_as_nothing(output: Output) -> None:
    assert output('{{var:order.note:"none"}}', order={"note": None}) == "none"


def test_a_member_of_something_that_has_none_is_undefined(rendering: RenderWith) -> None:
    assert rendering("{{var:name.first}}", name="x").unresolved[0].name == "var:name.first"


def test_both_sides_of_and_are_evaluated(rendering: RenderWith) -> None:
    assert rendering("{% if var:a and var:b %}{% endif %}", a=False).unresolved[0].name == "var:b"
