"""Two implementations of the template language, written apart, must agree on what belongs to it.

They differ on purpose where Mailjet is silent, and the mixtures below leave this out: the parser refuses a local that
is never set even if it has a default, and an `mj:` name that Mailjet does not supply; it lets FormatNumberLocale pass.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailjet_sandbox.language import Rendered, render
from mailjet_sandbox.language import parse as parse_in_sandbox
from omnicrm.mailjet.language import SyntaxProblem, parse

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
VARIABLES = {
    "n": 5,
    "t": True,
    "s": "text",
    "order": {"total": 12.5, "yo-yo": 1},
    "numbers": [1, 2, 3],
    "rows": [{"title": "A", "price": 1, "bodies": [1, 2]}, {"title": "B", "price": 2, "bodies": []}],
}
PERSON = {"ID": 1, "email": "jo@operator.example", "name": "Jo", "firstname": "Jo"}


def rendered(source: str, *, variables: dict[str, object] | None = None) -> Rendered:
    return render(
        source,
        variables=VARIABLES if variables is None else variables,
        contact=PERSON,
        sender=PERSON,
        template={"ID": 7, "name": "invoice", "copyright": "Operator"},
        now=NOW,
    )


GOOD = [
    "{{var:n}}",
    "{{ var:n }}",
    "{{var:order.total}}",
    "{{var:order.yo-yo}}",
    '{{data:firstname:"there"}}',
    "{{mj:contact.email}} {{mj:sender.domain}} {{mj:template.name}}",
    "{{mj:unsub_link}} {{mj:unsub_link_fr}} {{mj:share_linkedin}}",
    '{{var:absent:"N/A"}}{{var:absent:""}}{{var:absent:defaultvalue}}{{var:absent:0}}',
    "{% if var:absent:true %}YES{% else %}NO{% endif %}",
    "{% if var:absent:false %}YES{% else %}NO{% endif %}",
    '{% if var:n = 5 %}a{% elseif var:n == 6 %}b{% elseif var:s === "x" %}c{% else %}d{% endif %}',
    "{% if var:n <> 5 and not(var:t) or !HasOpenedSince(30) xor var:n >= 3 %}a{% endif %}",
    '{% if segment:vip %}a{% else %}b{% endif %}{{segment:vip}}{{segment:"big spenders"}}',
    "{% set total = var:n + 1 %}{{total}}{% set total = total * 2 %}{{total}}",
    "{% for row in var:rows %}{{row.title}}{% for b in row.bodies %}{{b}}{% endfor %}{% endfor %}",
    "{% for value in var:order %}{{value}}{% endfor %}",
    "{{(var:n mod 2)}}{{7 div 2}}{{var:n / 2 - 1}}",
    '{{Upper(var:s)}}{{Lower("A")}}{{Capitalize(var:s)}}{{Round(2.55, 1)}}{{Int("5")}}',
    '{{UrlEncode("a b")}}{{Escape("<b>")}}{{HasClickedSince(7)}}',
    "[[var:s]][[data:firstname:you]][[UNSUB_LINK_EN]]",
    "a }} b %} c {# d #} {var:n} width:100%}",
]
BAD = [
    "{{var:n",
    "{{var:n:}}",
    "{{\u00a0var:n}}",
    "{{var:s:“x”}}",
    "{{var:s:'x'}}",
    "{{var:s:&quot;x&quot;}}",
    "{{<span>var:n</span>}}",
    "{{var:n|upper}}",
    "{{var:n var:n}}",
    "{{var:n AND true}}",
    "{{var:n && true}}",
    "{{var:n !== 1}}",
    "{{nobody}}",
    "{{Frobnicate(1)}}",
    "{{Round(1)}}",
    "{{mj:nothing}}",
    "{{Upper(segment:vip)}}",
    "{% set x = segment:vip %}",
    "{{}}",
    "{% if var:t %}a",
    "{% if var:t }}a{% endif %}",
    "{% if segment:vip and var:t %}a{% endif %}",
    "{% if var:t %}a{% else %}b{% elseif var:t %}c{% endif %}",
    "{% if var:t %}a{% elif var:t %}b{% endif %}",
    "{% if var:t %}{% for x in var:numbers %}{% endif %}{% endfor %}",
    "{% endif %}",
    "{% for x in var:numbers %}",
    '{% for x in "abc" %}{% endfor %}',
    "{% for x in var:numbers %}{% endfor %}{{x}}",
    "{% set x == 1 %}",
    "{% set true = 1 %}",
    '{% include "x" %}',
    "{%- if var:t %}{% endif %}",
]


@pytest.mark.parametrize("source", GOOD)
def test_both_accept_the_documented_forms(source: str) -> None:
    assert rendered(source).errors == ()
    assert parse(source).problems == ()


@pytest.mark.parametrize("source", BAD)
def test_both_refuse_the_known_mistakes(source: str) -> None:
    assert rendered(source).errors != ()
    assert parse(source).problems != ()


def joined(*parts: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map("".join)


SPACE = st.sampled_from(["", " ", " ", "\n"])
LEAF_NUMBERS = st.sampled_from(
    ["0", "7", "1.5", "var:n", "var:order.total", "var:order.yo-yo", "var:absent:3", "var:n:0", "total", 'total:"0"']
)
NUMBERS = st.recursive(
    LEAF_NUMBERS,
    lambda inner: st.one_of(
        joined(inner, " ", st.sampled_from("+-*"), " ", inner),
        joined(inner, " ", st.sampled_from(["/", "div", "mod"]), " 3"),
        joined("-", inner),
        joined("(", SPACE, inner, SPACE, ")"),
        joined("Round(", inner, SPACE, ",", SPACE, "1)"),
        joined(st.sampled_from(["Int", "INT", "int"]), "(", inner, ")"),
    ),
    max_leaves=4,
)
TEXTS = st.recursive(
    st.sampled_from(
        [
            '"a"',
            '""',
            '"}} %} é’"',
            "var:s",
            'data:firstname:"x"',
            "var:absent:word",
            "mj:contact.email",
            "mj:unsub_link",
        ]
    ),
    lambda inner: joined(st.sampled_from(["Upper", "lower", "UrlEncode", "Escape"]), "(", inner, ")"),
    max_leaves=2,
)
CONDITIONS = st.recursive(
    st.one_of(
        st.sampled_from(["true", "false", "var:t", "var:absent:false", "HasOpenedSince(30)"]),
        joined(NUMBERS, SPACE, st.sampled_from(["<", ">", "<=", ">=", "=", "==", "===", "!=", "<>"]), " ", NUMBERS),
    ),
    lambda inner: st.one_of(
        joined(inner, " ", st.sampled_from(["and", "or", "xor"]), " ", inner),
        joined(st.sampled_from(["not ", "!"]), inner),
        joined("(", inner, ")"),
    ),
    max_leaves=3,
)
LEAVES = st.one_of(
    st.sampled_from(["text", "<p class='a'>é</p>", "}}", "%}", "{ }", "[[var:s]]", '[[data:firstname:"x"]]', "\n"]),
    joined("{{", SPACE, st.one_of(NUMBERS, TEXTS, CONDITIONS), SPACE, "}}"),
    joined("{% set total =", SPACE, NUMBERS, SPACE, "%}"),
)


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    end = joined("{%", SPACE, "endif", SPACE, "%}")
    return st.one_of(
        joined(inner, inner),
        joined("{% if ", CONDITIONS, SPACE, "%}", inner, end),
        joined("{% if segment:vip %}", inner, "{% elseif ", CONDITIONS, " %}", inner, "{% else %}", inner, end),
        joined("{% for item in var:numbers %}{{item * 2}}", inner, "{% endfor %}"),
        joined("{% for row in var:rows %}{{row.title}}{% for item in row.bodies %}", inner, "{% endfor %}{% endfor %}"),
    )


TEMPLATES = joined("{% set total = 1 %}", st.recursive(LEAVES, blocks, max_leaves=5))
WORDS = re.compile(r'"[^"]*"|[\w:.-]+|\{\{|\}\}|\{%|%\}|\s+|.', re.DOTALL)
STRAY_WORDS = st.sampled_from(
    [
        *("{{", "}}", "{%", "%}", "(", ")", ",", ":", "=", "<", "+", "-", "!", "|", "&", ".", '"', '"a"', "5", "[["),
        *("not", "and", "in", "if", "else", "elseif", "endif", "endfor", "for item in var:numbers", "set total = 1"),
        *(
            "{% endif %}",
            "{% else %}",
            "{% endfor %}",
            "var:n",
            "total",
            "segment:vip",
            'segment:"a b"',
            "Upper(",
            "\u00a0",
            "“",
            "<b>",
        ),
    ]
)

VALUE_ERROR = re.compile("is not a number|Division by zero|not an array value|Unknown identifier|No value for")
"""What no parser can see: the values, and whether the branch that sets a local was taken."""


def mutated(template: str, place: float, replaced: int, by: Sequence[str]) -> str:
    words = WORDS.findall(template)
    start = int(place * len(words))
    return "".join([*words[:start], *by, *words[start + replaced :]])


MUTANTS = st.builds(
    mutated,
    TEMPLATES,
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 2),
    st.lists(STRAY_WORDS, max_size=2),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(TEMPLATES)
def test_both_accept_whatever_is_put_together_by_the_rules(source: str) -> None:
    assert rendered(source).errors == ()
    assert parse(source).problems == ()


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(MUTANTS)
def test_both_draw_the_same_line_through_templates_with_a_mistake(source: str) -> None:
    refused = [problem for problem in parse(source).problems if is_grammar(problem)]
    assert (parse_in_sandbox(source).error is None) == (refused == [])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(MUTANTS)
def test_only_values_can_fail_in_a_template_that_the_parser_accepts(source: str) -> None:
    if not parse(source).problems:
        assert [error for error in rendered(source).errors if not VALUE_ERROR.search(error)] == []


def is_grammar(problem: SyntaxProblem) -> bool:
    """The sandbox looks for names and functions only while it renders."""
    return re.search("is not set|there is no function|takes . value|supplies no", problem.what) is None


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(TEMPLATES)
def test_every_name_that_the_sandbox_misses_is_a_reference_without_default(source: str) -> None:
    missed = {unresolved.name for unresolved in rendered(source, variables={}).unresolved if ":" in unresolved.name}
    assert missed <= {reference.name for reference in parse(source).references if not reference.has_default}
