"""Writes to customers and what belongs to them.

Each raises InvalidInput for fields that cannot be accepted, and the model's DoesNotExist for an id nobody has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, Unpack

from django.db import transaction
from django.db.models import Manager, Model
from django.utils.translation import gettext as _

from omnicrm.customers import rules
from omnicrm.customers.copying import copy_in, take_ids
from omnicrm.customers.errors import AlreadyTaken, FieldError, InvalidInput
from omnicrm.customers.fields import ContactFields, CustomerFields, NewCustomer, ServiceFields, SiteFields
from omnicrm.customers.models import ConsentSource, Contact, Customer, Service, ServiceState, Site

AnyModel = TypeVar("AnyModel", bound=Model)


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedCustomer:
    """A checked customer that is not saved yet, with what belongs to it."""

    customer: Customer
    contacts: Sequence[Contact]
    sites: Sequence[Site]


@transaction.atomic
def create_customer(*, now: datetime, **fields: Unpack[NewCustomer]) -> Customer:
    prepared = prepare_customer(fields, now=now)
    save_customers([prepared])
    return prepared.customer


def prepare_customer(fields: NewCustomer, *, now: datetime) -> PreparedCustomer:
    """Checks a whole customer, contacts and sites included. Raises InvalidInput with all that is wrong in it."""
    errors: list[FieldError] = []

    def checked(record: AnyModel, values: Mapping[str, Any], at: str = "") -> AnyModel:
        try:
            return _fill(record, values, at=at)
        except InvalidInput as error:
            errors.extend(error.errors)
            return record

    own = {name: value for name, value in fields.items() if name not in {"contacts", "sites"}}
    customer = checked(Customer(created_at=now, updated_at=now), {"customer_name": "", **own})
    contacts = [
        checked(Contact(customer=customer, created_at=now, updated_at=now), contact, f"contacts[{index}].")
        for index, contact in enumerate(fields.get("contacts", ()))
    ]
    sites = [
        checked(Site(customer=customer), {"name": "", **site}, f"sites[{index}].")
        for index, site in enumerate(fields.get("sites", ()))
    ]
    if errors:
        raise InvalidInput(*errors)
    return PreparedCustomer(customer=customer, contacts=contacts, sites=sites)


@transaction.atomic
def save_customers(prepared: Sequence[PreparedCustomer]) -> None:
    """Saves any number of them at once. Their customers have ids afterwards; contacts and sites are to be read."""
    customers = [each.customer for each in prepared]
    take_ids(customers)
    for each in prepared:
        for contact in each.contacts:
            contact.customer_id = each.customer.pk
        for site in each.sites:
            site.customer_id = each.customer.pk
    copy_in(customers)
    copy_in([contact for each in prepared for contact in each.contacts])
    copy_in([site for each in prepared for site in each.sites])


@transaction.atomic
def update_customer(*, customer_id: int, now: datetime, **changes: Unpack[CustomerFields]) -> Customer:
    """Changes what is given. `attributes` and `tags` replace all the customer had."""
    customer = _fill(locked(Customer.objects, customer_id), changes)
    customer.updated_at = now
    customer.save()
    return customer


@transaction.atomic
def delete_customer(*, customer_id: int) -> None:
    """Deletes the customer with contacts, sites and services. onboarding.erase_customer erases its messages as well."""
    locked(Customer.objects, customer_id).delete()


@transaction.atomic
def add_contact(*, customer_id: int, now: datetime, **fields: Unpack[ContactFields]) -> Contact:
    contact = _fill(Contact(customer=locked(Customer.objects, customer_id), created_at=now, updated_at=now), fields)
    contact.save(force_insert=True)
    return contact


@transaction.atomic
def update_contact(*, contact_id: int, now: datetime, **changes: Unpack[ContactFields]) -> Contact:
    """Changes what is given. A new address takes the old one's consent to marketing away."""
    contact = locked(Contact.objects, contact_id)
    address_before = contact.email
    _fill(contact, changes)
    if contact.email != address_before:
        contact.marketing_consent_at, contact.marketing_consent_source = None, ""
    contact.updated_at = now
    contact.save()
    return contact


