"""What the parser of the template language accepts and what it reports, where, and how it says to mend it."""

import pytest

from omnicrm.mailjet.language import SyntaxProblem, parse
from omnicrm.mailjet.language.findings import MAX_PROBLEMS

GOOD = [
    "",
    "no tag at all",
    "a }} b %} c ]] { } { %",
    "<style>@media print{.a{width:100%}}</style>",
    "{{var:x}}",
    "{{ var:x }}",
    "{{\tvar:x\r\n}}",
    '{{data:firstname:"there"}}',
    "{{var:order.customer.name}}",
    "{{var:background-url}}",
    "{{var:prénom}}",
    '{{var:x:""}}',
    "{{var:x:5}}",
    "{{var:x:-1.5}}",
    "{{var:x:true}}",
    "{{var:x:defaultvalue}}",
    '{{var:x:"}}"}}',
    '{{var:x:"10\u00a0€ “net”"}}',
    "{{mj:contact.email}}{{mj:contact.city}}{{mj:sender.local_part}}{{mj:template.ID}}",
    "{{mj:unsub_link}}{{mj:unsub_link_fr}}{{mj:share_twitter}}",
    '{{"text"}}{{5}}{{1.5}}{{true}}{{-5}}',
    "{{var:a + var:b * 2 - 1 / 4}}",
    "{{(var:a mod 2) + (var:a div 2)}}",
    "{{5-3}}",
    "{{Upper(var:x)}}{{UPPER(var:x)}}{{Round(var:x, 2)}}{{Capitalize(Lower(var:x))}}",
    "{% if var:a %}a{% endif %}",
    "{%if(var:a)%}a{%endif%}",
    "{% if var:a = 1 or var:a == 1 or var:a === 1 %}a{% endif %}",
    "{% if var:a != 1 and var:a <> 2 xor var:a >= 3 %}a{% endif %}",
    '{% if var:a > 1 and (var:b < 2 or not var:c) %}a{% elseif var:c = "x" %}b{% else %}c{% endif %}',
    "{% if not(var:x) %}a{% endif %}{% if !HasOpenedSince(30) %}b{% endif %}",
    "{{segment:vip}}",
    "{% if segment:vip %}a{% elseif segment:123 %}b{% endif %}",
    '{% if segment:"big spenders" %}a{% endif %}',
    "{% for row in var:rows %}{{row.title}}{% endfor %}",
    "{% for row in var:rows %}{% for b in row.bodies %}{{b}}{{row.title}}{% endfor %}{% endfor %}",
    "{% set yo-yo = var:x + 1 %}{{yo-yo}}{% set yo-yo = true %}",
    '{% for row in var:rows %}{% set last = row.title %}{% endfor %}{{last}}{{last:"none"}}',
]

