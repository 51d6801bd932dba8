from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from mailjet_sandbox.language import Rendered, render

OutputFor = Callable[[str, Mapping[str, object]], str]
RenderWith = Callable[..., Rendered]

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CONTACT = {"ID": 12, "email": "zoe@customer.example", "name": "Zoé", "firstname": "Zoé", "plan": {"speed": 300}}


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{{data:firstname}}", "Zoé"),
        ("{{data:plan.speed}}", "300"),
        ('{{data:lastname:"customer"}}', "customer"),
        ("{{mj:contact.ID}}", "12"),
        ("{{mj:contact.email}}", "zoe@customer.example"),
        ("{{mj:contact.local_part}}@{{mj:contact.domain}}", "zoe@customer.example"),
        ("{{mj:contact.name}}", "Zoé"),
        ("{{mj:contact.firstname}}", "Zoé"),
        ("{{mj:sender.email}} {{mj:sender.domain}}", "billing@operator.example operator.example"),
        ("{{mj:template.ID}} {{mj:template.name}} {{mj:template.copyright}}", "7 invoice Operator"),
    ],
)
def test_contact_sender_and_template_can_be_printed(output_for: OutputFor, source: str, printed: str) -> None:
    assert output_for(source, CONTACT) == printed


@pytest.mark.parametrize("name", ["unsub_link", "unsub_link_fr", "share_twitter", "share_facebook"])
def test_links_of_mailjet_are_stand_ins_that_lead_nowhere(output_for: OutputFor, name: str) -> None:
    assert output_for(f"{{{{mj:{name}}}}}", CONTACT).startswith("https://mailjet.invalid/")


@pytest.mark.parametrize("name", ["mj:nope", "mj:unsub_link_french", "mj:contact", "mj:contact.age", "data:age", "age"])
def test_an_unknown_name_is_an_error(rendering: RenderWith, name: str) -> None:
    if name == "mj:contact":
        assert rendering("{{mj:contact}}").output.startswith("{")
        return
    assert rendering(f"{{{{{name}}}}}").errors[0].startswith(f"expression parsing error ## Unknown identifier: {name}")


def test_a_segment_decides_for_those_who_belong_to_it(output_for: OutputFor) -> None:
    source = "{% if segment:gold %}yes{% else %}no{% endif %}"
    assert output_for(source, {"segments": {"gold"}}) == "yes"
    assert output_for(source, {"segments": {"silver"}}) == "no"
    assert output_for(source, {}) == "no"


@pytest.mark.parametrize("source", ["{{not segment:gold}}", "{% if segment:gold and true %}{% endif %}"])
def test_a_segment_must_stand_alone_in_its_tag(rendering: RenderWith, source: str) -> None:
    assert rendering(source).errors


@pytest.mark.parametrize(("days_ago", "opened"), [(29, "true"), (31, "false")])
def test_opened_since_counts_days_back_from_now(output_for: OutputFor, days_ago: int, opened: str) -> None:
    contact = {"last_opened_at": NOW - timedelta(days=days_ago)}
    assert output_for("{{HasOpenedSince(30)}}", contact) == opened


def test_who_never_clicked_has_not_clicked_since(output_for: OutputFor) -> None:
    assert output_for("{% if !HasClickedSince(30) %}come back{% endif %}", {}) == "come back"


def test_without_template_language_braces_are_text() -> None:
    source = '{{var:a}} {% if %} [[var:a:"b"]]'
    rendered = render(source, variables={"a": 1}, now=NOW, language=False)
    assert (rendered.output, rendered.errors) == ("{{var:a}} {% if %} 1", ())
