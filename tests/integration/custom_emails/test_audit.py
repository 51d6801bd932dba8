"""The audit log tells who sent which email by hand, and to whom; not what it says."""

import pytest
from django.test import Client
from django.urls import reverse

from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, ActorKind, Entry, TargetKind
from omnicrm.audit.operations import Actor
from omnicrm.emails.operations import send_custom_email
from omnicrm.emails.recipients import Addressee
from omnicrm.emails.templates.trial import send_trial
from omnicrm.onboarding.operations import erase_customer
from omnicrm.outbox.models import Message
from tests.integration.backoffice.scene import signed_in, staff
from tests.integration.custom_emails.conftest import GIVEN, NOW, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]
SHOP = Actor(kind=ActorKind.API_KEY, id=7, name="shop", ip="203.0.113.7")
ADDRESS = Addressee(to_email="ada@example.com")


def send(to: Addressee = ADDRESS, *, key: str = "") -> Message:
    variables = {**GIVEN, "service_name": "Fibre of the castle", "access_code": "4711"}
    enqueued = send_custom_email(section="planned_maintenance", variables=variables, to=to, by=SHOP, key=key, now=NOW)
    return Message.objects.get(pk=enqueued.message_id)


def sent() -> Entry:
    return Entry.objects.get(action__in=[Action.EMAIL_SENT, Action.TEST_SENT])


def test_an_email_to_a_customer_is_told_of_at_the_customer() -> None:
    customer = registered()
    message = send(Addressee(customer_id=customer.pk))
    entry = sent()
    assert (entry.action, entry.at) == (Action.EMAIL_SENT, NOW)
    assert (entry.actor_kind, entry.actor_id, entry.actor_name, entry.ip) == ("api_key", 7, "shop", "203.0.113.7")
    assert (entry.target_kind, entry.target_id, entry.target_name) == ("customer", customer.pk, "Boulangerie Martin")
    assert entry.detail == {
        "email": "planned_maintenance",
        "message": str(message.pk),
        "address": "helene@example.com",
    }


def test_an_email_to_an_address_is_told_of_at_the_address() -> None:
    message = send()
    entry = sent()
    assert (entry.target_kind, entry.target_id, entry.target_name) == (TargetKind.ADDRESS, None, "ada@example.com")
    assert entry.detail == {"email": "planned_maintenance", "message": str(message.pk)}


def test_an_email_that_was_queued_before_is_told_of_once() -> None:
    send(key="works-17")
    send(key="works-17")
    assert sent()


def test_an_erased_customers_address_is_no_longer_in_the_log() -> None:
    customer = registered()
    send(Addressee(customer_id=customer.pk))
    erase_customer(customer_id=customer.pk, now=NOW)
    assert (sent().target_name, sent().detail) == ("", {})


def test_a_test_of_a_template_is_told_of_too() -> None:
    message_id = send_trial(section="planned_maintenance", language="en", to="ada@example.com", by=SHOP, now=NOW)
    entry = sent()
    assert (entry.action, entry.actor_name, entry.target_name) == (Action.TEST_SENT, "shop", "ada@example.com")
    assert entry.detail == {"email": "planned_maintenance", "message": str(message_id)}


class TestInTheBackOffice:
    @pytest.fixture
    def support(self) -> Client:
        return signed_in(staff(Role.SUPPORT, language="en"))

    def test_the_email_is_the_users(self, support: Client) -> None:
        filled = {
            "token": "6a1b7e0e-4d0c-4b4e-9d8e-0c9a0f6a4b11",
            "to_email": "ada@example.com",
            "language": "en",
            "var_service_name": "Fibre",
            "var_starts_at": "2026-12-01T22:00",
            "step": "send",
        }
        support.post("/backoffice/send/planned_maintenance/", filled)
        assert (sent().action, sent().actor_name) == (Action.EMAIL_SENT, "Support Person")

    def test_so_is_the_test_of_a_template(self, support: Client) -> None:
        support.post("/backoffice/templates/planned_maintenance/", {"to": "ada@example.com", "language": "en"})
        assert (sent().action, sent().actor_name) == (Action.TEST_SENT, "Support Person")

    def test_the_log_names_the_email_as_staff_do(self) -> None:
        message = send()
        shown = signed_in(staff(Role.ADMIN)).get(reverse("admin:audit_entry_changelist")).content.decode()
        assert "email sent by hand" in shown
        assert f"email: Planned maintenance; message: {message.pk}" in shown
