from collections.abc import Callable

import pytest

from mailjet_sandbox.language import Rendered

Output = Callable[..., str]
RenderWith = Callable[..., Rendered]


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("10 / 4", "2.5"),
        ("10 / 5", "2"),
        ("-7 div 2", "-3"),
        ("(7 mod 3)", "1"),
        ("-7 mod 3", "-1"),
        ("0.1 + 0.2", "0.3"),
        ("-(2 + 1)", "-3"),
        ("9007199254740993 + 1", "9007199254740994"),
        ("9223372036854775807 + 1", "9.22337203685478e+18"),
        ('"12" * 2', "24"),
        ('"a" + "b"', "ab"),
    ],
)
def test_arithmetic(output: Output, expression: str, printed: str) -> None:
    assert output(f"{{{{{expression}}}}}") == printed


@pytest.mark.parametrize("sign", ["=", "==", "==="])
def test_equality_has_three_spellings(output: Output, sign: str) -> None:
    assert output(f'{{{{var:plan {sign} "fibre"}}}}', plan="fibre") == "true"


@pytest.mark.parametrize("sign", ["!=", "<>"])
def test_inequality_has_two_spellings(output: Output, sign: str) -> None:
    assert output(f"{{{{1 {sign} 2}}}}") == "true"


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("2 > 1", "true"),
        ("2 >= 2", "true"),
        ("1 < 1", "false"),
        ("2 <= 1", "false"),
        ('"9" < 10', "true"),
        ('"a" < "b"', "true"),
        ('1 = "1.0"', "true"),
        ('1 = "one"', "false"),
        ('true = "true"', "true"),
    ],
)
def test_comparison(output: Output, expression: str, printed: str) -> None:
    assert output(f"{{{{{expression}}}}}") == printed


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("true or false and false", "true"),
        ("(true or false) and false", "false"),
        ("true xor true", "false"),
        ("not false", "true"),
        ("not 1 = 2", "true"),
        ("not(true)", "false"),
        ("!true", "false"),
        ("not not true", "true"),
    ],
)
def test_logic_and_its_ranks(output: Output, expression: str, printed: str) -> None:
    assert output(f"{{{{{expression}}}}}") == printed


@pytest.mark.parametrize("empty", [0, 0.0, "", [], {}, False])
def test_nothing_is_false(output: Output, empty: object) -> None:
    assert output("{% if var:x %}yes{% else %}no{% endif %}", x=empty) == "no"


def test_a_hyphen_without_spaces_belongs_to_the_name(output: Output) -> None:
    assert output("{{var:a-b}} {{var:a - var:b}}", **{"a-b": "one name", "a": 5, "b": 3}) == "one name 2"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (True, "true"),
        (12, "12"),
        (12.50, "12.5"),
        (3.0, "3"),
        ([1, {"a": "é"}], '[1,{"a":"é"}]'),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_values_print_as_json_does_except_text(output: Output, value: object, printed: str) -> None:
    assert output("{{var:x}}", x=value) == printed


def test_values_are_inserted_raw(output: Output) -> None:
    assert output("<p>{{var:name}}</p>", name="<b>Zoé & co</b> {{var:x}}") == "<p><b>Zoé & co</b> {{var:x}}</p>"


@pytest.mark.parametrize(
    ("call", "printed"),
    [
        ('Upper("été")', "ÉTÉ"),
        ('lower("ABC")', "abc"),
        ('Capitalize("jean martin")', "Jean martin"),
        ("Round(2.345, 2)", "2.35"),
        ("Round(2.5, 0)", "3"),
        ("Round(-2.5, 0)", "-3"),
        ('Int("3.9")', "3"),
        ('UrlEncode("a b&é/")', "a%20b%26%C3%A9%2F"),
        ('Escape("<b>")', "&lt;b&gt;"),
        ('Upper(Lower("Ab") + "c")', "ABC"),
    ],
)
def test_functions(output: Output, call: str, printed: str) -> None:
    assert output(f"{{{{{call}}}}}") == printed


@pytest.mark.parametrize(
    ("expression", "detail"),
    [
        ("1 / 0", "Division by zero"),
        ("1 mod 0", "Division by zero"),
        ('"a" > 1', '"a" is not a number'),
        ("var:list = 1", "An array cannot be compared"),
        ("Upper(var:list)", "An array is no text"),
        ("Nope(1)", "Unknown function: Nope"),
        ("Upper()", "Upper takes 1 arguments, 0 given"),
        ("Round(1.5, 99)", "Round takes 0 to 15 decimals"),
    ],
)
def test_what_cannot_be_computed_says_why(rendering: RenderWith, expression: str, detail: str) -> None:
    rendered = rendering(f"{{{{{expression}}}}}", list=[1])
    assert rendered.errors[0].startswith(f"expression parsing error ## {detail} ## near ##")
