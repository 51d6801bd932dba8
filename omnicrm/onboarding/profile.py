"""What customers change of themselves in self-care. Errors are those of customers.errors."""

from datetime import datetime

from django.db import transaction

from omnicrm.accounts.actors import user_actor
from omnicrm.accounts.models import User
from omnicrm.accounts.operations import update_user
from omnicrm.customers import operations as customers
from omnicrm.customers.models import ConsentSource, Contact
from omnicrm.outbox.consent import resubscribe_address, unsubscribe_address


@transaction.atomic
def update_profile(*, user: User, full_name: str, phone: str, language: str, now: datetime) -> User:
    """Changes the user, the user's contact, and the language of what the customer is sent.

    A customer with several users is written to in the language that one of them chose last.
    """
    changed = update_user(user_id=user.pk, by=user_actor(user), now=now, full_name=full_name, language=language)
    contact = contact_of(user)
    if contact is not None:
        customers.update_contact(contact_id=contact.pk, now=now, phone=phone)
    if user.customer_id is not None:
        customers.update_customer(customer_id=user.customer_id, now=now, language=language)
    return changed


@transaction.atomic
def wish_for_marketing(*, user: User, agrees: bool, now: datetime) -> None:
    """Gives or withdraws consent to marketing. It is the user's own word, so it also undoes their own unsubscribing."""
    contact = contact_of(user)
    if contact is None:
        return
    if agrees:
        customers.give_marketing_consent(contact_id=contact.pk, source=ConsentSource.SELF_CARE, now=now)
        resubscribe_address(contact.email)
    else:
        customers.withdraw_marketing_consent(contact_id=contact.pk, now=now)
        unsubscribe_address(contact.email, now=now)


def contact_of(user: User) -> Contact | None:
    """The contact at whose address the user signs in."""
    contacts = Contact.objects.filter(customer=user.customer_id, email__iexact=user.email)
    return contacts.order_by("id").first()
