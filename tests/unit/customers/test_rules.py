"""What each field may hold."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.customers import rules
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Language


def why_not(rule: rules.Rule, value: object) -> str:
    with pytest.raises(ValueError, match=r"\S") as refusal:
        rule(value)
    return str(refusal.value)


def test_text_is_trimmed() -> None:
    assert rules.text(10)("  Hélène \n") == "Hélène"


def test_text_that_is_left_out_is_empty() -> None:
    assert rules.text(10)(None) == ""


@pytest.mark.parametrize("empty", ["", "   ", "\t\n", None])
def test_required_text_must_not_be_empty(empty: str | None) -> None:
    assert why_not(rules.text(10, required=True), empty) == "This field must not be empty."


def test_text_that_is_too_long_says_by_how_much() -> None:
    assert why_not(rules.text(5), "Hélène") == "Use at most 5 characters; this has 6."


@pytest.mark.parametrize(
    ("character", "name"),
    [("\x00", "U+0000"), ("\n", "U+000A"), ("\x1b", "U+001B"), ("\x85", "U+0085"), ("\u2028", "U+2028")],
)
def test_control_characters_are_refused_by_name(character: str, name: str) -> None:
    assert why_not(rules.text(10), f"a{character}b") == f"Remove the control character {name}."


def test_half_a_surrogate_pair_is_refused() -> None:
    assert why_not(rules.text(10), "a\ud800b") == "Remove the control character U+D800."


@pytest.mark.parametrize("value", [3, True, ["a"], {"a": 1}, b"a"])
def test_what_is_not_text_is_refused(value: object) -> None:
    assert why_not(rules.text(10), value) == "Give a text."


@given(st.text())
def test_text_is_either_refused_or_fit_to_be_stored(value: str) -> None:
    try:
        stored = rules.text(20)(value)
    except ValueError:
        return
    assert stored == stored.strip()
    assert len(stored) <= 20
    assert not {unicodedata.category(character) for character in stored} & {"Cc", "Cs", "Zl", "Zp"}


def test_a_choice_is_one_of_the_known_words() -> None:
    assert rules.one_of(Language)("fr") == "fr"
    assert why_not(rules.one_of(Language), "de") == "Use one of: fr, en."


@pytest.mark.parametrize("value", [None, 1, [], {}])
def test_a_choice_is_a_word(value: object) -> None:
    assert why_not(rules.one_of(Language), value) == "Use one of: fr, en."


def test_an_address_is_brought_into_its_normal_form() -> None:
    assert rules.address("  Helene@EXAMPLE.com ") == "Helene@example.com"


@pytest.mark.parametrize("value", ["", "  ", None])
def test_an_address_may_be_left_empty(value: str | None) -> None:
    assert rules.address(value) == ""


@pytest.mark.parametrize(
    "value", ["helene", "a@b", "a b@example.com", "a@example..com", "a@\x00example.com", "é" * 300]
)
def test_what_is_no_address_is_refused(value: str) -> None:
    assert why_not(rules.address, value)


def test_tags_are_trimmed_and_kept_once_in_their_order() -> None:
    assert rules.tags([" vip", "fibre", "vip "]) == ["vip", "fibre"]


def test_more_than_50_tags_are_refused() -> None:
    assert len(rules.tags([f"tag {number}" for number in range(50)])) == 50
    assert why_not(rules.tags, [f"tag {number}" for number in range(51)]) == "Use at most 50 tags; there are 51."


@pytest.mark.parametrize("value", ["vip", {"vip": 1}, None, [""], [None], ["x" * 51]])
def test_tags_are_a_list_of_short_texts(value: object) -> None:
    assert why_not(rules.tags, value)


def test_attributes_hold_any_json() -> None:
    given_ = {"plan": "fibre", "speed": 1000, "ratio": 0.5, "vip": True, "none": None, "more": {"list": [1, "a\nb"]}}
    assert rules.attributes(given_) == given_


def test_more_than_50_attributes_are_refused() -> None:
    assert len(rules.attributes({f"a{number}": number for number in range(50)})) == 50
    assert why_not(rules.attributes, {f"a{number}": number for number in range(51)}).startswith("Use at most 50")


def test_attributes_of_more_than_10_kilobytes_are_refused() -> None:
    refusal = why_not(rules.attributes, {"note": "é" * 5_000})
    assert refusal == "Attributes may take at most 10000 bytes of JSON; these take 10011."


def nested(depth: int) -> dict[str, Any]:
    value: Any = "deep"
    for _ in range(depth):
        value = {"in": value}
    return value


def test_attributes_nest_only_so_deep() -> None:
    assert rules.attributes(nested(5))
    assert why_not(rules.attributes, nested(6)) == "Nest attributes at most 5 deep."
    assert why_not(rules.attributes, nested(900)) == "Nest attributes at most 5 deep."


@pytest.mark.parametrize("number", [2**53 + 1, -(2**60), 1e300, float("inf"), float("nan"), 10**400])
def test_numbers_that_change_on_their_way_are_refused(number: float) -> None:
    assert why_not(rules.attributes, {"n": number}).startswith("Give numbers beyond")


@pytest.mark.parametrize("value", [{"": 1}, {"a\x00": 1}, {"a": "\x00"}, {"a": {"b\x00": 1}}, {1: 2}, [], "x", None])
def test_attributes_are_an_object_of_clean_names_and_texts(value: object) -> None:
    assert why_not(rules.attributes, value)


def test_cleaning_names_every_wrong_field_by_its_path() -> None:
    with pytest.raises(InvalidInput) as refusal:
        rules.clean(rules.CONTACT, {"first_name": "x" * 101, "last_name": "Martin", "email": "no"}, at="contacts[2].")
    assert [error.field for error in refusal.value.errors] == ["contacts[2].first_name", "contacts[2].email"]


def test_an_unknown_field_comes_with_a_suggestion() -> None:
    with pytest.raises(InvalidInput, match=r"emial: There is no such field; did you mean “email”\?"):
        rules.clean(rules.CONTACT, {"emial": "a@example.com"})


def test_an_unknown_field_like_no_other_comes_with_all_there_are() -> None:
    assert "name, address, city" in rules.unknown_field("zzz", rules.SITE)
