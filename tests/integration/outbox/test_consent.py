"""Consent: an unsubscribe stops marketing and nothing else, and the link to it is nobody's to forge or to read."""

from datetime import timedelta

import pytest

from mailjet_sandbox.control import SandboxControl
from omnicrm.outbox.consent import InvalidLink, consent, resubscribe, unsubscribe, unsubscribe_url
from omnicrm.outbox.models import Suppression, SuppressionScope
from omnicrm.outbox.states import Lane, State
from tests.integration.outbox.conftest import NOW, Act, Note, note_to, queue, states

pytestmark = pytest.mark.django_db(transaction=True)

OFFER = Note(is_marketing=True, lane=Lane.BULK)


def token_of(address: str) -> str:
    return unsubscribe_url(address).rstrip("/").rpartition("/")[2]


def suppress(address: str, scope: SuppressionScope, reason: str) -> None:
    Suppression.objects.create(address=address, scope=scope, reason=reason, created_at=NOW)


def test_an_unsubscribe_stops_marketing_and_nothing_else(drain: Act) -> None:
    offer, invoice = queue(note_to(note=OFFER, key="offer"), note_to(key="invoice"))
    unsubscribe(token_of("c1@example.com"), now=NOW)
    drain()
    offer.refresh_from_db()
    assert states([offer, invoice]) == [State.SUPPRESSED, State.ACCEPTED]
    assert offer.reason == "The recipient unsubscribed by the link in an email."


def test_what_stops_everything_stops_marketing_too_and_is_the_reason_told(drain: Act) -> None:
    suppress("c1@example.com", SuppressionScope.MARKETING, "unsubscribed")
    suppress("c1@example.com", SuppressionScope.EVERYTHING, "hard bounce")
    offer = queue(note_to(note=OFFER))[0]
    drain()
    offer.refresh_from_db()
    assert (offer.state, offer.reason) == (State.SUPPRESSED, "hard bounce")


def test_somebody_elses_unsubscribe_stops_nothing(drain: Act) -> None:
    offer = queue(note_to(note=OFFER))[0]
    unsubscribe(token_of("c2@example.com"), now=NOW)
    drain()
    assert states([offer]) == [State.ACCEPTED]


def test_marketing_carries_its_one_click_unsubscribe(drain: Act, sandbox: SandboxControl) -> None:
    queue(note_to("helene@example.com", note=OFFER))
    drain()
    (arrived,) = sandbox.messages()
    assert arrived.headers == {
        "List-Unsubscribe": f"<{unsubscribe_url('helene@example.com')}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_other_email_carries_no_unsubscribe(drain: Act, sandbox: SandboxControl) -> None:
    queue(note_to())
    drain()
    assert sandbox.messages()[0].headers == {}


def test_unsubscribing_twice_is_as_good_as_once() -> None:
    first = unsubscribe(token_of("c1@example.com"), now=NOW)
    again = unsubscribe(token_of("c1@example.com"), now=NOW + timedelta(days=1))
    assert (again.pk, again.created_at) == (first.pk, NOW)


def test_an_unsubscribe_can_be_undone(drain: Act) -> None:
    token = token_of("c1@example.com")
    unsubscribe(token, now=NOW)
    assert consent(token).may_undo
    assert resubscribe(token)
    offer = queue(note_to(note=OFFER))[0]
    drain()
    assert states([offer]) == [State.ACCEPTED]


@pytest.mark.parametrize("scope", SuppressionScope.values)
def test_what_staff_or_a_complaint_decided_is_not_undone_by_the_link(scope: str) -> None:
    suppress("c1@example.com", SuppressionScope(scope), "reported as spam")
    token = token_of("c1@example.com")
    unsubscribe(token, now=NOW)
    resubscribe(token)
    assert Suppression.objects.filter(reason="reported as spam").count() == 1


def test_a_link_tells_nobody_the_address() -> None:
    address = "helene.lefevre@example.com"
    assert not [part for part in ("helene", "lefevre", "example") if part in unsubscribe_url(address)]
    assert consent(token_of(address)).address == address


@pytest.mark.parametrize(
    "address",
    ["a@b.fr", "hélène@exämple.fr", f"{'x' * 64}@{'y' * 180}.example"],
    ids=["short", "international", "long"],
)
def test_any_address_comes_back_out_of_its_link(address: str) -> None:
    assert consent(token_of(address)).address == address


def test_an_altered_link_is_none_of_ours() -> None:
    token = token_of("c1@example.com")
    for place in range(len(token) - 1):
        altered = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(InvalidLink):
            unsubscribe(altered, now=NOW)
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "é", "=" * 8, "A" * 5000, "AAAA\x00", "c1@example.com"])
def test_nonsense_is_none_of_ours(token: str) -> None:
    with pytest.raises(InvalidLink):
        consent(token)


def test_the_page_speaks_the_language_of_the_last_email() -> None:
    queue(note_to("c1@example.com"))
    assert consent(token_of("c1@example.com")).language == "fr"
    assert consent(token_of("c2@example.com")).language is None
