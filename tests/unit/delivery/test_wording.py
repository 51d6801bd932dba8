"""Events in words: one line each, translated part by part."""

from datetime import UTC, datetime
from typing import Any

import pytest

from omnicrm.delivery import wording
from omnicrm.delivery.wording import ERRORS, LONGEST_QUOTE, detail, outcome, reason, shown
from omnicrm.mailjet.events import Event, Kind


def told(kind: Kind, **fields: Any) -> Event:
    at = datetime(2026, 5, 31, 12, tzinfo=UTC)
    return Event(kind=kind, happened_at=at, mailjet_message_id=1, custom_id="", email="helene@example.com", **fields)


@pytest.fixture
def shouting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language of its own, in which what is translated stands in capitals."""
    monkeypatch.setattr(wording, "gettext", lambda text: text if "%(" in text else text.upper())


def test_every_kind_has_a_word() -> None:
    assert {kind: outcome(told(kind)).value for kind in Kind} == {
        Kind.SENT: "delivered",
        Kind.OPEN: "opened",
        Kind.CLICK: "clicked",
        Kind.BOUNCE: "bounced",
        Kind.BLOCKED: "blocked",
        Kind.SPAM: "complained",
        Kind.UNSUB: "unsubscribed",
    }


def test_greylisting_is_told_as_a_deferral() -> None:
    assert outcome(told(Kind.BOUNCE, error="greylisted")) == "deferred"


def test_a_long_quote_is_cut() -> None:
    line = reason(told(Kind.BOUNCE, is_hard=True, error="user unknown", comment="x" * 1_000))
    assert len(line) == len("Hard bounce: user unknown ()") + LONGEST_QUOTE
    assert line.endswith("…)")


def test_good_news_have_no_reason() -> None:
    assert reason(told(Kind.SENT, comment="250 OK")) == ""


def test_an_opening_tells_program_and_country() -> None:
    assert detail(told(Kind.OPEN, agent="Firefox", country="FR")) == "Firefox, FR"


@pytest.mark.parametrize("error", ERRORS)
def test_known_errors_are_translated(shouting: None, error: str) -> None:
    line = reason(told(Kind.BOUNCE, is_hard=True, error=error, comment="550 (no) such user"))
    assert shown(line) == f"HARD BOUNCE: {error.upper()} (550 (no) such user)"


def test_a_reason_without_error_or_quote_is_translated(shouting: None) -> None:
    assert shown(reason(told(Kind.SPAM))) == "REPORTED AS SPAM"
    assert shown(reason(told(Kind.SPAM, comment="JMRPP"))) == "REPORTED AS SPAM (JMRPP)"


def test_other_reasons_are_translated_as_a_whole(shouting: None) -> None:
    assert shown("Its time ran out before it could be sent.") == "ITS TIME RAN OUT BEFORE IT COULD BE SENT."


def test_nothing_is_translated_to_nothing() -> None:
    assert shown("") == ""
