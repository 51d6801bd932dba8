"""Emails that somebody sends by hand, as the audit log tells of them: which one and to whom, never what it says."""

from datetime import datetime
from uuid import UUID

from omnicrm.audit.models import Action, TargetKind
from omnicrm.audit.operations import Actor, Target, record
from omnicrm.customers.models import Customer
from omnicrm.outbox.email import Recipient


def note_email(action: Action, *, section: str, message_id: UUID, to: Recipient, by: Actor, now: datetime) -> None:
    """At the customer where there is one, else at the address; erasing either takes the address out of the log."""
    detail = {"email": section, "message": str(message_id)}
    if to.customer_id is None:
        target = Target(kind=TargetKind.ADDRESS, name=to.email)
    else:
        target, detail = _customer(to.customer_id), {**detail, "address": to.email}
    record(action=action, by=by, target=target, detail=detail, now=now)


def _customer(customer_id: int) -> Target:
    name = Customer.objects.filter(pk=customer_id).values_list("customer_name", flat=True).first()
    return Target(kind=TargetKind.CUSTOMER, id=customer_id, name=name or "")
