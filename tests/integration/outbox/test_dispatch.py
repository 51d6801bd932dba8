"""Out of the outbox: what leaves, in which order, in which calls, and what is recorded."""

from datetime import timedelta

import pytest
from django.db.models import Q

from mailjet_sandbox.control import SandboxControl
from omnicrm.outbox.models import Message, Suppression, SuppressionScope
from omnicrm.outbox.operations import cancel, retry
from omnicrm.outbox.reasons import ERASED
from omnicrm.outbox.states import Lane, State
from tests.integration.outbox.conftest import NOW, Act, Note, note_to, queue, queue_notes, states

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_queued_message_arrives_and_is_accepted(drain: Act, sandbox: SandboxControl) -> None:
    message = queue(note_to("helene@example.com"))[0]
    drain()
    message.refresh_from_db()
    (arrived,) = sandbox.messages()
    assert (message.state, message.accepted_at, message.lease_until) == (State.ACCEPTED, NOW, None)
    assert message.mailjet_message_id == arrived.message_id
    assert arrived.custom_id == str(message.id)
    assert (arrived.recipient, arrived.subject) == ("helene@example.com", "Votre Facture - INV-1 (fr)")
    assert [attempt["outcome"] for attempt in message.attempts] == ["accepted"]


def test_each_language_has_its_template(drain: Act, sandbox: SandboxControl) -> None:
    welcome = Note(section="api_crmCommunicationUserPasswordReset")
    queue(note_to(note=welcome))
    drain()
    assert sandbox.messages()[0].template_id == 5977511


def test_a_backlog_goes_out_in_full_calls(drain: Act, sandbox: SandboxControl) -> None:
    messages = queue_notes(205)
    drain()
    assert set(states(messages)) == {State.ACCEPTED}
    assert sorted(call.messages for call in sandbox.calls()) == [5, 50, 50, 50, 50]


def test_dropped_messages_leave_no_gap_in_the_calls(drain: Act, sandbox: SandboxControl) -> None:
    messages = queue_notes(120)
    for message in messages[:20]:
        Suppression.objects.create(
            address=message.to_email, scope=SuppressionScope.EVERYTHING, reason="hard bounce", created_at=NOW
        )
    drain()
    assert [call.messages for call in sandbox.calls()] == [50, 50]


def test_security_overtakes_transactional_which_overtakes_bulk(drain: Act, sandbox: SandboxControl) -> None:
    queue_notes(60, note=Note(lane=Lane.BULK), prefix="bulk")
    queue_notes(3, note=Note(lane=Lane.TRANSACTIONAL), prefix="transactional")
    queue_notes(2, note=Note(lane=Lane.SECURITY), prefix="security")
    drain()
    oldest_first = sorted(sandbox.messages(), key=lambda message: message.message_id)
    assert [message.recipient[:4] for message in oldest_first[:6]] == ["secu"] * 2 + ["tran"] * 3 + ["bulk"]


@pytest.mark.parametrize(("lane", "wish"), [(Lane.SECURITY, "disabled"), (Lane.TRANSACTIONAL, None), (Lane.BULK, None)])
def test_security_mail_is_never_tracked(lane: Lane, wish: str | None, drain: Act, sandbox: SandboxControl) -> None:
    queue(note_to(note=Note(lane=lane)))
    drain()
    request = sandbox.messages()[0].json["request"]
    assert (request.get("TrackOpens"), request.get("TrackClicks")) == (wish, wish)


def test_a_message_waits_for_its_time(drain: Act) -> None:
    message = queue(note_to(not_before=NOW + timedelta(hours=1)))[0]
    drain()
    assert states([message]) == [State.QUEUED]
    drain(now=NOW + timedelta(hours=1))
    assert states([message]) == [State.ACCEPTED]


def test_a_late_message_expires_instead_of_arriving_stale(drain: Act, sandbox: SandboxControl) -> None:
    message = queue(note_to(expires_at=NOW + timedelta(hours=1)))[0]
    drain(now=NOW + timedelta(hours=1))
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.EXPIRED, "Its time ran out before it could be sent.")
    assert sandbox.messages() == []


def test_a_suppressed_address_gets_nothing_and_the_reason_is_kept(drain: Act, sandbox: SandboxControl) -> None:
    message = queue(note_to("gone@example.com"))[0]
    Suppression.objects.create(
        address="gone@example.com", scope=SuppressionScope.EVERYTHING, reason="hard bounce on 3 May", created_at=NOW
    )
    drain()
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.SUPPRESSED, "hard bounce on 3 May")
    assert sandbox.messages() == []


def test_a_marketing_suppression_stops_no_transactional_email(drain: Act) -> None:
    message = queue(note_to("c1@example.com"))[0]
    Suppression.objects.create(
        address="c1@example.com", scope=SuppressionScope.MARKETING, reason="unsubscribed", created_at=NOW
    )
    drain()
    assert states([message]) == [State.ACCEPTED]


def test_a_cancelled_message_never_leaves(drain: Act, sandbox: SandboxControl) -> None:
    message = queue(note_to())[0]
    cancelled = cancel(Q(id=message.id), reason="the invoice was paid", now=NOW)
    drain()
    message.refresh_from_db()
    assert (cancelled, message.state, message.reason) == (1, State.CANCELLED, "the invoice was paid")
    assert sandbox.messages() == []


def test_an_email_without_its_section_fails_with_the_mend(drain: Act) -> None:
    message = queue(note_to(note=Note(section="api_crmCommunicationEmailVerification")))[0]
    drain()
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.FAILED, "crm_config.yaml has no section for this email.")


def test_secrets_are_erased_once_mailjet_has_accepted(drain: Act, sandbox: SandboxControl) -> None:
    reset = Note(secrets=frozenset({"reset_url"}), content={"user_name": "Ada", "reset_url": "https://secret"})
    message = queue(note_to(note=reset))[0]
    drain()
    message.refresh_from_db()
    assert sandbox.messages()[0].variables["reset_url"] == "https://secret"
    assert message.variables == {"user_name": "Ada", "reset_url": "•••", "language": "fr"}


def test_secrets_are_erased_when_the_message_ends_otherwise(drain: Act) -> None:
    reset = Note(secrets=frozenset({"reset_url"}), content={"reset_url": "https://secret"})
    message = queue(note_to(note=reset, expires_at=NOW))[0]
    drain()
    message.refresh_from_db()
    assert (message.state, message.variables["reset_url"]) == (State.EXPIRED, "•••")


def test_nothing_due_makes_no_call(drain: Act, sandbox: SandboxControl) -> None:
    drain()
    assert sandbox.calls() == []


def test_a_message_erased_while_it_waited_never_leaves(drain: Act, sandbox: SandboxControl) -> None:
    message = queue(note_to())[0]
    Message.objects.filter(id=message.id).update(to_email="", variables={})
    drain()
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.CANCELLED, ERASED)
    assert ERASED in retry([message.id], now=NOW).skipped[message.id]
    assert sandbox.messages() == []
