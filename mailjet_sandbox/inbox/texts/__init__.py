"""Every word of the inbox, once per language. A text missing in a language is a type error."""

from collections.abc import Mapping
from typing import Final

from mailjet_sandbox.inbox.texts.english import ENGLISH
from mailjet_sandbox.inbox.texts.french import FRENCH
from mailjet_sandbox.inbox.texts.shape import Texts

LANGUAGES: Final[Mapping[str, Texts]] = {"en": ENGLISH, "fr": FRENCH}

__all__ = ["LANGUAGES", "Texts"]
