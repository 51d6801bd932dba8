from collections.abc import Callable

import pytest

from mailjet_sandbox.language import Rendered

Output = Callable[..., str]
RenderWith = Callable[..., Rendered]

CHOICE = "{% if var:n = 1 %}one{% elseif var:n = 2 %}two{% else %}many{% endif %}"


@pytest.mark.parametrize(("number", "word"), [(1, "one"), (2, "two"), (3, "many")])
def test_the_first_true_branch_is_taken(output: Output, number: int, word: str) -> None:
    assert output(CHOICE, n=number) == word


def test_an_if_without_else_may_print_nothing(output: Output) -> None:
    assert output("[{% if false %}x{% endif %}]") == "[]"


def test_a_branch_that_is_not_taken_is_not_evaluated(output: Output) -> None:
    assert output("{% if false %}{{var:missing}}{% endif %}ok") == "ok"


def test_ifs_nest(output: Output) -> None:
    source = "{% if true %}{% if false %}a{% else %}b{% endif %}{% else %}c{% endif %}"
    assert output(source) == "b"


def test_set_gives_a_name_to_an_expression_and_may_be_repeated(output: Output) -> None:
    assert output("{% set n = 1 %}{% set n = n + 1 %}{{n}}") == "2"


def test_set_reaches_beyond_its_block(output: Output) -> None:
    assert output("{% for x in var:all %}{% set last = x %}{% endfor %}{{last}}", all=[1, 2]) == "2"


def test_a_loop_walks_an_array(output: Output) -> None:
    assert output("{% for x in var:all %}<{{x}}>{% endfor %}", all=["a", 2]) == "<a><2>"


def test_a_loop_over_an_object_yields_its_values_in_order(output: Output) -> None:
    assert output("{% for x in var:all %}{{x}}{% endfor %}", all={"z": 1, "a": 2}) == "12"


def test_loops_nest_over_a_member_of_the_loop_variable(output: Output) -> None:
    source = "{% for row in var:rows %}{{row.title}}:{% for cell in row.cells %}{{cell}}{% endfor %};{% endfor %}"
    assert output(source, rows=[{"title": "A", "cells": [1, 2]}, {"title": "B", "cells": []}]) == "A:12;B:;"


def test_an_inner_loop_gives_the_name_back_to_the_outer_one(output: Output) -> None:
    source = "{% for x in var:a %}{% for x in var:b %}{{x}}{% endfor %}{{x}}{% endfor %}"
    assert output(source, a=[1], b=[2]) == "21"


def test_a_loop_variable_is_unknown_after_the_loop(rendering: RenderWith) -> None:
    assert rendering("{% for x in var:a %}{% endfor %}{{x}}", a=[1]).unresolved[0].name == "x"


def test_an_empty_array_prints_nothing(output: Output) -> None:
    assert output("[{% for x in var:a %}x{% endfor %}]", a=[]) == "[]"


@pytest.mark.parametrize("value", ["text", 3, True])
def test_only_arrays_are_looped_over(rendering: RenderWith, value: object) -> None:
    rendered = rendering("{% for x in var:day %}x{% endfor %}", day=value)
    assert rendered.errors == ('"var:day" is not an array value (line 1, column 13)',)


def test_a_loop_over_nothing_is_an_error(rendering: RenderWith) -> None:
    assert rendering("{% for x in var:day %}x{% endfor %}").errors == ('No value for "var:day" (line 1, column 13)',)


@pytest.mark.parametrize(
    "source",
    [
        "{% if true %}",
        "{% for x in var:a %}",
        "{% endif %}",
        "{% endfor %}",
        "{% else %}",
        "{% elseif true %}",
        "{% if true %}{% endfor %}",
        "{% for x in var:a %}{% endif %}",
        "{% if true %}{% else %}{% else %}{% endif %}",
        "{% if true %}{% else %}{% elseif true %}{% endif %}",
        "{{var:a",
        "{{var:a%}",
        "{% if true }}{% endif %}",
    ],
)
def test_a_template_that_does_not_close_is_not_valid(rendering: RenderWith, source: str) -> None:
    rendered = rendering(source, a=[1])
    assert rendered.errors[0].startswith("not valid template ## near ## ")
    assert rendered.output == source


@pytest.mark.parametrize(
    "source",
    [
        "{% repeat 3 %}",
        "{% if %}x{% endif %}",
        "{% set = 1 %}",
        "{% set a.b = 1 %}",
        "{% set not = 1 %}",
        "{% for x of var:a %}{% endfor %}",
        "{% for x in [1] %}{% endfor %}",
        "{% endif now %}",
        "{{}}",
        "{{var:a var:a}}",
        "{{var:a | upper}}",
        "{{(1}}",
        "{{1 +}}",
        "{{Upper(1,)}}",
        "{{“curly”}}",
        "{{var:a.}}",
        "{{var:a and true AND true}}",
        "{{x:var:a}}",
    ],
)
def test_what_is_no_expression_or_statement_is_an_error(rendering: RenderWith, source: str) -> None:
    rendered = rendering(f"before {source}", a=[1])
    assert rendered.errors[0].startswith("expression parsing error ## ")
    assert rendered.output == f"before {source}"
