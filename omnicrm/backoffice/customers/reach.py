"""Which contacts cannot be reached by email any more, and why."""

from dataclasses import dataclass

from django.urls import reverse

from omnicrm.backoffice.wording import moment, reason_text
from omnicrm.customers.models import Contact, Customer
from omnicrm.delivery.queries import Trouble, troubled_contacts, troubles_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreachable:
    """Texts about a contact whose address is suppressed for all email. `customer` is the page of its customer, `lift`
    the one that lifts the suppression."""

    name: str
    address: str
    reason: str
    since: str
    customer: str
    lift: str


def unreachable(customer: Customer) -> list[Unreachable]:
    """Contacts of one customer, in their order."""
    contacts = [contact for contact in customer.contacts.select_related("customer") if contact.email]
    troubles = troubles_of({contact.email for contact in contacts})
    return [_told(contact, troubles[contact.email]) for contact in contacts if contact.email in troubles]


def newest_unreachable(*, limit: int = 5) -> list[Unreachable]:
    """Contacts of all customers, the newest trouble first."""
    return [_told(each.contact, each.trouble) for each in troubled_contacts(limit=limit)]


def _told(contact: Contact, trouble: Trouble) -> Unreachable:
    return Unreachable(
        name=contact.full_name or contact.customer.customer_name,
        address=trouble.address,
        reason=reason_text(trouble.reason),
        since=moment(trouble.since),
        customer=reverse("admin:customers_customer_change", args=[contact.customer_id]),
        lift=reverse("admin:outbox_suppression_lift_page", args=[trouble.suppression_id]),
    )