BAD = [
    ("{{var:x", 1, "{{ is not closed", "close it with }}"),
    ("{{var:x and {{var:y}}", 1, "{{ is not closed", "before the next tag"),
    ("{% if var:x", 1, "{% is not closed", "close it with %}"),
    ("{{var:x %}", 9, "{{ is closed by %}", "write }}"),
    ("{% if var:x }}{% endif %}", 13, "{% is closed by }}", "write %}"),
    ("{{}}", 3, "a value is missing", "before"),
    ("{{1 +}}", 6, "a value is missing", "before"),
    ("{{* 1}}", 3, 'a value is missing before "*"', "a name, a number"),
    ("{{{var:x}}}", 3, "a tag stands inside a tag", "without braces"),
    ("{{(1}}", 5, "a parenthesis is not closed", "write )"),
    ("{{var:x:}}", 8, "a colon without a default", 'write var:x:""'),
    ('<a href="{{var:url:}}">', 19, "a colon without a default", 'write var:url:""'),
    ("{{var:}}", 3, "no name follows var:", "without spaces"),
    ('{{var:x :"a"}}', 9, '":" is not expected', "right after the name"),
    ("{{var:x:foo bar}}", 13, '"bar" is not expected', "between double quotes"),
    ("{{var:x:N/A}}", 11, '"A" is not set', "set it first"),
    ('{{var:x:"abc}} and <a href="x">', 9, "this text is not closed", 'close it with "'),
    ('{{var:x:"abc}}', 9, "this text is not closed", 'close it with "'),
    ("{{var:x var:y}}", 9, '"var:y" is not expected', "operator"),
    ("{{var:x.}}", 8, "a full stop without a name", "var:name.part"),
    ("{{var:rows[0]}}", 11, "by its number", "for"),
    ("{{Uper(var:x)}}", 3, 'no function "Uper"', "did you mean Upper?"),
    ("{{Frobnicate(var:x)}}", 3, 'no function "Frobnicate"', "there are Upper, Lower"),
    ("{{Round(var:x)}}", 3, "Round takes 2 values, 1 given", "write Round(…, …)"),
    ("{{Upper()}}", 3, "Upper takes 1 value, 0 given", "write Upper(…)"),
    ("{{var:x|upper}}", 8, "there is no |", "Upper(…)"),
    ("{{var:a && var:b}}", 9, "there is no &&", "write and"),
    ("{{var:a || var:b}}", 9, "there is no ||", "write or"),
    ("{{var:a AND var:b}}", 9, '"AND" is not expected', "write and, in lower case"),
    ("{{TRUE}}", 3, '"TRUE" is not set', "write true, in lower case"),
    ("{{var:a !== 1}}", 9, "there is no !==", "write !="),
    ("{{var:a =< 1}}", 9, "there is no =<", "write <="),
    ("{{var:a => 1}}", 9, "there is no =>", "write >="),
    ("{{var:a % 2}}", 9, "there is no %", "write mod"),
    ("{{1 + not var:a}}", 7, "not cannot follow", "parentheses"),
    ("{{customer_name}}", 3, '"customer_name" is not set', "write var:customer_name"),
    ("{{Var:x}}", 3, '"Var" is not set', "write var:name, in lower case"),
    ("{{mj:unsublink}}", 3, "Mailjet supplies no mj:unsublink", "did you mean mj:unsub_link?"),
    ("{{Upper(segment:vip)}}", 9, "a segment can only stand alone", "one if inside the other"),
    ("{% if segment:a and var:x %}{% endif %}", 17, "a segment can only stand alone", "one if inside the other"),
    ("{% if not segment:a %}{% endif %}", 11, "a segment can only stand alone", "one if inside the other"),
    ("{% if %}{% endif %}", 7, "a value is missing", "before"),
    ("a{% if var:x %}b", 2, "if is never closed", "write {% endif %}"),
    ("{% for a in var:b %}", 1, "for is never closed", "write {% endfor %}"),
    ("{% endif %}", 1, "endif closes nothing", "open it with if"),
    ("{% endfor %}", 1, "endfor closes nothing", "open it with for"),
    ("{% else %}", 1, "no open if", "between if and endif"),
    ("{% if 1 %}{% else %}{% elseif 2 %}{% endif %}", 21, "elseif comes after else", "put else last"),
    ("{% if 1 %}{% else %}{% else %}{% endif %}", 21, "else comes after else", "only once"),
    ("{% for a in var:b %}{% else %}{% endfor %}", 21, "no open if", "between if and endif"),
    ("{% if 1 %}{% else if 2 %}{% endif %}", 19, "else is followed by a condition", "write elseif"),
    ("{% if 1 %}{% elif 2 %}{% endif %}", 14, 'no statement "elif"', "write elseif"),
    ("{% if 1 %}{% end if %}", 14, 'no statement "end"', "write endif"),
    ("{% IF 1 %}{% endif %}", 4, 'no statement "IF"', "write if"),
    ('{% include "x" %}', 4, 'no statement "include"', "there are if, elseif"),
    ("{% var:x %}", 4, '"var:x" is no statement', "to print it, write {{var:x}}"),
    ("{% %}", 4, "a statement is missing", "there are if"),
    ("{{#if var:x}}", 3, "# does not begin a statement", "{% if"),
    ("{%- set a = 1 %}", 3, "a hyphen stands at the edge", "take it away"),
    ("{% if 1 -%}{% endif %}", 9, "a hyphen stands at the edge", "take it away"),
    ("{% for a of var:b %}{% endfor %}", 10, "for needs in here", "for a in var:name"),
    ('{% for a in "abc" %}{% endfor %}', 13, "a loop needs a list", "var:name, data:name"),
    ("{% for a in mj:contact %}{% endfor %}", 13, "a loop needs a list", "var:name, data:name"),
    ("{% for in var:b %}{% endfor %}", 8, '"in" cannot be given a value', "letters"),
    ("{% for a in nobody %}{% endfor %}", 13, '"nobody" is not set', "var:nobody"),
    ("{% set a.b = 1 %}", 8, '"a.b" cannot be given a value', "letters"),
    ("{% set a == 1 %}", 10, "set needs = here", "set a ="),
    ("{% set a = a + 1 %}", 12, '"a" is not set', "set it first"),
    ("{% for a in var:b %}{% endfor %}{{a}}", 35, '"a" is not set', "set it first"),
]