@transaction.atomic
def give_marketing_consent(*, contact_id: int, source: ConsentSource, now: datetime) -> Contact:
    """Notes that the contact agreed to marketing email. One who agreed before keeps the first date and source."""
    contact = locked(Contact.objects, contact_id)
    if not contact.email:
        raise InvalidInput(FieldError(field="email", message=_("The contact has no email address.")))
    if contact.marketing_consent_at is None:
        contact.marketing_consent_at, contact.marketing_consent_source = now, source
        contact.updated_at = now
        contact.save()
    return contact


@transaction.atomic
def withdraw_marketing_consent(*, contact_id: int, now: datetime) -> Contact:
    contact = locked(Contact.objects, contact_id)
    if contact.marketing_consent_at is not None:
        contact.marketing_consent_at, contact.marketing_consent_source = None, ""
        contact.updated_at = now
        contact.save()
    return contact


@transaction.atomic
def remove_contact(*, contact_id: int) -> None:
    locked(Contact.objects, contact_id).delete()


@transaction.atomic
def add_site(*, customer_id: int, **fields: Unpack[SiteFields]) -> Site:
    site = _fill(Site(customer=locked(Customer.objects, customer_id)), {"name": "", **fields})
    site.save(force_insert=True)
    return site


@transaction.atomic
def update_site(*, site_id: int, **changes: Unpack[SiteFields]) -> Site:
    site = _fill(locked(Site.objects, site_id), changes)
    site.save()
    return site


@transaction.atomic
def remove_site(*, site_id: int) -> None:
    """Removes a site. Its services stay, without one."""
    locked(Site.objects, site_id).delete()


@transaction.atomic
def add_service(*, customer_id: int, now: datetime, **fields: Unpack[ServiceFields]) -> Service:
    service = Service(customer=locked(Customer.objects, customer_id), created_at=now)
    _fill_service(service, {"service_name": "", **fields}, now)
    service.save(force_insert=True)
    return service


@transaction.atomic
def update_service(*, service_id: int, now: datetime, **changes: Unpack[ServiceFields]) -> Service:
    service = locked(Service.objects, service_id)
    _fill_service(service, changes, now)
    service.save()
    return service


def activate_service(*, service_id: int, now: datetime) -> Service:
    """Makes a service active. `activated_at` keeps the first time."""
    return update_service(service_id=service_id, now=now, state=ServiceState.ACTIVE)


@transaction.atomic
def remove_service(*, service_id: int) -> None:
    locked(Service.objects, service_id).delete()


def locked(records: Manager[AnyModel], pk: int) -> AnyModel:
    """The record, which nobody else changes or deletes before this transaction ends."""
    return records.select_for_update(no_key=True).get(pk=pk)


_RULES: Mapping[type[Model], rules.Rules] = {
    Customer: rules.CUSTOMER,
    Contact: rules.CONTACT,
    Site: rules.SITE,
    Service: rules.SERVICE,
}


def _fill(record: AnyModel, values: Mapping[str, Any], *, at: str = "") -> AnyModel:
    for name, value in rules.clean(_RULES[type(record)], values, at=at).items():
        setattr(record, name, value)
    if isinstance(record, Contact) and not record.email and not record.phone:
        raise InvalidInput(FieldError(field=f"{at}email", message=_("Give an email address or a phone number.")))
    return record


def _fill_service(service: Service, values: Mapping[str, Any], now: datetime) -> None:
    _fill(service, values)
    if service.site_id and not Site.objects.filter(pk=service.site_id, customer_id=service.customer_id).exists():
        raise InvalidInput(FieldError(field="site_id", message=_("This customer has no such site.")))
    if Service.objects.filter(service_uuid=service.service_uuid).exclude(pk=service.pk).exists():
        raise AlreadyTaken(FieldError(field="service_uuid", message=_("Another service has this UUID.")))
    if service.state == ServiceState.ACTIVE and service.activated_at is None:
        service.activated_at = now
