"""The welcome email: to whom it goes, and under which keys, so that each customer gets it once in all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from omnicrm.config import current_config
from omnicrm.customers.models import Contact, Customer
from omnicrm.customers.queries import addressee
from omnicrm.emails.customer import CustomerWelcome
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import MessageKey
from omnicrm.outbox.operations import Outgoing, enqueue

SECTION: Final = CustomerWelcome.section


@dataclass(frozen=True, kw_only=True, slots=True)
class Welcome:
    """What came of wanting to welcome a customer: the message, new or from before, and why there is no new one."""

    message_id: UUID | None
    reason: str = ""


def welcome_once(customer: Customer, contacts: Iterable[Contact], *, now: datetime) -> Welcome:
    """Queues the welcome unless this customer ever got one. Contacts are in order of their ids."""
    outgoing = first_welcome(customer, contacts)
    return _queued(outgoing, now=now) if outgoing else Welcome(message_id=None, reason=no_address())


def welcome_again(customer: Customer, contacts: Iterable[Contact], *, now: datetime) -> Welcome:
    """Queues a welcome whatever went before. The caller holds the customer's lock, so that keys do not collide."""
    outgoing = _welcome(customer, contacts, key=_next_key(customer))
    return _queued(outgoing, now=now) if outgoing else Welcome(message_id=None, reason=no_address())


def first_welcome(customer: Customer, contacts: Iterable[Contact]) -> Outgoing | None:
    """The welcome that is sent once in all, or None when the customer has no address."""
    return _welcome(customer, contacts, key=_first_key(customer))


def no_address() -> str:
    return _("No contact of the customer has an email address.")


def _welcome(customer: Customer, contacts: Iterable[Contact], *, key: str) -> Outgoing | None:
    contact = addressee(contacts)
    if contact is None:
        return None
    company = current_config().company
    email = CustomerWelcome(
        customer_name=customer.customer_name,
        email=contact.email,
        company_name=company.name,
        login_url=company.login_url,
        support_url=company.support_url,
    )
    recipient = Recipient(
        email=contact.email,
        name=contact.full_name or customer.customer_name,
        language=customer.language,
        customer_id=customer.pk,
    )
    return Outgoing(email=email, to=recipient, key=key)


def _queued(outgoing: Outgoing, *, now: datetime) -> Welcome:
    enqueued = enqueue(outgoing.email, to=outgoing.to, key=outgoing.key, now=now)
    reason = "" if enqueued.created else _("The customer has been welcomed before.")
    return Welcome(message_id=enqueued.message_id, reason=reason)


def _first_key(customer: Customer) -> str:
    return f"customer:{customer.pk}:welcome"


def _next_key(customer: Customer) -> str:
    first = _first_key(customer)
    spent = MessageKey.objects.filter(key__startswith=first).count()
    return f"{first}:{spent + 1}" if spent else first
