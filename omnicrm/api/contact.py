"""Routes of single contacts."""

# ruff: noqa: ARG001 - ninja hands every route its request
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.callers import Needs, visible
from omnicrm.api.contact_schemas import ContactIn, ContactOut
from omnicrm.customers import operations as customers
from omnicrm.customers.models import Contact

router = Router(tags=["Contacts"])
WRITE = Needs(Permission.WRITE_CUSTOMERS)


@router.get("/contact/{int:contact_id}", auth=Needs(Permission.READ_CUSTOMERS, or_own=True), response=ContactOut)
def get_contact(request: HttpRequest, contact_id: int) -> Contact:
    return visible(Contact.objects.all(), request).get(pk=contact_id)


@router.patch("/contact/{int:contact_id}", auth=WRITE, response=ContactOut)
def update_contact(request: HttpRequest, contact_id: int, body: ContactIn) -> Contact:
    """Changes what is given. A welcome on its way to an address that is gone is cancelled."""
    return customers.update_contact(contact_id=contact_id, now=timezone.now(), **body.given())


@router.delete("/contact/{int:contact_id}", auth=WRITE, response={204: None})
def remove_contact(request: HttpRequest, contact_id: int) -> None:
    customers.remove_contact(contact_id=contact_id)
