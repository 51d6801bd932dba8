"""Which of a customer's contacts cannot be reached by email any more, and why."""

from dataclasses import dataclass

from django.urls import reverse

from omnicrm.backoffice.wording import moment, reason_text
from omnicrm.customers.models import Customer
from omnicrm.outbox.models import Suppression, SuppressionScope


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreachable:
    """Texts about a contact whose address is suppressed for all email; `lift` is the page that lifts that."""

    name: str
    address: str
    reason: str
    since: str
    lift: str


def unreachable(customer: Customer) -> list[Unreachable]:
    """In the order of the contacts."""
    contacts = [contact for contact in customer.contacts.all() if contact.email]
    stopped = {
        suppression.address: suppression
        for suppression in Suppression.objects.filter(
            address__in={contact.email for contact in contacts}, scope=SuppressionScope.EVERYTHING
        )
    }
    return [
        _told(contact.full_name or customer.customer_name, stopped[contact.email])
        for contact in contacts
        if contact.email in stopped
    ]


def _told(name: str, suppression: Suppression) -> Unreachable:
    return Unreachable(
        name=name,
        address=suppression.address,
        reason=reason_text(suppression.reason),
        since=moment(suppression.created_at),
        lift=reverse("admin:outbox_suppression_lift_page", args=[suppression.pk]),
    )
