"""Into the outbox: in the caller's transaction, once per key, never what could not be sent."""

from datetime import timedelta

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import UnsendableEmail, enqueue, enqueue_many
from omnicrm.outbox.states import Lane, State
from tests.integration.outbox.conftest import NOW, Note, note_to, queue

HELENE = Recipient(email="helene@example.com", name="Hélène Lefèvre", language="fr")

pytestmark = pytest.mark.django_db


def test_an_email_becomes_a_queued_message_in_the_recipients_language() -> None:
    enqueued = enqueue(Note(lane=Lane.SECURITY), to=HELENE, key="note:1", now=NOW)
    message = Message.objects.get(id=enqueued.message_id)
    assert enqueued.created
    assert (message.state, message.lane, message.to_email) == (State.QUEUED, Lane.SECURITY, "helene@example.com")
    assert message.subject == "Votre Facture - INV-1 (fr)"
    assert message.variables == {"customer_name": "Hélène", "language": "fr"}


def test_a_key_is_spent_once() -> None:
    first = enqueue(Note(), to=HELENE, key="note:1", now=NOW)
    second = enqueue(Note(), to=HELENE, key="note:1", now=NOW)
    assert (second.created, second.message_id) == (False, first.message_id)
    assert Message.objects.count() == 1


def test_a_key_stays_spent_when_its_message_is_gone() -> None:
    enqueue(Note(), to=HELENE, key="note:1", now=NOW)
    Message.objects.all().delete()
    assert not enqueue(Note(), to=HELENE, key="note:1", now=NOW).created


def test_nothing_is_queued_when_the_callers_change_is_undone() -> None:
    with transaction.atomic():
        enqueue(Note(), to=HELENE, key="note:1", now=NOW)
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert not ProcrastinateJob.objects.exists()
    assert enqueue(Note(), to=HELENE, key="note:1", now=NOW).created


def test_enqueueing_wakes_a_worker() -> None:
    enqueue(Note(), to=HELENE, key="note:1", now=NOW)
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.scheduled_at) == ("outbox.drain", None)


def test_one_sent_to_very_many_may_go_in_another_lane_than_its_own() -> None:
    enqueue(Note(lane=Lane.TRANSACTIONAL), to=HELENE, key="note:1", now=NOW, lane=Lane.SECURITY)
    queue(note_to(note=Note(lane=Lane.TRANSACTIONAL), key="note:2", lane=Lane.BULK))
    assert [message.lane for message in Message.objects.order_by("key")] == [Lane.SECURITY, Lane.BULK]


def test_an_email_held_back_wakes_a_worker_at_its_time() -> None:
    later = NOW + timedelta(hours=2)
    enqueue(Note(), to=HELENE, key="note:1", now=NOW, not_before=later)
    assert ProcrastinateJob.objects.get().scheduled_at == later


@pytest.mark.parametrize(
    ("address", "why"),
    [("nobody", "not an email address"), (" a@example.com", "normal form"), ("a@EXAMPLE.com", "normal form")],
)
def test_an_address_that_is_not_normalised_is_an_error(address: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        enqueue(Note(), to=Recipient(email=address, name="", language="fr"), key="note:1", now=NOW)
    assert not Message.objects.exists()


def test_an_internationalised_address_is_taken() -> None:
    message = queue(note_to("hélène@exämple.fr"))[0]
    assert message.to_email == "hélène@exämple.fr"


def test_a_subject_over_the_limit_is_an_error() -> None:
    with pytest.raises(UnsendableEmail, match="at most 255"):
        enqueue(Note(subject_line="x" * 256), to=HELENE, key="note:1", now=NOW)


def test_many_emails_are_queued_at_once_and_spent_keys_are_counted() -> None:
    queue(note_to("c1@example.com"))
    result = enqueue_many((note_to(f"c{number}@example.com") for number in (1, 2, 3, 3)), now=NOW)
    assert (result.created, result.already_enqueued) == (2, 2)
    assert Message.objects.count() == 3


def test_many_emails_wake_one_worker_once() -> None:
    enqueue_many((note_to(f"c{number}@example.com") for number in range(100)), now=NOW)
    assert ProcrastinateJob.objects.count() == 1


def test_one_unsendable_email_of_many_queues_none() -> None:
    good_and_bad = [note_to("c1@example.com"), note_to("c2@example.com", note=Note(subject_line="x" * 256))]
    with pytest.raises(UnsendableEmail, match=r"note:c2@example\.com"):
        enqueue_many(good_and_bad, now=NOW)
    assert not Message.objects.exists()


def test_enqueue_many_twice_in_one_transaction() -> None:
    with transaction.atomic():
        enqueue_many([note_to("c1@example.com")], now=NOW)
        enqueue_many([note_to("c2@example.com")], now=NOW)
    assert Message.objects.count() == 2


def test_hostile_text_arrives_as_it_is() -> None:
    text = 'Robert"); DROP TABLE outbox_message;--\t\\N\n\u202e😀'
    message = queue(note_to(note=Note(content={"customer_name": text})))[0]
    assert message.variables["customer_name"] == text
