"""Which names a template uses, as the parser of the template language sees it."""

import pytest

from omnicrm.mailjet.language import Reference, parse


def names(source: str) -> list[str]:
    return [reference.name for reference in parse(source).references]


def only(source: str) -> Reference:
    (reference,) = parse(source).references
    return reference


def test_a_reference_has_its_place_in_the_source() -> None:
    assert only('<p>\n{{ var:order.total:"0" }}') == Reference(
        namespace="var", path="order.total", has_default=True, line=2, column=4, guarded=False
    )


def test_every_namespace_is_kept_apart() -> None:
    source = "{{var:a}}{{data:a}}{{mj:contact.a}}{% if segment:a %}{% endif %}"
    assert names(source) == ["var:a", "data:a", "mj:contact.a", "segment:a"]


def test_a_segment_between_quotes_is_named_without_them() -> None:
    assert only('{% if segment:"big spenders" %}{% endif %}').path == "big spenders"


@pytest.mark.parametrize(
    "source",
    [
        "{{1 + (2 * var:x)}}",
        "{{Upper(Lower(var:x))}}",
        "{% set a = var:x %}{{a}}{{a.b}}",
        "{% if var:x %}{% endif %}",
        "{% if not var:x %}{% endif %}",
        "{% if 1 %}{% elseif var:x %}{% endif %}",
        "{% for a in var:x %}{% endfor %}",
        "{{var:x var}}",
    ],
)
def test_names_are_found_wherever_they_stand(source: str) -> None:
    assert names(source) == ["var:x"]


@pytest.mark.parametrize(
    ("source", "has_default"),
    [
        ("{{var:x}}", False),
        ('{{var:x:""}}', True),
        ("{{var:x:0}}", True),
        ("{{var:x:false}}", True),
        ("[[var:x]]", False),
        ('[[var:x:"y"]]', True),
    ],
)
def test_a_default_is_noticed(source: str, has_default: bool) -> None:
    assert only(source).has_default is has_default


@pytest.mark.parametrize(
    "source",
    [
        "{% if true %}{{var:x}}{% endif %}",
        "{% if true %}{% else %}{{var:x}}{% endif %}",
        "{% if true %}{% elseif var:x %}{% endif %}",
        "{% if true %}{% if var:x %}{% endif %}{% endif %}",
        "{% if true %}[[var:x]]{% endif %}",
    ],
)
def test_inside_a_branch_a_reference_is_guarded(source: str) -> None:
    assert only(source).guarded is True


@pytest.mark.parametrize(
    "source",
    [
        "{% if var:x %}{% endif %}",
        "{% for a in var:x %}{% endfor %}",
        "{% if true %}{% endif %}{{var:x}}",
        "{% endif %}{{var:x}}",
    ],
)
def test_outside_a_reference_is_not_guarded(source: str) -> None:
    assert only(source).guarded is False


def test_what_a_loop_gives_counts_as_a_use_of_what_it_goes_over() -> None:
    references = parse("{% for row in var:rows %}{{row.title}}{% endfor %}").references
    assert [(reference.name, reference.guarded) for reference in references] == [
        ("var:rows", False),
        ("var:rows", True),
    ]


def test_a_loop_inside_a_loop_counts_as_a_use_of_the_outer_list() -> None:
    source = "{% for row in data:rows %}{% for b in row.bodies %}{{b.text}}{% endfor %}{% endfor %}"
    assert names(source) == ["data:rows"] * 3


def test_an_inner_loop_hides_the_outer_local_of_the_same_name() -> None:
    source = "{% for x in var:a %}{% for x in var:b %}{{x}}{% endfor %}{{x}}{% endfor %}"
    assert names(source) == ["var:a", "var:b", "var:b", "var:a"]


def test_a_local_that_is_set_is_no_longer_the_loops() -> None:
    assert names("{% for x in var:a %}{% set x = 1 %}{{x}}{% endfor %}") == ["var:a"]


def test_a_loop_over_a_local_that_was_set_uses_nothing_more() -> None:
    assert names("{% set rows = var:a %}{% for x in rows %}{{x}}{% endfor %}") == ["var:a"]


def test_the_name_in_a_default_is_no_reference() -> None:
    assert names('{{var:x:"{{var:y}}"}}') == ["var:x"]


def test_older_forms_count_too() -> None:
    assert names("[[var:x]][[data:y]][[UNSUB_LINK_EN]][[PERMALINK]]") == [
        "var:x",
        "data:y",
        "mj:unsub_link_en",
        "mj:permalink",
    ]


def test_a_reference_is_found_behind_a_mistake() -> None:
    assert names("{{var:x {{var:y}} {% endif %} {{var:z}}") == ["var:x", "var:y", "var:z"]
