"""Consent to marketing that a contact gave outside of self-care: to staff, in a shop, or to another system."""

from datetime import datetime

from django.db import transaction

from omnicrm.audit.models import Action, TargetKind
from omnicrm.audit.operations import Actor, Target, record
from omnicrm.customers.models import ConsentSource, Contact
from omnicrm.customers.operations import give_marketing_consent, locked, withdraw_marketing_consent


@transaction.atomic
def note_consent(*, contact_id: int, agrees: bool, source: ConsentSource, by: Actor, now: datetime) -> Contact:
    """Notes that the contact agrees, or no longer does. Once more is as good as once.

    Whoever unsubscribed gets no marketing all the same: only they undo that. Raises InvalidInput without an address.
    """
    agreed_before = locked(Contact.objects, contact_id).marketing_consent_at is not None
    if agrees:
        contact = give_marketing_consent(contact_id=contact_id, source=source, now=now)
    else:
        contact = withdraw_marketing_consent(contact_id=contact_id, now=now)
    if agrees != agreed_before:
        action = Action.CONSENT_GIVEN if agrees else Action.CONSENT_WITHDRAWN
        customer = contact.customer
        target = Target(kind=TargetKind.CUSTOMER, id=customer.pk, name=customer.customer_name)
        record(action=action, by=by, target=target, detail={"address": contact.email}, now=now)
    return contact
