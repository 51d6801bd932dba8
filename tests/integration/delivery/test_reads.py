"""What pages and programs are shown of deliveries."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.operations import create_customer
from omnicrm.delivery.queries import EVENTS_SHOWN, events_of, troubled_contacts, troubles_of
from omnicrm.mailjet.events import Kind
from omnicrm.outbox.suppressions import suppress
from tests.integration.delivery.conftest import HELENE, NOW, accepted, event, hard_bounce, take

pytestmark = pytest.mark.django_db


def test_events_are_told_by_message_oldest_first(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first, second, silent = accepted(1), accepted(2), accepted(3)
    take(event(Kind.OPEN, first, after=90), event(Kind.SENT, second), event(Kind.SENT, first))
    with django_assert_num_queries(1):
        told = events_of([first.id, second.id, silent.id])
    assert {message_id: [each.kind for each in events] for message_id, events in told.items()} == {
        first.id: ["sent", "open"],
        second.id: ["sent"],
    }


def test_thousands_of_openings_do_not_hide_the_complaint() -> None:
    message = accepted()
    take(*(event(Kind.OPEN, message, after=second) for second in range(60, 70 + EVENTS_SHOWN)))
    take(event(Kind.SPAM, message, after=3600))
    told = [each.kind for each in events_of([message.id])[message.id]]
    assert told == ["open"] * EVENTS_SHOWN + ["spam"]


def test_a_troubled_address_says_why_and_since_when() -> None:
    take(hard_bounce(accepted()))
    trouble = troubles_of([HELENE]).get(HELENE)
    assert trouble is not None
    assert trouble.reason == "Hard bounce: user unknown (550 5.1.1 no)"
    assert trouble.since == NOW + timedelta(seconds=120)


def test_one_that_only_wants_no_marketing_is_no_trouble() -> None:
    take(event(Kind.UNSUB, accepted()))
    assert troubles_of([HELENE]).get(HELENE) is None


def test_contacts_in_trouble_are_told_newest_first_with_their_customers(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for name, email in (("Martin", HELENE), ("Durand", "paul@example.com"), ("Petit", "fine@example.com")):
        create_customer(customer_name=name, contacts=[{"email": email}], now=NOW)
    take(hard_bounce(accepted()))
    suppress(address="paul@example.com", scope="everything", reason="asked by phone", by=SYSTEM, now=NOW)
    suppress(address="stranger@example.com", scope="everything", reason="asked by phone", by=SYSTEM, now=NOW)
    with django_assert_num_queries(3):
        told = [(each.contact.customer.customer_name, each.trouble.address) for each in troubled_contacts()]
    assert told == [("Durand", "paul@example.com"), ("Martin", HELENE)]
    assert len(troubled_contacts(limit=1)) == 1
