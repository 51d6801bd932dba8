"""The fields a caller may hand in, by name. Every one is checked by rules.py; one left out is not touched."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID


class CustomerFields(TypedDict, total=False):
    customer_name: str
    customer_account_type: str
    customer_payment_type: str
    language: str
    attributes: Mapping[str, Any]
    tags: Sequence[str]


class ContactFields(TypedDict, total=False):
    contact_type: str
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None


class SiteFields(TypedDict, total=False):
    name: str
    address: str | None
    city: str | None
    postcode: str | None
    country: str | None


class ServiceFields(TypedDict, total=False):
    service_name: str
    service_type: str | None
    service_uuid: UUID
    site_id: int | None
    state: str


class NewCustomer(CustomerFields, total=False):
    contacts: Sequence[ContactFields]
    sites: Sequence[SiteFields]
