"""Customers: found, registered with their welcome, changed, cared for, erased."""

from typing import Any
from uuid import UUID

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

LIST = reverse("admin:customers_customer_changelist")
ADD = reverse("admin:customers_customer_add")

NEW: dict[str, Any] = {
    "customer_name": "Boulangerie du Port",
    "customer_account_type": "Business",
    "customer_payment_type": "Postpaid",
    "language": "fr",
    "tags": 'vip, "fibre, 1 Gbit/s"',
    "attributes-name": ["plan", ""],
    "attributes-value": ["Fibre 1G", ""],
    "attributes-is_json": ["no", "no"],
    "contact_type": "billing",
    "first_name": "Zoé",
    "last_name": "Perrin",
    "email": " zoe@Example.com ",
    "phone": "",
    "site_name": "Quai n° 3",
    "site_address": "",
    "site_city": "Brest",
    "site_postcode": "",
    "site_country": "",
}


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


class TestRegistering:
    def test_registers_the_customer_with_contact_site_tags_and_attributes(self, admin: Client) -> None:
        admin.post(ADD, NEW)
        registered = Customer.objects.get()
        assert (registered.customer_name, registered.customer_account_type) == ("Boulangerie du Port", "Business")
        assert (registered.tags, registered.attributes) == (["vip", "fibre, 1 Gbit/s"], {"plan": "Fibre 1G"})
        assert registered.contacts.get().email == "zoe@example.com"
        assert registered.sites.get().city == "Brest"

    def test_queues_the_welcome_and_says_to_whom(self, admin: Client) -> None:
        response = admin.post(ADD, NEW, follow=True)
        assert response.redirect_chain == [(page(Customer.objects.get()), 302)]
        assert words(response)[1] == "Welcome email queued for zoe@example.com."
        assert Message.objects.get().to_email == "zoe@example.com"

    def test_says_why_there_is_no_welcome(self, admin: Client) -> None:
        response = admin.post(ADD, NEW | {"email": "", "phone": "+33 2 98 00 00 00"}, follow=True)
        assert words(response)[1] == ("No welcome email was queued. No contact of the customer has an email address.")
        assert not Message.objects.exists()

    def test_needs_neither_contact_nor_site(self, admin: Client) -> None:
        empty = {name: "" for name in NEW if name in CONTACT or name.startswith("site_")}
        admin.post(ADD, NEW | empty | {"contact_type": "primary"})
        assert (Contact.objects.count(), Site.objects.count(), Customer.objects.count()) == (0, 0, 1)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("customer_name", ""),
            ("customer_name", "x" * 201),
            ("customer_name", "two\nlines"),
            ("customer_account_type", "Alien"),
            ("language", "de"),
            ("email", "not an address"),
            ("phone", "1" * 41),
            ("site_name", ""),
            ("tags", ", ".join(f"tag{number}" for number in range(51))),
            ("tags", '"never closed'),
            ("first_name", "\x00"),
        ],
    )
    def test_wrong_input_is_said_beside_its_field_and_nothing_happens(
        self, admin: Client, field: str, value: str
    ) -> None:
        response = admin.post(ADD, NEW | {field: value})
        assert list(response.context["form"].errors) == [field]
        assert not Customer.objects.exists()
        assert not Message.objects.exists()

    def test_what_was_entered_is_still_there_after_an_error(self, admin: Client) -> None:
        response = admin.post(ADD, NEW | {"email": "no"})
        assert 'value="Boulangerie du Port"' in response.content.decode()
        assert "Fibre 1G</textarea>" in response.content.decode()

    @pytest.mark.parametrize(
        ("names", "complaint"), [(["", ""], "Give each attribute a name."), (["a", "a"], "“a” stands here twice")]
    )
    def test_an_attribute_needs_a_name_of_its_own(self, admin: Client, names: list[str], complaint: str) -> None:
        rows = {"attributes-name": names, "attributes-value": ["1", "2"], "attributes-is_json": ["no", "no"]}
        assert complaint in admin.post(ADD, NEW | rows).content.decode()

    def test_hostile_names_stay_text(self, admin: Client) -> None:
        shown = admin.post(ADD, NEW | {"customer_name": "<script>alert(1)</script>"}, follow=True).content.decode()
        assert "<script>alert(1)" not in shown
        assert "&lt;script&gt;alert(1)" in shown

    def test_is_noted_in_the_history(self, admin: Client) -> None:
        admin.post(ADD, NEW)
        assert LogEntry.objects.get().is_addition()


