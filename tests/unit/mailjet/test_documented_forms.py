"""Every form that Mailjet's public guides and templating samples use, in examples of our own.

The linter's parser finds nothing wrong with any of them, and the sandbox prints what the documentation says. How sure
that is stands with each group: stated (in Mailjet's guide or reference), sampled (in its repository of samples only),
unconfirmed (no source says what comes out).
"""

from datetime import UTC, datetime, timedelta

import pytest

from mailjet_sandbox.language import render
from omnicrm.mailjet.language import parse

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
VARIABLES = {
    "plan": "fibre",
    "is_new": True,
    "is_late": False,
    "note": "",
    "amount": 19.5,
    "months": 7,
    "site": {"city": "Lyon", "map": {"zoom": 3}},
    "lines": [{"title": "Line", "prices": [5, 6]}, {"title": "Router", "prices": [1]}],
    "mixed": [1, True, "Mobile"],
    "by_name": {"first": 1, "second": True, "third": "Mobile"},
    "grid": [[{"id": 1}, {"id": 2}], [{"id": 3}]],
}
CONTACT = {
    "ID": 12,
    "email": "mia@home.example",
    "name": "Mia",
    "city": "Lyon",
    "age": 41,
    "segments": {"loyal", "31", "big spenders"},
    "last_opened_at": NOW - timedelta(days=40),
}
SENDER = {"ID": 3, "email": "billing@operator.example", "name": "Billing"}
TEMPLATE = {"ID": 7, "name": "invoice", "copyright": "Operator"}

STATED = [
    ("{{var:plan}} {{ var:plan }} {{\nvar:plan\n}}", "fibre fibre fibre"),
    ('{{var:absent:"your plan"}}|{{var:absent:plan}}|{{var:absent:""}}|{{var:absent:0}}', "your plan|plan||0"),
    ('{{var:is_new:"N/A"}}|{{var:is_late:"N/A"}}|{{var:absent:"N/A"}}', "true|false|N/A"),
    ("{% if var:is_new:false %}YES{% else %}NO{% endif %}", "YES"),
    ("{% if var:is_late:true %}YES{% else %}NO{% endif %}", "NO"),
    ("{% if var:absent:true %}YES{% else %}NO{% endif %}", "YES"),
    ("{% if var:absent:false %}YES{% else %}NO{% endif %}", "NO"),
    ("{{ var:site.city }} {{ var:site.map.zoom }}", "Lyon 3"),
    ('{{data:city}} {{data:absent:"there"}}', "Lyon there"),
    ("{{mj:contact.ID}} {{mj:contact.email}} {{mj:contact.local_part}}", "12 mia@home.example mia"),
    ("{{mj:contact.domain}} {{mj:contact.name}} {{mj:contact.data.city}}", "home.example Mia Lyon"),
    ("{{mj:sender.ID}} {{mj:sender.email}} {{mj:sender.local_part}}", "3 billing@operator.example billing"),
    ("{{mj:sender.domain}} {{mj:sender.name}}", "operator.example Billing"),
    ("{{mj:template.ID}} {{mj:template.name}} {{mj:template.copyright}}", "7 invoice Operator"),
    ("{% if segment:loyal %}in{% else %}out{% endif %}", "in"),
    ("{% if segment:new %}in{% elseif segment:31 %}by number{% endif %}", "by number"),
    ("{{segment:loyal}} {{segment:31}} {{segment:new}}", "true true false"),
    ("{{1 + 2}} {{5 - 2}} {{2 * 3}} {{7 / 2}} {{(7 div 2)}} {{(7 mod 2)}}", "3 3 6 3.5 3 1"),
    ("{{2 > 1}} {{2 < 1}} {{2 >= 2}} {{1 <= 0}}", "true false true false"),
    ("{{1 = 1}} {{1 == 1}} {{1 === 2}} {{1 != 2}} {{1 <> 1}}", "true true false true false"),
    ("{{true and false}} {{true or false}} {{true xor true}} {{not false}}", "false true false true"),
    ('{{Upper("abc")}} {{Lower("ABC")}} {{Capitalize("two words")}}', "ABC abc Two words"),
    ('{{Round(2.345, 2)}} {{Int(7.9)}} {{UrlEncode("a b&c")}}', "2.35 7 a%20b%26c"),
    ("{% if HasOpenedSince(60) %}y{% endif %}{% if HasClickedSince(60) %}n{% endif %}", "y"),
    ("{% if data:age > 45 %}a{% elseif data:age >= 18 %}b{% else %}c{% endif %}", "b"),
    ("{% if var:is_new %}{% if var:is_late %}x{% else %}y{% endif %}{% endif %}", "y"),
    ('{% set pay-by = "card" %}{{ pay-by }}{% set pay-by = "debit" %}, {{ pay-by }}', "card, debit"),
    ("{% set a = 1 %}{% set b = 2.5 %}{% set c = true %}{{a}} {{b}} {{c}}", "1 2.5 true"),
    ("{% set a = var:plan %}{% set b = data:city %}{{a}} {{b}}", "fibre Lyon"),
    ("{% set months = 1 %}{% if months >= 1 %}yes{% endif %}", "yes"),
    ("{% for value in var:mixed %}<li>{{value}}</li>{% endfor %}", "<li>1</li><li>true</li><li>Mobile</li>"),
    ("{% for value in var:by_name %}<li>{{value}}</li>{% endfor %}", "<li>1</li><li>true</li><li>Mobile</li>"),
    (
        "{% for line in var:lines %}{{ line.title }}:{% for x in line.prices %}{{ x }} {% endfor %}{% endfor %}",
        "Line:5 6 Router:1 ",
    ),
    (
        "{% for x1 in var:mixed %}{{ x1 }}{% for x2 in var:by_name %}.{{ x2 }}{% endfor %} {% endfor %}",
        "1.1.true.Mobile true.1.true.Mobile Mobile.1.true.Mobile ",
    ),
    ("[[var:plan]] [[data:city]] [[var:absent:plan]]", "fibre Lyon plan"),
    ('[[var:absent:"your plan"]] [[data:absent: "there"]]', "your plan there"),
]
SAMPLED = [
    ('{% if var:note!="" and var:plan=="" %}a{% elseif var:note=="" %}b{% endif %}', "b"),
    ('{% if var:plan == "fibre" or var:plan == "mobile" %}a{% endif%}', "a"),
    ("{% if var:months ==7 %}a{% endif %}", "a"),
    ("{% if not(var:is_late) %}a{% endif %}", "a"),
    ("{% if !HasOpenedSince(30) %}a{% endif %}", "a"),
    ("{% if (var:months mod 3) = 1 %}a{% elseif (var:months mod 3) = 2 %}b{% endif %}", "a"),
    ("{{ Round(var:amount - (var:amount * 20 / 100), 2) }}", "15.6"),
    ("{{ Upper(var:plan) }}", "FIBRE"),
    ("{% for row in var:grid %}{% for cell in row %}{{cell.id}}{% endfor %};{% endfor %}", "12;3;"),
    ('{% set hero = "a" %}{% if var:is_new %}{% set hero = "b" %}{% endif %}<img src="{{ hero }}">', '<img src="b">'),
    ("<!-- {{ var:plan }} --><td background='{{ var:plan }}'>", "<!-- fibre --><td background='fibre'>"),
    ("[[HEADLINE]] [[POSTAL_ADDRESS]]", "[[HEADLINE]] [[POSTAL_ADDRESS]]"),
]
UNCONFIRMED = [
    ('{{Escape(var:plan)}} {{Escape("<b>")}}', "fibre &lt;b&gt;"),
    ("{{mj:contact.city}}", "Lyon"),
    ('{% if segment:"big spenders" %}in{% endif %}', "in"),
    ("{{upper(var:plan)}} {{ROUND(1.25, 1)}}", "FIBRE 1.3"),
    ('{{"Plan " + var:plan + "!"}}', "Plan fibre!"),
    ("{% if var:months > 1 and not var:is_late or false %}a{% endif %}", "a"),
]
LINKS = [
    "mj:unsub_link",
    *(f"mj:unsub_link_{language}" for language in ("en", "fr", "de")),
    *(f"mj:share_{network}" for network in ("twitter", "google", "facebook", "linkedin")),
]


