"""Marketing sent by hand goes only to whoever has agreed to it."""

import asyncio
import re

import pytest
from django.test import Client
from django.urls import reverse
from psycopg import AsyncConnection

from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, Entry
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import ConsentSource, Contact
from omnicrm.customers.operations import give_marketing_consent, update_contact, withdraw_marketing_consent
from omnicrm.emails.guards import contact_has_agreed
from omnicrm.emails.operations import send_custom_email
from omnicrm.emails.opt_in import NOT_AGREED
from omnicrm.emails.recipients import Addressee, suppression_of
from omnicrm.outbox.consent import unsubscribe_address
from omnicrm.outbox.guards import Reasons
from omnicrm.outbox.models import Message
from omnicrm.outbox.runtime import conninfo
from tests.integration.api.conftest import Integrator
from tests.integration.backoffice.scene import signed_in, staff
from tests.integration.custom_emails.conftest import GIVEN, NOW, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def contact(email: str = "helene@example.com", *, agreed: bool) -> Contact:
    """The primary contact of a new customer."""
    found = registered(email).contacts.get(contact_type="primary")
    return give_marketing_consent(contact_id=found.pk, source=ConsentSource.SHOP, now=NOW) if agreed else found


def offer(to: Addressee) -> Message:
    enqueued = send_custom_email(section="autumn_offer", variables={}, to=to, now=NOW)
    return Message.objects.get(pk=enqueued.message_id)


def refused(to: Addressee) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        offer(to)
    assert not Message.objects.exists()
    return {error.field: error.message for error in refusal.value.errors}


def test_a_contact_who_agreed_gets_it() -> None:
    assert offer(Addressee(contact_id=contact(agreed=True).pk)).to_email == "helene@example.com"


def test_a_contact_who_has_not_agreed_gets_none() -> None:
    to = Addressee(contact_id=contact(agreed=False).pk)
    assert refused(to) == {"contact_id": "The contact has not agreed to marketing email."}


def test_a_customer_gets_none_unless_the_primary_contact_agreed() -> None:
    primary = contact(agreed=False)
    billing = primary.customer.contacts.get(contact_type="billing")
    give_marketing_consent(contact_id=billing.pk, source=ConsentSource.STAFF, now=NOW)
    assert refused(Addressee(customer_id=primary.customer_id)) == {"customer_id": NOT_AGREED}


def test_whoever_sends_cannot_agree_for_a_contact() -> None:
    primary = contact(agreed=False)
    assert list(refused(Addressee(contact_id=primary.pk, consent_given=True))) == ["contact_id"]
    assert list(refused(Addressee(to_email="helene@example.com", consent_given=True))) == ["to_email"]


def test_an_address_gets_it_that_a_contact_agreed_for() -> None:
    contact(agreed=False)
    contact(agreed=True)
    assert offer(Addressee(to_email="Helene@Example.com")).customer_id is None


def test_an_address_of_nobody_gets_it_only_if_whoever_sends_says_that_it_agreed() -> None:
    assert list(refused(Addressee(to_email="ada@example.com"))) == ["consent_given"]
    assert offer(Addressee(to_email="ada@example.com", consent_given=True)).is_marketing


def test_an_email_that_is_no_marketing_asks_nobody() -> None:
    to = Addressee(contact_id=contact(agreed=False).pk)
    assert send_custom_email(section="planned_maintenance", variables=GIVEN, to=to, now=NOW).created


def consent_page(of: Contact) -> str:
    return reverse("admin:customers_customer_consent_page", args=[of.customer_id])


def untrue(message: Message) -> Reasons:
    async def ask() -> Reasons:
        async with await AsyncConnection.connect(conninfo(), autocommit=True) as connection:
            return await contact_has_agreed(connection, [message.pk])

    return asyncio.run(ask())


class TestInTheBackOffice:
    FILLED = {"token": "6a1b7e0e-4d0c-4b4e-9d8e-0c9a0f6a4b11", "language": "en", "step": "send"}  # noqa: RUF012
    PAGE = "/backoffice/send/autumn_offer/"

    @pytest.fixture
    def support(self) -> Client:
        return signed_in(staff(Role.SUPPORT, language="en"))

    def test_a_contact_who_has_not_agreed_is_marked_and_refused(self, support: Client) -> None:
        primary = contact(agreed=False)
        page = f"{self.PAGE}?customer={primary.customer_id}"
        assert "Primary · has not agreed to marketing" in support.get(page).content.decode()
        answer = support.post(page, {**self.FILLED, "contact": str(primary.pk)})
        assert NOT_AGREED in answer.content.decode()
        assert not Message.objects.exists()

    def test_an_address_of_nobody_needs_the_switch(self, support: Client) -> None:
        filled = {**self.FILLED, "to_email": "ada@example.com"}
        answer = support.post(self.PAGE, filled)
        assert "confirm that it has agreed to marketing email" in answer.content.decode()
        assert support.post(self.PAGE, {**filled, "consent_given": "on"}).status_code == 302
        assert Message.objects.get().to_email == "ada@example.com"

    def test_a_preview_remembers_the_switch(self, support: Client) -> None:
        filled = {**self.FILLED, "to_email": "ada@example.com", "consent_given": "on", "step": "preview"}
        shown = support.post(self.PAGE, filled).content.decode()
        assert re.search(r'type="hidden" name="consent_given" value="True"', shown)

    def test_an_email_that_is_no_marketing_has_no_switch(self, support: Client) -> None:
        assert "consent_given" not in support.get("/backoffice/send/planned_maintenance/").content.decode()


