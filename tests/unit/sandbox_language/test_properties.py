"""What holds for every template, whoever wrote it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mailjet_sandbox.language import Rendered, render

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FRAGMENTS = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{%",
            "%}",
            "[[",
            "]]",
            "if",
            "elseif",
            "else",
            "endif",
            "for",
            "endfor",
            "set",
            "in",
            "and",
            "or",
        ),
        *(
            "xor",
            "not",
            "!",
            "div",
            "mod",
            "+",
            "-",
            "*",
            "/",
            "=",
            "==",
            "===",
            "!=",
            "<>",
            "<",
            ">",
            "<=",
            ">=",
            "(",
            ")",
        ),
        *(
            ",",
            ":",
            ".",
            '"',
            "var:x",
            "var:list",
            "var:gone",
            "data:y",
            "mj:contact.email",
            "segment:s",
            "x",
            "x.y",
            "1",
        ),
        *("2.5", "true", "false", '"t"', "Upper", "Round(", "\u00a0", " ", "\n", "€", "{% if true %}", "{% endif %}"),
        *(
            "{% for x in var:list %}",
            "{% endfor %}",
            "{{x}}",
            '[[var:x:"d"]]',
            "{{var:gone}}",
            "\ud800",
            "999999999999999999",
        ),
    ]
)
SOURCES = st.lists(st.one_of(FRAGMENTS, st.text(max_size=4)), max_size=40).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
PLAIN = st.text().filter(lambda text: not any(opener in text for opener in ("{", "[")))


def rendered_with(source: str, **variables: object) -> Rendered:
    return render(source, variables=variables, now=NOW)


@given(source=SOURCES, value=JSON, items=st.lists(JSON, max_size=3), language=st.booleans())
def test_no_template_and_no_value_raises(source: str, value: object, items: list[object], language: bool) -> None:
    contact = {"email": value, "segments": value, "last_opened_at": value}
    rendered = render(source, variables={"x": value, "list": items}, contact=contact, now=NOW, language=language)
    assert isinstance(rendered.output, str)


@given(source=SOURCES)
def test_unresolved_names_stand_where_they_are_said_to(source: str) -> None:
    for unresolved in rendered_with(source, x=1, list=[1, "a"]).unresolved:
        assert source[unresolved.start : unresolved.end] == unresolved.name
        line = source.split("\n")[unresolved.line - 1]
        assert line[unresolved.column - 1 :].startswith(unresolved.name.split("\n")[0])


@given(text=PLAIN)
def test_text_without_tags_is_copied_as_it_is(text: str) -> None:
    assert rendered_with(text) == Rendered(output=text)


@given(before=PLAIN, value=st.text(), after=PLAIN)
def test_a_printed_text_is_inserted_untouched(before: str, value: object, after: str) -> None:
    assert rendered_with(f"{before}{{{{var:x}}}}{after}", x=value) == Rendered(output=f"{before}{value}{after}")


@given(text=st.text().filter(lambda text: '"' not in text))
def test_a_quoted_default_prints_as_it_is_written(text: str) -> None:
    assert rendered_with(f'{{{{var:x:"{text}"}}}}') == Rendered(output=text)


@given(items=st.lists(st.integers(-(2**53), 2**53), max_size=20))
def test_a_loop_prints_every_element_in_order(items: list[object]) -> None:
    output = rendered_with("{% for x in var:all %}{{x}};{% endfor %}", all=items).output
    assert output == "".join(f"{item};" for item in items)


@given(left=st.integers(0, 10**9), middle=st.integers(0, 10**9), right=st.integers(0, 10**6))
def test_whole_numbers_compute_exactly(left: int, middle: int, right: int) -> None:
    assert rendered_with(f"{{{{{left} - {middle} + {left} * {right}}}}}").output == str(left - middle + left * right)


@given(left=st.booleans(), middle=st.booleans(), right=st.booleans())
def test_logic_agrees_with_pythons(left: int, middle: int, right: int) -> None:
    output = rendered_with("{{var:a or not var:b and var:c}}", a=left, b=middle, c=right).output
    assert output == ("true" if left or (not middle and right) else "false")
