"""Sentences that are English by themselves and any language on demand."""

import orjson
import pytest

from omnicrm.mailjet.language import Phrase, parse, phrase

FRENCH = {
    "there is no %(what)s": "il n’y a pas de %(what)s",
    "a list": "une liste",
    "write {% if … %}": "écrivez {% if … %}",
}


def in_french(text: str) -> str:
    return FRENCH.get(text, text)


def test_a_phrase_is_its_english_sentence() -> None:
    assert phrase("there is no %(what)s", what="tag") == "there is no tag"


def test_its_template_is_translated_and_its_values_are_kept() -> None:
    assert phrase("there is no %(what)s", what="tag").translated(in_french) == "il n’y a pas de tag"


def test_a_phrase_among_the_values_is_translated_too() -> None:
    inner = phrase("a list")
    assert phrase("there is no %(what)s", what=inner).translated(in_french) == "il n’y a pas de une liste"


def test_what_a_template_says_is_never_read_as_a_template() -> None:
    assert phrase("there is no %(what)s", what="%(x)s %").translated(in_french) == "il n’y a pas de %(x)s %"


def test_without_values_percent_signs_are_themselves() -> None:
    assert phrase("write {% if … %}").translated(in_french) == "écrivez {% if … %}"


def test_in_json_it_is_a_text() -> None:
    assert orjson.dumps({"what": phrase("a list")}) == b'{"what":"a list"}'


@pytest.mark.parametrize(
    "source",
    [
        "{{",
        "{% end %}",
        "{{nope}}",
        "{{Frob(1)}}",
        "{{Round(1)}}",
        "{{a && b}}",
        "{{var:x:}}",
        "{{“}}",
        "[[var:a]]",
        "{#x#}",
    ],
)
def test_whatever_the_parser_says_can_be_translated(source: str) -> None:
    parsed = parse(source)
    said = [text for each in (*parsed.problems, *parsed.notes) for text in (each.what, each.mend)]
    assert said
    assert all(isinstance(text, Phrase) and text.translated(str) == text for text in said)
