"""Routes of single contacts."""

# ruff: noqa: ARG001 - ninja hands every route its request
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs, caller_of, visible
from omnicrm.api.contact_schemas import ContactIn, ContactOut
from omnicrm.customers import operations as customers
from omnicrm.customers.models import ConsentSource, Contact
from omnicrm.onboarding.consents import note_consent

router = Router(tags=["Contacts"])
WRITE = Needs(Permission.WRITE_CUSTOMERS)


@router.get("/contact/{int:contact_id}", auth=Needs(Permission.READ_CUSTOMERS, or_own=True), response=ContactOut)
def get_contact(request: HttpRequest, contact_id: int) -> Contact:
    return visible(Contact.objects.all(), request).get(pk=contact_id)


@router.patch("/contact/{int:contact_id}", auth=WRITE, response=ContactOut)
def update_contact(request: HttpRequest, contact_id: int, body: ContactIn) -> Contact:
    """Changes what is given. A welcome on its way to an address that is gone is cancelled."""
    return customers.update_contact(contact_id=contact_id, now=timezone.now(), **body.given())


@router.put("/contact/{int:contact_id}/marketing_consent", auth=WRITE, response=ContactOut)
def give_marketing_consent(request: HttpRequest, contact_id: int) -> Contact:
    """Notes that the contact has agreed to marketing email: in a shop or another system, or by telling staff.

    It does not undo an unsubscribe; only the contact can.
    """
    return _noted(request, contact_id, agrees=True)


@router.delete("/contact/{int:contact_id}/marketing_consent", auth=WRITE, response=ContactOut)
def withdraw_marketing_consent(request: HttpRequest, contact_id: int) -> Contact:
    """Notes that the contact no longer agrees: marketing that still waits does not leave either."""
    return _noted(request, contact_id, agrees=False)


@router.delete("/contact/{int:contact_id}", auth=WRITE, response={204: None})
def remove_contact(request: HttpRequest, contact_id: int) -> None:
    customers.remove_contact(contact_id=contact_id)


def _noted(request: HttpRequest, contact_id: int, *, agrees: bool) -> Contact:
    source = ConsentSource.SHOP if caller_of(request).api_key else ConsentSource.STAFF
    return note_consent(contact_id=contact_id, agrees=agrees, source=source, by=actor_of(request), now=timezone.now())
