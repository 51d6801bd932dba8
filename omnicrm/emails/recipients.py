"""To whom an email goes that a person or another system sends: a customer, one of the contacts, or any address."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from omnicrm.config import current_config
from omnicrm.customers.addresses import InvalidAddress, normalise
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.models import Contact, ContactType, Customer
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Suppression, SuppressionScope

_CHOICES: Final = ("to_email", "customer_id", "contact_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressee:
    """As it was asked for: exactly one of the three. `language` is the customer's own unless it is given.

    `consent_given`: whoever sends says that this address, which we know nothing of, has agreed to marketing.
    """

    to_email: str = ""
    customer_id: int | None = None
    contact_id: int | None = None
    language: str = ""
    consent_given: bool = False


def recipient(to: Addressee) -> Recipient:
    """The mailbox that is meant. Raises InvalidInput where there is none, or more than one is named."""
    named = [choice for choice in _CHOICES if getattr(to, choice) not in (None, "")]
    if len(named) != 1:
        message = _("Give exactly one of to_email, customer_id and contact_id.")
        raise InvalidInput(*(FieldError(field=choice, message=message) for choice in named or _CHOICES[:1]))
    if to.to_email:
        return _of_address(to)
    contact = _contact(to.contact_id) if to.contact_id is not None else _main_contact(to.customer_id or 0)
    return Recipient(
        email=contact.email,
        name=contact.full_name or contact.customer.customer_name,
        language=to.language or contact.customer.language,
        customer_id=contact.customer_id,
    )


def reachable_contacts(customer: Customer) -> list[Contact]:
    """Those with an email address; the one that a customer is written to by first, the primary one."""
    contacts = customer.contacts.exclude(email="").select_related("customer").order_by("id")
    return sorted(contacts, key=lambda contact: contact.contact_type != ContactType.PRIMARY)


def suppression_of(address: str, *, is_marketing: bool) -> Suppression | None:
    """What keeps emails from this address, or marketing alone."""
    scopes = [SuppressionScope.EVERYTHING, *([SuppressionScope.MARKETING] if is_marketing else [])]
    return Suppression.objects.filter(address=address, scope__in=scopes).order_by("scope").first()


def _of_address(to: Addressee) -> Recipient:
    try:
        address = normalise(to.to_email)
    except InvalidAddress as error:
        raise InvalidInput(FieldError(field="to_email", message=str(error))) from None
    return Recipient(email=address, name="", language=to.language or current_config().company.language)


def _main_contact(customer_id: int) -> Contact:
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise InvalidInput(FieldError(field="customer_id", message=_("There is no such customer.")))
    reachable = reachable_contacts(customer)
    if not reachable:
        message = _("No contact of the customer has an email address.")
        raise InvalidInput(FieldError(field="customer_id", message=message))
    return reachable[0]


def _contact(contact_id: int) -> Contact:
    contact = Contact.objects.select_related("customer").filter(pk=contact_id).first()
    if contact is None:
        raise InvalidInput(FieldError(field="contact_id", message=_("There is no such contact.")))
    if not contact.email:
        raise InvalidInput(FieldError(field="contact_id", message=_("The contact has no email address.")))
    return contact
