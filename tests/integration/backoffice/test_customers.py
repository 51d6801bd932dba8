"""Customers: changed on their page, cared for, erased."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.accounts.roles import Role
from omnicrm.customers.models import Contact, Customer, Service, ServiceState, Site
from omnicrm.customers.operations import add_contact, add_service, remove_service
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.backoffice.conftest import SignIn
from tests.integration.backoffice.scene import customer, message_of


def page(owner: Customer, name: str = "change") -> str:
    return reverse(f"admin:customers_customer_{name}", args=[owner.pk])


def words(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def as_it_stands(owner: Customer, **changes: Any) -> dict[str, Any]:
    """The customer's page as a browser would send it back, with some fields changed."""
    form: dict[str, Any] = {
        "customer_name": owner.customer_name,
        "customer_account_type": owner.customer_account_type,
        "customer_payment_type": owner.customer_payment_type,
        "language": owner.language,
        "tags": ", ".join(owner.tags),
        "attributes-name": [],
        "attributes-value": [],
        "attributes-is_json": [],
        "_continue": "yes",
    }
    for prefix, records in (("contacts", owner.contacts), ("sites", owner.sites), ("services", owner.services)):
        form |= {f"{prefix}-TOTAL_FORMS": records.count(), f"{prefix}-INITIAL_FORMS": records.count()}
        for index, record in enumerate(records.all()):
            names = {"contacts": CONTACT, "sites": SITE, "services": SERVICE}[prefix]
            form |= {f"{prefix}-{index}-{name}": getattr(record, name) or "" for name in ("id", *names)}
            form[f"{prefix}-{index}-customer"] = owner.pk
            if prefix == "services":
                form[f"{prefix}-{index}-site"] = record.site_id or ""
    return form | changes


CONTACT = ("contact_type", "first_name", "last_name", "email", "phone")
SITE = ("name", "address", "city", "postcode", "country")
SERVICE = ("service_name", "service_type", "service_uuid", "state")


class TestChanging:
    def test_changes_what_was_changed(self, admin: Client) -> None:
        owner = customer(tags=["old"])
        admin.post(page(owner), as_it_stands(owner, customer_name="New name", tags="new, vip"))
        owner.refresh_from_db()
        assert (owner.customer_name, owner.tags) == ("New name", ["new", "vip"])

    def test_an_unchanged_page_changes_nothing(self, admin: Client) -> None:
        owner = customer(tags=["a,b", 'c"d'], attributes={"n": 1, "text": "x\ny", "deep": {"a": [1, None]}})
        before = Customer.objects.values().get()
        shown = admin.get(page(owner)).context["adminform"].form
        rows = shown["attributes"].value()
        admin.post(
            page(owner),
            as_it_stands(
                owner,
                tags=shown["tags"].value(),
                **{
                    "attributes-name": [row.name for row in rows],
                    "attributes-value": [row.value.replace("\n", "\r\n") for row in rows],
                    "attributes-is_json": ["yes" if row.is_json else "no" for row in rows],
                },
            ),
        )
        assert Customer.objects.values().get() == before

    @pytest.mark.parametrize(
        ("typed", "kept"), [("3", 3), ("true", True), ("three", "three"), ("[" * 100_000, "["), ("NaN", None)]
    )
    def test_a_number_stays_a_number_as_long_as_it_reads_as_one(self, admin: Client, typed: str, kept: object) -> None:
        owner = customer(attributes={"lines": 2})
        rows = {"attributes-name": ["lines"], "attributes-value": [typed], "attributes-is_json": ["yes"]}
        response = admin.post(page(owner), as_it_stands(owner, **rows))
        owner.refresh_from_db()
        if response.status_code == 302:
            assert owner.attributes == {"lines": kept}
        else:
            assert owner.attributes == {"lines": 2}
            assert response.context["adminform"].form.errors.keys() == {"attributes"}

    def test_contacts_are_added_changed_and_removed(self, admin: Client) -> None:
        owner = customer()
        second = add_contact(customer_id=owner.pk, now=now(), email="second@example.com")
        form = as_it_stands(owner)
        form |= {"contacts-0-first_name": "Helen", "contacts-1-DELETE": "on", "contacts-TOTAL_FORMS": 3}
        form |= {"contacts-2-contact_type": "technical", "contacts-2-email": "tech@example.com"}
        admin.post(page(owner), form)
        assert not Contact.objects.filter(pk=second.pk).exists()
        assert list(owner.contacts.values_list("first_name", "email")) == [
            ("Helen", "helene@example.com"),
            ("", "tech@example.com"),
        ]

    @pytest.mark.parametrize("change", [{"contacts-0-email": "no"}, {"contacts-0-email": "", "contacts-0-phone": ""}])
    def test_a_contact_that_cannot_be_reached_is_refused(self, admin: Client, change: dict[str, str]) -> None:
        owner = customer()
        response = admin.post(page(owner), as_it_stands(owner, **change))
        assert response.status_code == 200
        assert owner.contacts.get().email == "helene@example.com"

    def test_sites_and_services_are_added(self, admin: Client) -> None:
        owner = customer()
        form = as_it_stands(owner) | {"sites-TOTAL_FORMS": 1, "sites-0-name": "Siège", "services-TOTAL_FORMS": 1}
        form |= {"services-0-service_name": "Fibre", "services-0-state": "pending"}
        form |= {"services-0-service_uuid": "7d3f0c8e-0000-4000-8000-000000000001"}
        admin.post(page(owner), form)
        assert (Site.objects.get().name, Service.objects.get().service_name) == ("Siège", "Fibre")

    def test_a_service_takes_only_sites_of_its_customer(self, admin: Client) -> None:
        owner = customer()
        add_service(customer_id=owner.pk, now=now(), service_name="Fibre")
        foreign = customer("Other", email="o@example.com", sites=[{"name": "Elsewhere"}]).sites.get()
        response = admin.post(page(owner), as_it_stands(owner, **{"services-0-site": foreign.pk}))
        assert response.status_code == 200
        assert Service.objects.get().site is None

    def test_a_site_that_goes_while_a_service_moves_there_saves_nothing(self, admin: Client) -> None:
        owner = customer(sites=[{"name": "Siège"}])
        add_service(customer_id=owner.pk, now=now(), service_name="Fibre")
        form = as_it_stands(owner, customer_name="Changed", **{"services-0-site": owner.sites.get().pk})
        response = admin.post(page(owner), form | {"sites-0-DELETE": "on"}, follow=True)
        assert words(response) == ["Nothing was saved. This customer has no such site."]
        assert Customer.objects.get().customer_name == "Hélène Lefèvre"
        assert Site.objects.exists()

    def test_a_service_made_active_on_the_page_welcomes_who_was_not_welcomed(self, admin: Client) -> None:
        owner = customer(email="", contacts=[{"phone": "0298"}])
        add_contact(customer_id=owner.pk, now=now(), email="late@example.com")
        add_service(customer_id=owner.pk, now=now(), service_name="Fibre")
        response = admin.post(page(owner), as_it_stands(owner, **{"services-0-state": "active"}), follow=True)
        assert "Welcome email queued for late@example.com." in words(response)

    def test_somebody_elses_change_meanwhile_is_said(self, admin: Client) -> None:
        owner = customer()
        service = add_service(customer_id=owner.pk, now=now(), service_name="Fibre")
        form = as_it_stands(owner, **{"services-0-service_name": "Changed"})
        remove_service(service_id=service.pk)
        assert admin.post(page(owner), form).status_code == 200
        assert not Service.objects.exists()