NOTED = [
    ("[[var:x]]", "older form", "write {{var:x}}"),
    ("[[data:x:you]]", "older form", 'write {{data:x:"you"}}'),
    ("[[UNSUB_LINK_FR]]", "older form", "write {{mj:unsub_link_fr}}"),
    ("[[var:x}}", "this is text, not a tag", "write {{var:name"),
    ("{var:x}", "a single brace is text", "write two braces"),
    ("{# aside #}", "Mailjet has no comments", "take it out"),
    ("{{mj:permalink}}", "withdrew mj:permalink", "take it out"),
    ("{{FormatNumberLocale(5)}}", "FormatNumberLocale is not documented", "try it"),
    ("{% set a = 1 %}{{var:x:N/a}}", "a default without quotes ends at /", 'between quotes: "N/…"'),
    ('{% for a in var:b:"" %}{% endfor %}', "a default does not help a loop", "always send the list"),
]


def only(problems: tuple[SyntaxProblem, ...]) -> SyntaxProblem:
    (problem,) = {problem.column: problem for problem in problems}.values()
    return problem


@pytest.mark.parametrize("source", GOOD)
def test_what_mailjet_documents_is_accepted_without_a_word(source: str) -> None:
    parsed = parse(source)
    assert parsed.problems == ()
    assert parsed.notes == ()


@pytest.mark.parametrize(("source", "column", "what", "mend"), BAD)
def test_a_mistake_is_reported_at_its_place_with_how_to_mend_it(source: str, column: int, what: str, mend: str) -> None:
    problem = parse(source).problems[0]
    assert (problem.line, problem.column) == (1, column)
    assert what in problem.what
    assert mend in problem.mend


@pytest.mark.parametrize(("source", "what", "mend"), NOTED)
def test_what_works_but_is_hardly_meant_is_a_note_and_no_problem(source: str, what: str, mend: str) -> None:
    parsed = parse(source)
    assert parsed.problems == ()
    assert what in only(parsed.notes).what
    assert mend in only(parsed.notes).mend


@pytest.mark.parametrize("source", ["[[a]]", "[[ var:x ]]", "<![CDATA[[x]]>", "a[[0]]"])
def test_double_brackets_around_anything_else_are_text(source: str) -> None:
    assert parse(source).notes == ()


def test_lines_and_columns_count_from_one() -> None:
    problem = only(parse("<p>\r\n  é {{nobody}}\n</p>").problems)
    assert (problem.line, problem.column) == (2, 7)


def test_a_problem_reads_as_one_line() -> None:
    problem = only(parse("\n {{var:x:}}").problems)
    assert str(problem) == 'line 2, column 9: a colon without a default; write var:x:"" or take the colon away'


@pytest.mark.parametrize(
    "source",
    [
        '{% for row in "abc" %}{{row.title}}{% endfor %}',
        "{% if && %}a{% else %}b{% endif %}",
        "{% set a = %}{{a}}",
        "{% foreach row in var:rows %}{{row}}{% endfor %}",
        "{% if 1 %}a{% elif 2 %}b{% else %}c{% endif %}",
        "{% if 1 %}{% for a in var:b %}{% endif %}",
        "{%- if 1 %}{% endif %}",
    ],
)
def test_one_mistake_is_reported_once(source: str) -> None:
    assert len(parse(source).problems) == 1


def test_several_mistakes_are_reported_in_the_order_of_the_source() -> None:
    problems = parse("{% if 1 %}\n{{a}}\n{{Foo(1)}}\n{{var:x").problems
    assert [problem.line for problem in problems] == [1, 2, 3, 4]


def test_reading_stops_after_a_hundred_problems_and_says_so() -> None:
    problems = parse("{{a}}\n" * 500).problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].line == MAX_PROBLEMS + 1
    assert problems[-1].what == "and more from here on"
