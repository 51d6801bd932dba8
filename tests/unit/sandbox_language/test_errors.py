from collections.abc import Callable

import pytest

from mailjet_sandbox.language import Rendered, parse

Output = Callable[..., str]
RenderWith = Callable[..., Rendered]


def test_an_error_says_what_and_where(rendering: RenderWith) -> None:
    rendered = rendering("Hello\n  {{var:day}}!")
    assert rendered.errors == (
        "expression parsing error ## Unknown identifier: var:day ## near ## {{var:day ## (line 2, column 5)",
    )


def test_a_local_is_named_without_prefix(rendering: RenderWith) -> None:
    assert "Unknown identifier: row.day ## near ## {{ row.day ##" in rendering("{{ row.day }}").errors[0]


def test_a_failing_tag_stays_as_it_was_written_and_the_rest_is_rendered(rendering: RenderWith) -> None:
    assert rendering("{{var:a}}, {{var:b}}, {{var:a}}", a=1).output == "1, {{var:b}}, 1"


def test_a_failing_condition_leaves_its_whole_block(rendering: RenderWith) -> None:
    source = "{% if var:x %}{{var:a}}{% endif %}"
    assert rendering(f"{source}{{{{var:a}}}}", a=1).output == f"{source}1"


def test_a_template_that_cannot_be_read_stays_as_it_was_written(rendering: RenderWith) -> None:
    assert rendering("{{var:a}} {{", a=1).output == "{{var:a}} {{"


def test_an_error_in_a_loop_is_told_once(rendering: RenderWith) -> None:
    rendered = rendering("{% for x in var:all %}{{x.name}}{% endfor %}", all=[{}, {}, {}])
    assert len(rendered.errors) == len(rendered.unresolved) == 1
    assert rendered.output == "{{x.name}}" * 3


def test_unresolved_names_where_they_stand(rendering: RenderWith) -> None:
    source = "Hello\n  {{var:day}} {% if data:vip %}{% endif %}"
    found = [
        (each.name, source[each.start : each.end], each.line, each.column) for each in rendering(source).unresolved
    ]
    assert found == [("var:day", "var:day", 2, 5), ("data:vip", "data:vip", 2, 21)]


def test_a_default_leaves_nothing_unresolved(rendering: RenderWith) -> None:
    assert rendering('{{var:day:"today"}}').unresolved == ()


@pytest.mark.parametrize("tag", ["{{\u00a0var:a}}", "{{var:a\u00a0}}", "{%\u00a0if var:a %}{% endif %}"])
def test_a_no_break_space_in_a_tag_is_an_error(rendering: RenderWith, tag: str) -> None:
    assert "U+00A0 (no-break space)" in rendering(tag, a=1).errors[0]


def test_a_no_break_space_in_text_and_in_quotes_is_fine(output: Output) -> None:
    assert output('5\u00a0€ {{var:x:"6\u00a0€"}}') == "5\u00a0€ 6\u00a0€"


def test_a_parsed_template_tells_which_variables_it_reads() -> None:
    template = parse('{% for row in var:rows %}{{row.id}}{% endfor %}{{Upper(var:a:"x")}}[[data:b]]')
    assert [(reference.name, reference.default) for reference in template.references] == [
        ("var:rows", None),
        ("row.id", None),
        ("var:a", "x"),
        ("data:b", None),
    ]
