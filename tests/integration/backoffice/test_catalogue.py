"""Everything staff read exists in French and English."""

import gettext
from pathlib import Path

import django
import pytest
import unfold
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import gettext as translate
from django.utils.translation import override

from omnicrm.backoffice.wording import EMAIL_NAMES, STATE_COLOURS
from omnicrm.emails.catalogue import CATALOGUE
from omnicrm.outbox.states import State
from tests.integration.backoffice.extraction import messages_in

OURS = Path(settings.BASE_DIR)
UNFOLD = Path(unfold.__file__).parent
UNFOLDS = [
    UNFOLD / part
    for part in (
        "templatetags",
        "mixins",
        *(f"templates/{part}" for part in ("admin", "auth", "registration", "unfold")),
    )
]
"""The parts of unfold that the back office uses."""
DJANGOS = [
    Path(django.__file__).parent / place
    for place in ("conf", *(f"contrib/{app}" for app in ("admin", "auth", "contenttypes", "humanize", "postgres")))
]
BY_DJANGO_OR_BY_US = "omnicrm/backoffice/unfold_texts.py lists them; makemessages and a translation are missing"


def catalogue(language: str) -> Catalog:
    with (OURS / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def key(message: Message) -> str:
    msgid = message.id[0] if isinstance(message.id, tuple) else message.id
    return f"{message.context}\x04{msgid}" if message.context else msgid


def msgids(found: Catalog) -> dict[str, Message]:
    return {key(message): message for message in found if message.id}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_text_of_ours_is_in_the_catalogue(language: str) -> None:
    assert messages_in(OURS) - set(msgids(catalogue(language))) == set(), "run makemessages"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_catalogue_holds_no_text_that_is_gone(language: str) -> None:
    assert set(msgids(catalogue(language))) - messages_in(OURS) == set(), "run makemessages"


def test_french_is_complete_and_certain() -> None:
    unfinished = [
        msgid for msgid, message in msgids(catalogue("fr")).items() if message.fuzzy or not all(texts(message))
    ]
    assert unfinished == []


def test_english_is_certain() -> None:
    assert [msgid for msgid, message in msgids(catalogue("en")).items() if message.fuzzy] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_placeholders_survive_translation(language: str) -> None:
    wrong = {
        msgid: errors for msgid, message in msgids(catalogue(language)).items() if (errors := list(message.check()))
    }
    assert wrong == {}


def test_unfolds_texts_have_french_by_django_or_by_us() -> None:
    class Untranslated(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return ""

    by_django = [gettext.translation("django", place / "locale", languages=["fr"]) for place in DJANGOS]
    for translations in by_django:
        translations.add_fallback(Untranslated())
    texts_of_unfold = set[str]().union(*map(messages_in, [*UNFOLDS, *UNFOLD.glob("*.py")]))
    missing = {text for text in texts_of_unfold if not any(found.gettext(text) for found in by_django)}
    assert missing - set(msgids(catalogue("fr"))) == set(), BY_DJANGO_OR_BY_US


def test_every_email_has_a_name() -> None:
    assert set(EMAIL_NAMES) == set(CATALOGUE)


def test_every_state_has_a_colour() -> None:
    assert set(STATE_COLOURS) == set(State)


def test_the_compiled_catalogue_is_the_one_in_use() -> None:
    with override("fr"):
        assert translate("Waiting to be sent") == "En attente d’envoi"
    with override("en"):
        assert translate("Waiting to be sent") == "Waiting to be sent"
