"""Customers: registered with their welcome, and found again."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from omnicrm.customers.models import Contact, Customer, Site
from omnicrm.customers.operations import add_contact, add_service
from omnicrm.outbox.models import Message
from tests.integration.backoffice.scene import customer

LIST = reverse("admin:customers_customer_changelist")
ADD = reverse("admin:customers_customer_add")

CONTACT = ("contact_type", "first_name", "last_name", "email", "phone")
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
        assert "Nothing was found." in admin.get(LIST, {"q": "nobody"}).content.decode()


def test_an_empty_list_says_what_to_do(admin: Client) -> None:
    shown = admin.get(LIST).content.decode()
    assert "Add the first one" in shown
    assert f'href="{ADD}"' in shown
