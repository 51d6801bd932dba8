"""Sentences for people, which whoever shows them can put into the reader's language.

Import `phrase` as `_`: collectors of texts to translate know it by that name.
"""

from collections.abc import Callable, Mapping
from typing import Self


class Phrase(str):
    """An English sentence that remembers what it was made of: a template, such as a catalogue of translations holds,
    and values by name, which may be phrases themselves."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Self:
        made = super().__new__(cls, _filled(template, values))
        made.template, made.values = template, values
        return made

    def translated(self, translate: Callable[[str], str]) -> str:
        """The sentence by the translation of its template, which has the same values."""
        values = {
            name: value.translated(translate) if isinstance(value, Phrase) else value
            for name, value in self.values.items()
        }
        return _filled(translate(self.template), values)


def phrase(template: str, /, **values: object) -> Phrase:
    """`template` names its values as `%(name)s`; with values, a percent sign of its own is written `%%`."""
    return Phrase(template, values)


def _filled(template: str, values: Mapping[str, object]) -> str:
    return template % values if values else template
