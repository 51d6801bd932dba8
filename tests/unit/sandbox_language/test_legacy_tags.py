from collections.abc import Callable

import pytest

from mailjet_sandbox.language import Rendered

Output = Callable[..., str]
RenderWith = Callable[..., Rendered]


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ('[[var:name:"friend"]]', "friend"),
        ("[[var:name:dear customer]]", "dear customer"),
        ('[[data:firstname:""]]', ""),
        ("[[var:order.id]]", "7"),
        ("[[UNSUB_LINK_FR]]", "https://mailjet.invalid/unsubscribe/fr"),
    ],
)
def test_square_brackets_print_a_value_or_its_default(output: Output, source: str, printed: str) -> None:
    assert output(source, order={"id": 7}) == printed


def test_without_value_and_default_they_print_nothing_and_say_so(rendering: RenderWith) -> None:
    rendered = rendering("a [[var:name]] b")
    assert (rendered.output, rendered.errors) == ("a  b", ())
    assert [unresolved.name for unresolved in rendered.unresolved] == ["var:name"]


@pytest.mark.parametrize("source", ["[[name]]", "[[ var:name ]]", "[[var:]]", "a[[0]]", "[[var:a", "[[VAR:a]]"])
def test_other_double_brackets_are_text(output: Output, source: str) -> None:
    assert output(source, name="x") == source
