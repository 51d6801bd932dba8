"""When the call goes wrong: nothing lost, nothing twice, one bad message harms no other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mailjet_sandbox.control import SandboxControl
from omnicrm.outbox.claims import LEASE
from omnicrm.outbox.models import Message, Pause
from omnicrm.outbox.operations import retry
from omnicrm.outbox.reasons import WORKER_LOST
from omnicrm.outbox.reconcile import LOOK_UPS
from omnicrm.outbox.states import State
from tests.integration.outbox.conftest import NOW, Act, Note, config_for, note_to, queue, queue_notes, states

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY_LISTENS = "http://127.0.0.1:9"
UNKNOWN_TEMPLATE = Note(section="api_crmCommunicationUserPasswordReset")


def pause_is_over() -> None:
    Pause.objects.update(until=NOW)


def test_a_refused_message_never_fails_its_neighbours(drain: Act, sandbox: SandboxControl) -> None:
    sandbox.remove_template(5977511)
    good, bad, also_good = queue(
        note_to("c1@example.com"), note_to("c2@example.com", note=UNKNOWN_TEMPLATE), note_to("c3@example.com")
    )
    drain()
    bad.refresh_from_db()
    assert states([good, bad, also_good]) == [State.ACCEPTED, State.REFUSED, State.ACCEPTED]
    assert "send-0010" in bad.reason
    assert len(sandbox.calls()) == 1


def test_a_refused_message_can_be_queued_again_after_the_mend(drain: Act, sandbox: SandboxControl) -> None:
    sandbox.remove_template(5977511)
    message = queue(note_to(note=UNKNOWN_TEMPLATE))[0]
    drain()
    sandbox.put_template(5977511, html="<p>ok</p>", text="ok")
    assert retry([message.id], now=NOW).changed == 1
    drain()
    assert states([message]) == [State.ACCEPTED]


def test_mailjet_out_of_reach_leaves_the_message_queued_and_pauses(drain_until_pause: Act) -> None:
    message = queue(note_to())[0]
    drain_until_pause(config=config_for(NOBODY_LISTENS))
    message.refresh_from_db()
    assert message.state == State.QUEUED
    assert "cannot connect" in message.reason
    assert "cannot connect" in Pause.objects.get().reason


def test_the_message_leaves_when_mailjet_is_back(drain_until_pause: Act, drain: Act, sandbox: SandboxControl) -> None:
    message = queue(note_to())[0]
    drain_until_pause(config=config_for(NOBODY_LISTENS))
    pause_is_over()
    drain()
    assert states([message]) == [State.ACCEPTED]
    assert not Pause.objects.exists()
    assert len(sandbox.messages()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after"},
        {"kind": "truncate"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 502},
    ],
    ids=lambda fault: "-".join(str(part) for part in fault.values()),
)
def test_a_call_without_an_answer_is_never_simply_repeated(
    fault: dict[str, str | int], drain_until_pause: Act, drain: Act, sandbox: SandboxControl
) -> None:
    messages = queue_notes(3)
    sandbox.fault(**fault, path="/v3.1/send")
    drain_until_pause()
    assert states(messages) == [State.UNKNOWN] * 3
    pause_is_over()
    drain(now=NOW + timedelta(hours=1))
    assert states(messages) == [State.UNKNOWN] * 3


def test_a_lost_answer_is_found_by_asking(drain_until_pause: Act, look_after: Act, sandbox: SandboxControl) -> None:
    messages = queue_notes(3)
    sandbox.fault("drop_after", path="/v3.1/send")
    drain_until_pause()
    pause_is_over()
    look_after(now=NOW + LOOK_UPS[0])
    assert states(messages) == [State.ACCEPTED] * 3
    assert len(sandbox.messages()) == 3
    found = Message.objects.get(id=messages[0].id)
    assert found.mailjet_message_id in {arrived.message_id for arrived in sandbox.messages()}


def test_a_message_that_never_arrived_is_sent_after_the_last_look_up(
    drain_until_pause: Act, look_after: Act, sandbox: SandboxControl
) -> None:
    message = queue(note_to())[0]
    sandbox.fault("drop_before", path="/v3.1/send")
    drain_until_pause()
    pause_is_over()
    for look_up in LOOK_UPS[:-1]:
        look_after(now=NOW + look_up)
        assert states([message]) == [State.UNKNOWN]
    look_after(now=NOW + LOOK_UPS[-1])
    assert states([message]) == [State.ACCEPTED]
    assert len(sandbox.messages()) == 1


def test_an_answer_listed_late_is_not_sent_twice(
    drain_until_pause: Act, look_after: Act, sandbox: SandboxControl
) -> None:
    message = queue(note_to())[0]
    sandbox.settings(listing_lag_seconds=3600)
    sandbox.fault("drop_after", path="/v3.1/send")
    drain_until_pause()
    pause_is_over()
    look_after(now=NOW + LOOK_UPS[0])
    assert states([message]) == [State.UNKNOWN]
    sandbox.settings(listing_lag_seconds=0)
    look_after(now=NOW + LOOK_UPS[1])
    assert states([message]) == [State.ACCEPTED]
    assert len(sandbox.messages()) == 1


def test_a_worker_lost_in_mid_call_leads_to_a_question_not_to_a_second_send(
    look_after: Act, sandbox: SandboxControl
) -> None:
    message = queue(note_to())[0]
    Message.objects.filter(id=message.id).update(state=State.CLAIMED, lease_until=NOW)
    look_after(now=NOW + timedelta(seconds=1))
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.UNKNOWN, WORKER_LOST)
    assert sandbox.messages() == []


def test_a_lease_that_still_runs_is_left_alone(look_after: Act) -> None:
    message = queue(note_to())[0]
    Message.objects.filter(id=message.id).update(state=State.CLAIMED, lease_until=NOW + LEASE)
    look_after(now=NOW)
    assert states([message]) == [State.CLAIMED]


def test_too_many_calls_pause_and_drop_nothing(drain_until_pause: Act, drain: Act, sandbox: SandboxControl) -> None:
    messages = queue_notes(3)
    sandbox.fault("status", status=429, path="/v3.1/send")
    drain_until_pause()
    assert states(messages) == [State.QUEUED] * 3
    assert "too many requests" in Pause.objects.get().reason
    pause_is_over()
    drain()
    assert states(messages) == [State.ACCEPTED] * 3


def test_a_retry_after_is_honoured(drain_until_pause: Act, sandbox: SandboxControl) -> None:
    queue(note_to())
    sandbox.fault("status", status=429, path="/v3.1/send", retry_after=300)
    drain_until_pause()
    pause = Pause.objects.get()
    assert timedelta(seconds=299) < pause.until - pause.since < timedelta(seconds=301)


def test_a_wrong_key_keeps_everything_queued_and_says_so(drain_until_pause: Act, sandbox: SandboxControl) -> None:
    message = queue(note_to())[0]
    sandbox.register_key("another-key", "another-secret")
    drain_until_pause()
    message.refresh_from_db()
    assert message.state == State.QUEUED
    assert "key" in Pause.objects.get().reason


def test_a_suspended_account_keeps_everything_queued_and_says_so(
    drain_until_pause: Act, sandbox: SandboxControl
) -> None:
    message = queue(note_to())[0]
    sandbox.suspend_key("test-key")
    drain_until_pause()
    assert states([message]) == [State.QUEUED]
    assert "mj-0001" in Pause.objects.get().reason


def test_pauses_grow_with_failures_in_a_row(drain_until_pause: Act) -> None:
    queue(note_to())
    lengths = []
    for _ in range(4):
        drain_until_pause(config=config_for(NOBODY_LISTENS))
        pause = Pause.objects.get()
        lengths.append(pause.until - timezone.now())
        pause_is_over()
    assert lengths[3] > lengths[0] * 2


def test_an_accepted_message_is_never_queued_again_by_staff(drain: Act) -> None:
    message = queue(note_to())[0]
    drain()
    changed = retry([message.id], now=NOW)
    assert changed.changed == 0
    assert "accepted" in changed.skipped[message.id]


def test_an_unknown_message_is_not_queued_again_by_staff(drain_until_pause: Act, sandbox: SandboxControl) -> None:
    message = queue(note_to())[0]
    sandbox.fault("drop_after", path="/v3.1/send")
    drain_until_pause()
    assert retry([message.id], now=NOW).changed == 0
    assert states([message]) == [State.UNKNOWN]


def test_a_message_whose_secret_is_erased_is_not_queued_again(drain: Act) -> None:
    message = queue(note_to(note=Note(secrets=frozenset({"customer_name"})), expires_at=NOW))[0]
    drain()
    assert "erased" in retry([message.id], now=NOW).skipped[message.id]


def test_a_call_refused_as_a_whole_is_halved_until_the_culprit_stands_alone(
    drain: Act, sandbox: SandboxControl
) -> None:
    """Every call with the first of eight messages is refused: of 8, of 4, of 2, and of 1."""
    messages = queue_notes(8)
    sandbox.fault("status", status=400, times=4, path="/v3.1/send")
    drain()
    assert states(messages) == [State.REFUSED] + [State.ACCEPTED] * 7
    assert [call.messages for call in sandbox.calls()][4:] == [1, 2, 4]


def test_an_answer_in_no_known_form_harms_no_other_call(drain_until_pause: Act, sandbox: SandboxControl) -> None:
    messages = queue_notes(3)
    sandbox.fault("wrong_content", path="/v3.1/send")
    drain_until_pause()
    assert states(messages) == [State.UNKNOWN] * 3
