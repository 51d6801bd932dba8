"""Changing, adding and removing."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from omnicrm.customers import operations
from omnicrm.customers.errors import AlreadyTaken, InvalidInput
from omnicrm.customers.models import Contact, Customer, Service, ServiceState, Site
from omnicrm.customers.operations import create_customer
from tests.integration.customers.conftest import NOW

LATER = NOW + timedelta(days=1)


def test_only_what_is_given_changes(martin: Customer) -> None:
    operations.update_customer(customer_id=martin.pk, language="en", now=LATER)
    martin.refresh_from_db()
    assert (martin.customer_name, martin.language, martin.updated_at) == ("Boulangerie Martin", "en", LATER)
    assert martin.created_at == NOW


def test_attributes_and_tags_are_replaced(martin: Customer) -> None:
    operations.update_customer(customer_id=martin.pk, attributes={"a": 1}, tags=["x"], now=NOW)
    operations.update_customer(customer_id=martin.pk, attributes={"b": 2}, tags=[], now=NOW)
    martin.refresh_from_db()
    assert (martin.attributes, martin.tags) == ({"b": 2}, [])


def test_a_refused_change_changes_nothing(martin: Customer) -> None:
    with pytest.raises(InvalidInput, match="customer_name"):
        operations.update_customer(customer_id=martin.pk, language="en", customer_name="", now=LATER)
    martin.refresh_from_db()
    assert (martin.language, martin.updated_at) == ("fr", NOW)


@pytest.mark.django_db
def test_nobody_can_be_changed_who_does_not_exist() -> None:
    with pytest.raises(Customer.DoesNotExist):
        operations.update_customer(customer_id=2**70, language="en", now=NOW)
    with pytest.raises(Customer.DoesNotExist):
        operations.add_contact(customer_id=1_000_000, email="a@example.com", now=NOW)


def test_a_contact_is_added_changed_and_removed(martin: Customer) -> None:
    contact = operations.add_contact(customer_id=martin.pk, email="JEAN@example.com", contact_type="billing", now=NOW)
    operations.update_contact(contact_id=contact.pk, email="jean@example.com", phone="+33 2", now=LATER)
    contact.refresh_from_db()
    assert (contact.email, contact.phone, contact.contact_type) == ("jean@example.com", "+33 2", "billing")
    assert (contact.created_at, contact.updated_at) == (NOW, LATER)
    operations.remove_contact(contact_id=contact.pk)
    assert Contact.objects.filter(customer=martin).count() == 1


def test_a_contact_keeps_a_way_to_be_reached(martin: Customer) -> None:
    contact = martin.contacts.get()
    operations.update_contact(contact_id=contact.pk, email=None, now=NOW)
    with pytest.raises(InvalidInput, match="email"):
        operations.update_contact(contact_id=contact.pk, phone="", now=NOW)


def test_the_database_refuses_a_contact_nobody_can_reach(martin: Customer) -> None:
    with pytest.raises(IntegrityError, match="contact_can_be_reached"), transaction.atomic():
        martin.contacts.update(email="", phone="")


def test_a_site_is_added_changed_and_removed(martin: Customer) -> None:
    site = operations.add_site(customer_id=martin.pk, name="Dépôt", postcode="59000")
    assert operations.update_site(site_id=site.pk, city="Lens").city == "Lens"
    operations.remove_site(site_id=site.pk)
    assert list(Site.objects.filter(customer=martin).values_list("name", flat=True)) == ["Fournil"]


def test_removing_a_site_leaves_its_services(martin: Customer) -> None:
    site = martin.sites.get()
    service = operations.add_service(customer_id=martin.pk, service_name="Fibre", site_id=site.pk, now=NOW)
    operations.remove_site(site_id=site.pk)
    service.refresh_from_db()
    assert service.site is None


def test_a_service_is_at_a_site_of_its_customer(martin: Customer) -> None:
    other = create_customer(customer_name="Durand", sites=[{"name": "Chez Durand"}], now=NOW)
    with pytest.raises(InvalidInput, match="site_id"):
        operations.add_service(customer_id=martin.pk, service_name="Fibre", site_id=other.sites.get().pk, now=NOW)


def test_a_services_uuid_is_its_own(martin: Customer) -> None:
    service_uuid = uuid.uuid4()
    operations.add_service(customer_id=martin.pk, service_name="Fibre", service_uuid=service_uuid, now=NOW)
    with pytest.raises(AlreadyTaken, match="service_uuid"):
        operations.add_service(customer_id=martin.pk, service_name="Mobile", service_uuid=service_uuid, now=NOW)


def test_a_service_keeps_the_date_of_its_first_activation(martin: Customer) -> None:
    service = operations.add_service(customer_id=martin.pk, service_name="Fibre", now=NOW)
    assert (service.state, service.activated_at) == (ServiceState.PENDING, None)
    operations.activate_service(service_id=service.pk, now=NOW)
    operations.update_service(service_id=service.pk, state="suspended", now=LATER)
    operations.activate_service(service_id=service.pk, now=LATER)
    service.refresh_from_db()
    assert (service.state, service.activated_at) == (ServiceState.ACTIVE, NOW)


def test_deleting_a_customer_deletes_what_belongs_to_it(martin: Customer) -> None:
    operations.add_service(customer_id=martin.pk, service_name="Fibre", now=NOW)
    operations.delete_customer(customer_id=martin.pk)
    assert not any(model.objects.exists() for model in (Customer, Contact, Site, Service))