class TestFinding:
    @pytest.fixture(autouse=True)
    def _customers(self, db: None) -> None:
        fibre = customer("Atelier Nord", email="paul@atelier.example", tags=["vip"], language="en")
        uuid = UUID("7d3f0c8e-0000-4000-8000-000000000001")
        add_service(customer_id=fibre.pk, now=now(), service_name="Fibre", service_uuid=uuid)
        customer("Garage Martin", email="luc@garage.example", customer_payment_type="Prepaid")

    @pytest.mark.parametrize(
        "search",
        [
            "Atelier",
            "atel",
            "paul@atelier.example",
            "7d3f0c8e-0000-4000-8000-000000000001",
            "7D3F0C8E000040008000000000000001",
        ],
    )
    def test_finds_by_name_email_and_service(self, admin: Client, search: str) -> None:
        found = admin.get(LIST, {"q": search}).content.decode()
        assert "Atelier Nord" in found
        assert "Garage Martin" not in found

    def test_finds_by_phone(self, admin: Client) -> None:
        owner = customer("Jean Durand", email="j@example.com")
        add_contact(customer_id=owner.pk, now=now(), phone="0298123456")
        found = admin.get(LIST, {"q": "0298123456"}).content.decode()
        assert "Jean Durand" in found
        assert "Garage Martin" not in found

    @pytest.mark.parametrize(
        "choice",
        [
            {"tag": "vip"},
            {"language__exact": "en"},
            {"customer_payment_type__exact": "Postpaid", "language__exact": "en"},
        ],
    )
    def test_filters_narrow_the_list(self, admin: Client, choice: dict[str, str]) -> None:
        found = admin.get(LIST, choice).content.decode()
        assert "Atelier Nord" in found
        assert "Garage Martin" not in found

    def test_filters_by_day_in_the_users_time_zone(self, admin: Client) -> None:
        Customer.objects.filter(customer_name="Garage Martin").update(created_at="2026-03-01T22:30:00Z")
        admin.cookies["omnicrm_timezone"] = "Indian%2FReunion"
        day = {"created_from": "2026-03-02", "created_until": "2026-03-02"}
        assert "Garage Martin" in admin.get(LIST, day).content.decode()
        admin.cookies["omnicrm_timezone"] = "Europe%2FParis"
        assert "Garage Martin" not in admin.get(LIST, day).content.decode()

    @pytest.mark.parametrize(
        "choice",
        [
            {"created_from": "yesterday"},
            {"created_from": "9999-12-31", "created_until": "0001-01-01"},
            {"language__exact": "xx"},
            {"q": "'\"\\;--%_&|!()<>:*"},
            {"q": "x" * 5000},
            {"q": "9" * 5000},
            {"q": "\x00"},
            {"p": "99999999999999999999"},
            {"nonsense__exact": "1"},
            {"tag": "\x00"},
            {"o": "1.2.3"},
        ],
    )
    def test_nonsense_in_the_address_does_no_harm(self, admin: Client, choice: dict[str, str]) -> None:
        assert admin.get(LIST, choice, follow=True).status_code in {200, 400}

    def test_says_so_when_nothing_is_found(self, admin: Client) -> None:
        assert "Nothing is like that." in admin.get(LIST, {"q": "nobody"}).content.decode()


def test_an_empty_list_says_what_to_do(admin: Client) -> None:
    shown = admin.get(LIST).content.decode()
    assert "Add the first one" in shown
    assert f'href="{ADD}"' in shown


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