class TestCaring:
    def test_sends_the_welcome_again_only_after_a_confirmation(self, admin: Client) -> None:
        owner = customer()
        assert (
            "Send the welcome email to Hélène Lefèvre again?" in admin.get(page(owner, "welcome_page")).content.decode()
        )
        assert Message.objects.count() == 1
        response = admin.post(page(owner, "welcome_page"), follow=True)
        assert words(response) == ["Welcome email queued for helene@example.com."]
        assert Message.objects.count() == 2

    def test_activates_the_chosen_service(self, admin: Client) -> None:
        owner = customer()
        add_service(customer_id=owner.pk, now=now(), service_name="Old", state=ServiceState.ACTIVE)
        pending = add_service(customer_id=owner.pk, now=now(), service_name="Fibre")
        response = admin.post(page(owner, "activate_page"), {"service": pending.pk}, follow=True)
        pending.refresh_from_db()
        assert pending.state == ServiceState.ACTIVE
        assert "The service “Fibre” is active." in words(response)
        assert "No welcome email was queued. The customer has been welcomed before." in words(response)

    def test_activates_no_service_of_somebody_else(self, admin: Client) -> None:
        owner, other = customer(), customer("Other", email="o@example.com")
        add_service(customer_id=owner.pk, now=now(), service_name="Mine")
        theirs = add_service(customer_id=other.pk, now=now(), service_name="Theirs")
        assert admin.post(page(owner, "activate_page"), {"service": theirs.pk}).status_code == 200
        theirs.refresh_from_db()
        assert theirs.state == ServiceState.PENDING

    def test_says_so_when_there_is_no_service_to_activate(self, admin: Client) -> None:
        response = admin.get(page(customer(), "activate_page"), follow=True)
        assert words(response) == ["There is no service to activate. Add one under Services."]

    def test_shows_the_latest_messages_and_the_way_to_all(self, admin: Client) -> None:
        owner = customer()
        message = message_of(owner, state=State.REFUSED, reason="send-0010: no such template")
        shown = admin.get(page(owner)).content.decode()
        assert reverse("admin:outbox_message_change", args=[message.id]) in shown
        assert "send-0010: no such template" in shown
        everything = admin.get(reverse("admin:outbox_message_changelist"), {"customer__id__exact": owner.pk})
        assert "helene@example.com" in everything.content.decode()

    def test_shows_twenty_messages_at_most(self, admin: Client) -> None:
        owner = customer()
        for _count in range(24):
            admin.post(page(owner, "welcome_page"))
        assert len(admin.get(page(owner)).context["latest"]) == 20


class TestErasing:
    def test_says_first_what_goes(self, admin: Client) -> None:
        owner = customer(sites=[{"name": "Siège"}])
        shown = admin.get(page(owner, "erase_page")).content.decode()
        assert "1 contact" in shown
        assert "1 site" in shown
        assert Customer.objects.exists()

    def test_erases_the_customer_and_every_trace_of_its_name(self, admin: Client) -> None:
        owner = customer()
        admin.post(page(owner), as_it_stands(owner, **{"contacts-0-first_name": "Helen"}), follow=True)
        assert LogEntry.objects.exists()
        response = admin.post(page(owner, "erase_page"), follow=True)
        assert words(response) == ["The customer is erased. Messages whose content went too: 1; cancelled: 1."]
        assert not Customer.objects.exists()
        assert not LogEntry.objects.exists()
        assert Message.objects.get().to_email == ""

    def test_support_cannot(self, sign_in: SignIn) -> None:
        owner = customer()
        assert sign_in(Role.SUPPORT).post(page(owner, "erase_page")).status_code == 403
        assert Customer.objects.exists()
