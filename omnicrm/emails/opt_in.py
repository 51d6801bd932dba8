"""Marketing goes only to whoever has agreed to it: what is kept at the contact decides, not who sends."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from omnicrm.customers.errors import FieldError
from omnicrm.customers.models import Contact
from omnicrm.emails.recipients import Addressee
from omnicrm.outbox.email import Recipient

NOT_AGREED = gettext_noop("The contact has not agreed to marketing email.")


def without_opt_in(to: Addressee, mailbox: Recipient) -> Iterator[FieldError]:
    """Why marketing may not go to this mailbox, if so, at the field that names it.

    A contact must have agreed. Where an address alone is named, so must one of the contacts with it; of an address that
    is nobody's, whoever sends must say that it has.
    """
    if mailbox.customer_id is not None:
        if not _agreed_contact(mailbox.customer_id, mailbox.email):
            yield FieldError(field="contact_id" if to.contact_id is not None else "customer_id", message=_(NOT_AGREED))
        return
    contacts = list(Contact.objects.filter(email__iexact=mailbox.email))
    if any(contact.marketing_consent_at for contact in contacts):
        return
    if contacts:
        message = _("This is the address of a contact who has not agreed to marketing email.")
        yield FieldError(field="to_email", message=message)
    elif not to.consent_given:
        message = _("No contact has this address: confirm that it has agreed to marketing email.")
        yield FieldError(field="consent_given", message=message)


def _agreed_contact(customer_id: int, address: str) -> bool:
    agreed = Contact.objects.filter(customer=customer_id, marketing_consent_at__isnull=False)
    return agreed.filter(email=address).exists()
