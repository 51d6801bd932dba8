"""Erasing a customer: the person goes, the figures stay."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.models import Contact, Customer
from omnicrm.delivery.models import DeliveryEvent
from omnicrm.delivery.operations import take_events
from omnicrm.invoices.reminder_models import ReminderMail
from omnicrm.invoices.reminders import pause_customer
from omnicrm.mailjet.events import Event, Kind
from omnicrm.onboarding.operations import ERASED, Registered, erase_customer, send_welcome_again
from omnicrm.onboarding.queries import export_customer
from omnicrm.outbox.models import Message, MessageKey, Suppression, SuppressionScope
from omnicrm.outbox.states import State
from tests.integration.onboarding.conftest import NOW, welcomes_to

LATER = NOW + timedelta(days=1)


def became(message: Message, state: State, **more: Any) -> None:
    """As the dispatch would have left it."""
    Message.objects.filter(id=message.id).update(state=state, **more)


@pytest.fixture
def accepted(martin: Registered) -> Message:
    """The welcome, accepted by Mailjet after one refusal that quotes the address; a file came with it."""
    (message,) = welcomes_to(martin.customer)
    attempts = [
        {"at": "2026-05-31T12:00:00Z", "outcome": "refused", "detail": "helene@example.com is not valid"},
        {"at": "2026-05-31T12:01:00Z", "outcome": "accepted", "detail": ""},
    ]
    became(message, State.ACCEPTED, attempts=attempts, accepted_at=NOW, mailjet_message_id=2**60, reason="to helene")
    became(message, State.ACCEPTED, attachments=[{"path": "1.pdf", "filename": "martin.pdf", "size": 1}])
    return message


def test_the_customer_and_what_belongs_to_it_is_gone(martin: Registered) -> None:
    erase_customer(customer_id=martin.customer.pk, now=LATER)
    assert not Customer.objects.exists()
    assert not Contact.objects.exists()


def test_what_has_not_left_is_cancelled(martin: Registered) -> None:
    erased = erase_customer(customer_id=martin.customer.pk, now=LATER)
    assert (erased.messages, erased.cancelled) == (1, 1)
    message = Message.objects.get(id=martin.welcome.message_id)
    assert (message.state, message.reason) == (State.CANCELLED, ERASED)


def test_messages_lose_what_they_say_and_to_whom(martin: Registered, accepted: Message) -> None:
    erase_customer(customer_id=martin.customer.pk, now=LATER)
    stored: Mapping[str, Any] = Message.objects.values().get(id=accepted.id)
    assert "helene" not in str(stored).lower()
    assert "martin" not in str(stored).lower()
    assert (stored["customer_id"], stored["variables"], stored["subject"]) == (None, {}, "")


def test_messages_keep_their_states_and_times(martin: Registered, accepted: Message) -> None:
    erased = erase_customer(customer_id=martin.customer.pk, now=LATER)
    stored = Message.objects.get(id=accepted.id)
    assert (stored.state, stored.accepted_at, stored.created_at, stored.mailjet_message_id) == (
        State.ACCEPTED,
        NOW,
        NOW,
        2**60,
    )
    assert [(attempt["at"], attempt["outcome"]) for attempt in stored.attempts] == [
        ("2026-05-31T12:00:00Z", "refused"),
        ("2026-05-31T12:01:00Z", "accepted"),
    ]
    assert erased.cancelled == 0


def test_an_erased_message_in_mid_call_can_still_be_recorded(martin: Registered, accepted: Message) -> None:
    became(accepted, State.UNKNOWN, variables={"reset_url": "https://example.com/s3cret"}, secrets=["reset_url"])
    erase_customer(customer_id=martin.customer.pk, now=LATER)
    became(accepted, State.ACCEPTED)
    assert Message.objects.get(id=accepted.id).variables == {}


def opening(message: Message | None) -> Event:
    return Event(
        kind=Kind.OPEN,
        happened_at=NOW,
        mailjet_message_id=message.mailjet_message_id if message else None,
        custom_id=str(message.id) if message else "",
        email="helene@example.com",
        agent="Mozilla/5.0",
        country="FR",
    )


def test_what_mailjet_told_loses_who_it_was(martin: Registered, accepted: Message) -> None:
    take_events([opening(accepted), opening(None)], now=NOW)
    erase_customer(customer_id=martin.customer.pk, now=LATER)
    left = DeliveryEvent.objects.values_list("kind", "email", "agent", "country")
    assert list(left) == [("open", "", "", "")] * 2


def test_what_mailjet_tells_of_an_erased_message_is_kept_without_who_it_was(
    martin: Registered, accepted: Message
) -> None:
    erase_customer(customer_id=martin.customer.pk, now=LATER)
    take_events([opening(accepted)], now=LATER)
    assert list(DeliveryEvent.objects.values_list("kind", "email", "agent")) == [("open", "", "")]


def test_other_customers_lose_nothing(martin: Registered, durand: Customer) -> None:
    send_welcome_again(customer_id=durand.pk, now=NOW)
    erase_customer(customer_id=martin.customer.pk, now=LATER)
    (message,) = welcomes_to(durand)
    assert (message.state, message.to_email) == (State.QUEUED, "paul@example.com")


def test_a_spent_key_stays_spent(martin: Registered) -> None:
    erase_customer(customer_id=martin.customer.pk, now=LATER)
    assert MessageKey.objects.filter(key=f"customer:{martin.customer.pk}:welcome").exists()


@pytest.mark.django_db
def test_nobody_can_be_erased_who_does_not_exist() -> None:
    with pytest.raises(Customer.DoesNotExist):
        erase_customer(customer_id=1, now=NOW)


def test_an_export_tells_all_that_is_stored(martin: Registered) -> None:
    Suppression.objects.create(
        address="helene@example.com", scope=SuppressionScope.EVERYTHING, reason="bounced", created_at=NOW
    )
    export = export_customer(customer_id=martin.customer.pk, now=LATER)
    assert export["exported_at"] == LATER
    assert export["customer"]["customer_name"] == "Boulangerie Martin"
    assert [contact["email"] for contact in export["contacts"]] == ["helene@example.com"]
    assert [message["to_email"] for message in export["messages"]] == ["helene@example.com"]
    assert [suppression["reason"] for suppression in export["suppressions"]] == ["bounced"]


def test_an_export_hides_what_opens_something(martin: Registered) -> None:
    secret = {"reset_url": "https://example.com/s3cret", "user_name": "Hélène"}
    Message.objects.filter(Q(customer=martin.customer)).update(variables=secret, secrets=["reset_url"])
    (message,) = export_customer(customer_id=martin.customer.pk, now=NOW)["messages"]
    assert message["variables"] == {"reset_url": "•••", "user_name": "Hélène"}


def test_an_export_tells_nothing_of_others(martin: Registered, durand: Customer) -> None:
    send_welcome_again(customer_id=durand.pk, now=NOW)
    assert "paul@example.com" not in str(export_customer(customer_id=martin.customer.pk, now=NOW))


def test_an_export_tells_what_mailjet_told(martin: Registered, accepted: Message) -> None:
    take_events([opening(accepted), opening(None)], now=NOW)
    told = export_customer(customer_id=martin.customer.pk, now=NOW)["delivery_events"]
    assert [(event["kind"], event["agent"]) for event in told] == [("open", "Mozilla/5.0")] * 2


def test_an_export_tells_of_reminders_and_why_they_pause(martin: Registered) -> None:
    pause_customer(customer_id=martin.customer.pk, reason="dispute", note="Wrong tariff", by=SYSTEM, now=NOW)
    ReminderMail.objects.create(customer=martin.customer, day=NOW.date(), created_at=NOW)
    export = export_customer(customer_id=martin.customer.pk, now=NOW)
    assert [pause["note"] for pause in export["reminder_pauses"]] == ["Wrong tariff"]
    assert [mail["day"] for mail in export["reminder_mails"]] == [NOW.date()]
    assert export["reminders"] == []
