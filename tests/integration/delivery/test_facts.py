"""Events as facts: kept as they are, without what nobody may keep, and without an erased customer."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from omnicrm.customers.models import Customer
from omnicrm.customers.operations import create_customer
from omnicrm.delivery.models import DeliveryEvent
from omnicrm.delivery.operations import forget_events
from omnicrm.delivery.queries import export_events
from omnicrm.mailjet.events import Event, Kind
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.delivery.conftest import HELENE, accepted, event, hard_bounce, now_is, suppressed, take

pytestmark = pytest.mark.django_db
PERSONAL = ("email", "comment", "url", "agent", "country")
CLICK = {"url": "https://crm.example.com/pay/7", "agent": "Firefox", "country": "FR"}
NOTHING_PERSONAL = dict.fromkeys(PERSONAL, "")


@pytest.fixture
def martin(db: None) -> Customer:
    contacts = [{"first_name": "Hélène", "email": HELENE}]
    return create_customer(customer_name="Boulangerie Martin", contacts=contacts, now=accepted(99).created_at)


def click(message: Message | None = None, **fields: str) -> Event:
    return event(Kind.CLICK, message, **{**CLICK, **fields})


def personal(kept: DeliveryEvent) -> dict[str, str]:
    return {name: getattr(kept, name) for name in PERSONAL}


@pytest.mark.parametrize(
    "change",
    ["UPDATE delivery_event SET kind = 'sent'", "DELETE FROM delivery_event", "TRUNCATE delivery_event"],
    ids=["changed", "deleted", "emptied"],
)
def test_an_event_cannot_be(change: str) -> None:
    take(hard_bounce(accepted()))
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_an_event_is_kept_with_all_it_says() -> None:
    message = accepted()
    take(click(message))
    kept = DeliveryEvent.objects.get()
    assert (kept.kind, kept.message_id, kept.mailjet_message_id) == ("click", message.id, message.mailjet_message_id)
    assert personal(kept) == {"email": HELENE, "comment": "", **CLICK}


def test_a_link_that_lets_in_is_not_kept() -> None:
    message = accepted(section="api_crmCommunicationUserPasswordReset", secrets=["reset_url"])
    take(click(message, url="https://crm.example.com/reset/s3cret"))
    assert DeliveryEvent.objects.get().url == ""


def test_a_link_of_other_software_is_not_kept() -> None:
    take(click(custom_id="order-17"))
    assert DeliveryEvent.objects.get().url == ""


def test_an_erased_customers_events_lose_what_is_personal(martin: Customer) -> None:
    message = accepted(customer=martin)
    take(click(message), hard_bounce(message, comment=f"550 <{HELENE}> unknown"))
    assert forget_events(customer_id=martin.pk) == 2
    assert [personal(kept) for kept in DeliveryEvent.objects.all()] == [NOTHING_PERSONAL] * 2
    assert {kept.kind for kept in DeliveryEvent.objects.all()} == {"click", "bounce"}


def test_so_do_events_of_other_software_at_its_addresses(martin: Customer) -> None:
    take(event(Kind.OPEN, email="Helene@example.com", agent="Firefox"))
    forget_events(customer_id=martin.pk)
    assert personal(DeliveryEvent.objects.get()) == NOTHING_PERSONAL


def test_nobody_elses_events_are_touched(martin: Customer) -> None:
    take(click(accepted()), event(Kind.OPEN, email="paul@example.com", agent="Firefox"))
    assert forget_events(customer_id=martin.pk) == 0
    assert {kept.email for kept in DeliveryEvent.objects.all()} == {HELENE, "paul@example.com"}


def test_the_table_is_append_only_again_after_an_erasure(martin: Customer) -> None:
    take(click(accepted(customer=martin)))
    forget_events(customer_id=martin.pk)
    with pytest.raises(ProgrammingError, match="append-only"):
        DeliveryEvent.objects.update(agent="")


def test_what_comes_after_an_erasure_is_kept_without_what_is_personal() -> None:
    message = accepted(to_email="", reason="The customer was erased.")
    take(hard_bounce(message, email=HELENE, comment=f"550 <{HELENE}> unknown"))
    assert personal(DeliveryEvent.objects.get()) == NOTHING_PERSONAL
    assert (now_is(message).state, now_is(message).reason) == (State.BOUNCED, "The customer was erased.")
    assert not suppressed()


def test_a_customers_data_tell_of_its_events(martin: Customer) -> None:
    message = accepted(customer=martin)
    take(click(message), event(Kind.OPEN, agent="Outlook", after=90), event(Kind.OPEN, email="paul@example.com"))
    told = export_events(martin.pk)
    assert [(each["kind"], each["agent"]) for each in told] == [("click", "Firefox"), ("open", "Outlook")]


def test_an_event_of_any_time_finds_a_place() -> None:
    message = accepted()
    for years in (-10, 20):
        take(event(Kind.OPEN, message, after=int(timedelta(days=365 * years).total_seconds())))
    assert DeliveryEvent.objects.count() == 2
