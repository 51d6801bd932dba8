"""Sentences with amounts and days in them, which can be stored and told to somebody else in another language."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.utils.translation import gettext

from omnicrm.emails.formats import Money, formatted
from omnicrm.invoices.errors import readers_language

Part = Money | date | int


class Sentence(str):
    """A message in the language in use, which remembers what it was made of.

    `template` is the text of the catalogue, with a `%(name)s` for each of `parts`.
    """

    __slots__ = ("parts", "template")

    template: str
    parts: Mapping[str, Part]

    def __new__(cls, template: str, **parts: Part) -> Self:
        sentence = super().__new__(cls, gettext(template) % {name: _shown(part) for name, part in parts.items()})
        sentence.template, sentence.parts = template, parts
        return sentence


def as_data(sentences: Sequence[str]) -> list[dict[str, Any]]:
    """JSON from which `from_data` makes the same sentences. A plain text has to be that of the catalogue: English."""
    return [
        {"text": each.template, "parts": {name: _part_as_data(part) for name, part in each.parts.items()}}
        if isinstance(each, Sentence)
        else {"text": each}
        for each in sentences
    ]


def from_data(data: Sequence[Mapping[str, Any]]) -> str:
    """The sentences, one after the other, in the language in use."""
    return " ".join(_sentence(each) for each in data)


def _shown(part: Part) -> str | int:
    return part if isinstance(part, int) else formatted(part, readers_language())


def _sentence(data: Mapping[str, Any]) -> str:
    template = data["text"]
    if "parts" in data:
        return Sentence(template, **{name: _part(part) for name, part in data["parts"].items()})
    return gettext(template)


def _part_as_data(part: Part) -> dict[str, str] | int:
    match part:
        case Money():
            return {"amount": f"{part.amount:f}", "currency": part.currency}
        case date():
            return {"day": part.isoformat()}
        case _:
            return part


def _part(data: Any) -> Part:  # noqa: ANN401 - JSON
    match data:
        case {"amount": amount, "currency": currency}:
            return Money(amount=Decimal(amount), currency=currency)
        case {"day": day}:
            return date.fromisoformat(day)
        case _:
            return int(data)