def output(source: str) -> str:
    assert parse(source).problems == ()
    rendered = render(source, variables=VARIABLES, contact=CONTACT, sender=SENDER, template=TEMPLATE, now=NOW)
    assert rendered.errors == ()
    return rendered.output


@pytest.mark.parametrize(("source", "printed"), STATED)
def test_what_the_guide_states_is_read_and_rendered_so(source: str, printed: str) -> None:
    """Stated: the form and its result. Rounding of halves and the encoding of a space are our reading of it."""
    assert output(source) == printed


@pytest.mark.parametrize(("source", "printed"), SAMPLED)
def test_what_the_samples_use_is_read_and_rendered_as_they_expect(source: str, printed: str) -> None:
    """Sampled: the form; the result is what its sample is for."""
    assert output(source) == printed


@pytest.mark.parametrize(("source", "printed"), UNCONFIRMED)
def test_what_is_only_named_is_read_and_rendered_by_our_reading(source: str, printed: str) -> None:
    """Unconfirmed: a name without a description, a case, a precedence. The results are our choice."""
    assert output(source) == printed


@pytest.mark.parametrize("name", LINKS)
def test_the_links_that_mailjet_makes_are_links(name: str) -> None:
    """Stated: the names. Their targets are Mailjet's own; the sandbox has addresses that lead nowhere."""
    assert output(f"{{{{{name}}}}}").startswith("https://mailjet.invalid/")


@pytest.mark.parametrize("source", ["{{var:absent}}", "{% if var:absent %}a{% endif %}", "{{ absent }}"])
def test_a_name_without_value_and_default_is_an_error_as_the_guide_states(source: str) -> None:
    """Stated, with the text of the error."""
    assert "Unknown identifier" in render(source, variables=VARIABLES, now=NOW).errors[0]


@pytest.mark.parametrize(
    "source", ["{% if segment:loyal and true %}a{% endif %}", "{% if not segment:loyal %}a{% endif %}"]
)
def test_a_segment_takes_no_logical_operator(source: str) -> None:
    """Stated: not with AND, OR, NOT. That it is an error, and not merely false, is unconfirmed."""
    assert parse(source).problems
    assert render(source, variables={}, contact=CONTACT, now=NOW).errors


def test_a_loop_over_what_is_no_list_has_the_documented_error() -> None:
    """Stated, word for word."""
    assert (
        '"var:plan" is not an array value'
        in render("{% for x in var:plan %}{% endfor %}", variables=VARIABLES, now=NOW).errors[0]
    )


def test_a_missing_end_has_the_documented_error() -> None:
    """Stated, word for word up to the excerpt."""
    source = "{% if var:is_new %}a"
    assert parse(source).problems
    assert render(source, variables=VARIABLES, now=NOW).errors[0].startswith("not valid template ## near ##")
