"""Routes of customers, and of what is added to them."""

# ruff: noqa: ARG001 - ninja hands every route its request
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Query, Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs, caller_of, visible
from omnicrm.api.contact_schemas import ContactIn, ContactOut
from omnicrm.api.customer_schemas import (
    CustomerCreated,
    CustomerIn,
    CustomerOut,
    CustomerPatch,
    CustomerQuery,
    ImportQuery,
)
from omnicrm.api.imports import answer_import
from omnicrm.api.message_schemas import MessageOut
from omnicrm.api.openapi import IMPORT_DOCUMENTATION
from omnicrm.api.problems import Problem
from omnicrm.api.service_schemas import ServiceIn, ServiceOut
from omnicrm.api.shapes import Page, page
from omnicrm.api.site_schemas import SiteIn, SiteOut
from omnicrm.customers import operations as customers
from omnicrm.customers.models import Contact, Customer, Service, Site
from omnicrm.customers.queries import customers_in_full, find_customers
from omnicrm.onboarding import operations as onboarding
from omnicrm.outbox.models import Message

router = Router(tags=["Customers"])
READ = Needs(Permission.READ_CUSTOMERS)
READ_OWN = Needs(Permission.READ_CUSTOMERS, or_own=True)
WRITE = Needs(Permission.WRITE_CUSTOMERS)
ERASE = Needs(Permission.ERASE_CUSTOMERS)


@router.post("/customer", auth=WRITE, response={201: CustomerCreated})
def create_customer(request: HttpRequest, body: CustomerIn) -> CustomerCreated:
    """Creates a customer with its contacts and sites, and queues the welcome email.

    It goes to the primary contact, else to the first with an address; `welcome` tells what came of it.
    """
    return CustomerCreated.of(onboarding.register_customer(now=timezone.now(), **body.given()))


@router.get("/customer", auth=READ_OWN, response=Page[CustomerOut])
def list_customers(request: HttpRequest, query: Query[CustomerQuery]) -> Page[CustomerOut]:
    """Lists customers, newest first."""
    found = find_customers(
        search=query.search,
        tag=query.tag,
        account_type=query.customer_account_type or "",
        language=query.language or "",
    )
    return page(visible(found, request, owner="pk"), query, Page[CustomerOut])


@router.post("/customer/bulk", auth=WRITE, openapi_extra=IMPORT_DOCUMENTATION)
def import_customers(request: HttpRequest, query: Query[ImportQuery]) -> HttpResponseBase:
    """Creates any number of customers from one upload, NDJSON or a JSON array, and answers row by row in the same form.

    A wrong row fails alone. With an Idempotency-Key an import that broke off is taken up where it stopped.
    """
    return answer_import(request, caller_of(request), send_welcome=query.send_welcome)


@router.get("/customer/{int:customer_id}", auth=READ_OWN, response=CustomerOut)
def get_customer(request: HttpRequest, customer_id: int) -> Customer:
    return visible(customers_in_full(), request, owner="pk").get(pk=customer_id)


@router.patch("/customer/{int:customer_id}", auth=WRITE, response=CustomerOut)
def update_customer(request: HttpRequest, customer_id: int, body: CustomerPatch) -> Customer:
    """Changes what is given. Contacts, sites and services have their own addresses."""
    return customers.update_customer(customer_id=customer_id, now=timezone.now(), **body.given())


@router.delete("/customer/{int:customer_id}", auth=ERASE, response={204: None})
def erase_customer(request: HttpRequest, customer_id: int) -> None:
    """Erases a customer: cancels what has not been sent, and erases the content of all its messages."""
    onboarding.erase_customer(customer_id=customer_id, by=actor_of(request), now=timezone.now())


@router.get("/customer/{int:customer_id}/export", auth=READ)
def get_customer_export(request: HttpRequest, customer_id: int, response: HttpResponse) -> dict[str, Any]:
    """Everything stored about a customer, its messages included, to be handed to that customer."""
    response["Content-Disposition"] = f'attachment; filename="customer-{customer_id}.json"'
    return onboarding.export_data(customer_id=customer_id, by=actor_of(request), now=timezone.now())


@router.post("/customer/{int:customer_id}/contact", auth=WRITE, response={201: ContactOut})
def add_contact(request: HttpRequest, customer_id: int, body: ContactIn) -> Contact:
    return customers.add_contact(customer_id=customer_id, now=timezone.now(), **body.given())


@router.post("/customer/{int:customer_id}/site", auth=WRITE, response={201: SiteOut})
def add_site(request: HttpRequest, customer_id: int, body: SiteIn) -> Site:
    return customers.add_site(customer_id=customer_id, **body.given())


@router.post("/customer/{int:customer_id}/service", auth=WRITE, response={201: ServiceOut})
def add_service(request: HttpRequest, customer_id: int, body: ServiceIn) -> Service:
    """Adds a service. One that is active from the start welcomes a customer who never was."""
    return onboarding.add_service(customer_id=customer_id, now=timezone.now(), **body.given()).service


@router.post(
    "/customer/{int:customer_id}/welcome_email",
    auth=Needs(Permission.WRITE_MESSAGES),
    response={201: MessageOut},
)
def send_welcome_again(request: HttpRequest, customer_id: int) -> Message:
    """Queues one more welcome email. 409 if the customer has no address."""
    welcome = onboarding.send_welcome_again(customer_id=customer_id, now=timezone.now())
    if welcome.message_id is None:
        raise Problem(HTTPStatus.CONFLICT, welcome.reason)
    return Message.objects.get(pk=welcome.message_id)
