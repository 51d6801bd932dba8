"""A customer comes whole, with contacts and sites, or not at all."""

import pytest

from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import AccountType, ContactType, Customer, Language, PaymentType
from omnicrm.customers.operations import create_customer
from tests.integration.customers.conftest import NOW

pytestmark = pytest.mark.django_db


def test_a_name_is_enough() -> None:
    created = create_customer(customer_name=" Hélène Martin ", now=NOW)
    stored = Customer.objects.get(pk=created.pk)
    assert stored.customer_name == "Hélène Martin"
    assert (stored.customer_account_type, stored.customer_payment_type) == (
        AccountType.INDIVIDUAL,
        PaymentType.POSTPAID,
    )
    assert (stored.language, stored.attributes, stored.tags) == (Language.FRENCH, {}, [])
    assert (stored.created_at, stored.updated_at) == (NOW, NOW)


def test_contacts_and_sites_come_with_it() -> None:
    created = create_customer(
        customer_name="Martin",
        attributes={"plan": "fibre", "é": [1, None]},
        tags=["vip", 'with "quotes", commas and \\'],
        contacts=[{"email": " Helene@EXAMPLE.com "}, {"phone": "+33 1", "contact_type": "billing"}],
        sites=[{"name": "Fournil"}, {"name": "Dépôt", "country": None}],
        now=NOW,
    )
    stored = Customer.objects.get(pk=created.pk)
    assert stored.attributes == {"plan": "fibre", "é": [1, None]}
    assert stored.tags == ["vip", 'with "quotes", commas and \\']
    contacts = [(contact.contact_type, contact.email, contact.phone) for contact in stored.contacts.all()]
    assert contacts == [(ContactType.PRIMARY, "Helene@example.com", ""), (ContactType.BILLING, "", "+33 1")]
    assert [(site.name, site.country) for site in stored.sites.all()] == [("Fournil", ""), ("Dépôt", "")]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_customer(
            customer_name=" ",
            language="de",
            contacts=[{"email": "helene@example.com"}, {"email": "no"}, {"first_name": "Jean"}],
            sites=[{"city": "Lille"}],
            now=NOW,
        )
    assert [error.field for error in refusal.value.errors] == [
        "customer_name",
        "language",
        "contacts[1].email",
        "contacts[2].email",
        "sites[0].name",
    ]
    assert Customer.objects.count() == 0


def test_a_contact_is_reached_by_email_or_phone() -> None:
    with pytest.raises(InvalidInput, match=r"contacts\[0\].email: Give an email address or a phone number."):
        create_customer(customer_name="Martin", contacts=[{"first_name": "Hélène"}], now=NOW)