class TestNotedByStaff:
    @pytest.fixture
    def support(self) -> Client:
        return signed_in(staff(Role.SUPPORT, language="en"))

    def test_a_switch_for_each_contact_says_whether_it_has_agreed(self, support: Client) -> None:
        primary = contact(agreed=True)
        form = support.get(consent_page(primary)).context["form"]
        assert [(each.label, each.initial) for each in form] == [
            ("Hélène Martin <helene@example.com>", True),
            ("billing.helene@example.com", False),
        ]

    def test_who_told_staff_gets_marketing(self, support: Client) -> None:
        primary = contact(agreed=False)
        support.post(consent_page(primary), {f"contact_{primary.pk}": "on"})
        assert offer(Addressee(contact_id=primary.pk)).is_marketing
        primary.refresh_from_db()
        assert primary.marketing_consent_source == ConsentSource.STAFF
        entry = Entry.objects.get(action=Action.CONSENT_GIVEN)
        assert (entry.actor_name, entry.target_id) == ("Support Person", primary.customer_id)
        assert entry.detail == {"address": "helene@example.com"}

    def test_who_no_longer_agrees_gets_none(self, support: Client) -> None:
        primary = contact(agreed=True)
        support.post(consent_page(primary))
        assert list(refused(Addressee(contact_id=primary.pk))) == ["contact_id"]
        assert Entry.objects.filter(action=Action.CONSENT_WITHDRAWN).count() == 1

    def test_saving_what_was_known_changes_and_notes_nothing(self, support: Client) -> None:
        primary = contact(agreed=True)
        support.post(consent_page(primary), {f"contact_{primary.pk}": "on"})
        primary.refresh_from_db()
        assert primary.marketing_consent_source == ConsentSource.SHOP
        assert not Entry.objects.filter(action__startswith="consent").exists()


class TestNotedByAnotherSystem:
    @pytest.fixture
    def shop(self) -> Integrator:
        return Integrator(create_api_key(name="shop", role=Role.SUPPORT, now=NOW).plain_key)

    def test_the_contact_shows_since_when_and_where_it_agreed(self, shop: Integrator) -> None:
        number = contact(agreed=False).pk
        answer = shop.send("PUT", f"/contact/{number}/marketing_consent", b"")
        assert answer.status_code == 200
        assert answer.json()["marketing_consent_source"] == "shop"
        assert answer.json() == shop.get(f"/contact/{number}").json()
        assert offer(Addressee(contact_id=number)).is_marketing

    def test_it_can_be_taken_back(self, shop: Integrator) -> None:
        number = contact(agreed=True).pk
        assert shop.delete(f"/contact/{number}/marketing_consent").json()["marketing_consent_at"] is None
        assert list(refused(Addressee(contact_id=number))) == ["contact_id"]

    def test_it_does_not_undo_an_unsubscribe(self, shop: Integrator) -> None:
        number = contact(agreed=False).pk
        unsubscribe_address("helene@example.com", now=NOW)
        shop.send("PUT", f"/contact/{number}/marketing_consent", b"")
        assert suppression_of("helene@example.com", is_marketing=True) is not None


class TestJustBeforeItLeaves:
    """The contact is asked again."""

    pytestmark = pytest.mark.django_db(transaction=True)

    def test_it_leaves_while_the_contact_agrees(self) -> None:
        assert untrue(offer(Addressee(contact_id=contact(agreed=True).pk))) == {}

    def test_it_stays_where_consent_was_withdrawn_meanwhile(self) -> None:
        agreed = contact(agreed=True)
        message = offer(Addressee(contact_id=agreed.pk))
        withdraw_marketing_consent(contact_id=agreed.pk, now=NOW)
        assert untrue(message) == {message.pk: NOT_AGREED}

    def test_it_stays_where_the_address_is_another_now(self) -> None:
        agreed = contact(agreed=True)
        message = offer(Addressee(contact_id=agreed.pk))
        update_contact(contact_id=agreed.pk, email="h.martin@example.com", now=NOW)
        assert untrue(message) == {message.pk: NOT_AGREED}

    def test_an_address_alone_is_not_asked_again(self) -> None:
        assert untrue(offer(Addressee(to_email="ada@example.com", consent_given=True))) == {}
