"""Reads of what became of messages, and of addresses that staff should see to."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Window
from django.db.models.functions import RowNumber, Upper

from omnicrm.customers.exporting import columns
from omnicrm.customers.models import Contact
from omnicrm.delivery.models import DeliveryEvent
from omnicrm.outbox.models import Message, Suppression, SuppressionScope

SUPPRESSIONS_LOOKED_THROUGH: Final = 1_000
EVENTS_SHOWN: Final = 200
"""Of each kind and message: automatic openings of a shared mailbox may go into the thousands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """An address that nothing is sent to any more: why, as wording.shown translates it, and since when."""

    address: str
    reason: str
    since: datetime
    suppression_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TroubledContact:
    """A contact that cannot be reached by email any more."""

    contact: Contact
    trouble: Trouble


def events_of(message_ids: Sequence[UUID]) -> dict[UUID, list[DeliveryEvent]]:
    """What happened to messages, oldest first; of each kind the first 200. Messages without any are left out."""
    place = Window(RowNumber(), partition_by=["message_id", "kind"], order_by=["happened_at", "fingerprint"])
    found = DeliveryEvent.objects.filter(message_id__in=message_ids).alias(place=place)
    events: dict[UUID, list[DeliveryEvent]] = defaultdict(list)
    for event in found.filter(place__lte=EVENTS_SHOWN):
        assert event.message_id is not None  # noqa: S101 - as the query asks
        events[event.message_id].append(event)
    return dict(events)


def troubles_of(addresses: Collection[str]) -> dict[str, Trouble]:
    """Those of the addresses, in their normal form, that are suppressed for all email."""
    found = Suppression.objects.filter(address__in=set(addresses), scope=SuppressionScope.EVERYTHING)
    return {each.address: _trouble(each) for each in found}


def troubled_contacts(*, limit: int = 10) -> list[TroubledContact]:
    """Contacts that cannot be reached by email any more, with their customers; the newest trouble first.

    Looks through the newest 1,000 suppressions.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TROUBLED, {"looked_through": SUPPRESSIONS_LOOKED_THROUGH, "limit": limit})
        pairs: list[tuple[int, int]] = cursor.fetchall()
    contacts = Contact.objects.select_related("customer").in_bulk([contact_id for contact_id, _suppression in pairs])
    suppressions = Suppression.objects.in_bulk([suppression_id for _contact, suppression_id in pairs])
    return [
        TroubledContact(contact=contacts[contact_id], trouble=_trouble(suppressions[suppression_id]))
        for contact_id, suppression_id in pairs
        if contact_id in contacts and suppression_id in suppressions
    ]


def export_events(customer_id: int) -> Sequence[Mapping[str, Any]]:
    """Everything stored of what happened to a customer's messages, and to others that went to its addresses."""
    own = Message.objects.filter(customer_id=customer_id).values("id")
    addresses = Contact.objects.filter(customer_id=customer_id).exclude(email="").values(upper=Upper("email"))
    strangers = DeliveryEvent.objects.alias(upper=Upper("email")).filter(message_id=None, upper__in=addresses)
    return [columns(event) for event in [*DeliveryEvent.objects.filter(message_id__in=own), *strangers]]


def _trouble(suppression: Suppression) -> Trouble:
    return Trouble(
        address=suppression.address,
        reason=suppression.reason,
        since=suppression.created_at,
        suppression_id=suppression.pk,
    )


# Ids of suppressions are in the order of their times.
_TROUBLED = """
SELECT contact.id, suppression.id
FROM (
    SELECT id, address FROM outbox_suppression
    WHERE scope = 'everything'
    ORDER BY id DESC
    LIMIT %(looked_through)s
) AS suppression
JOIN customers_contact AS contact
    ON upper(contact.email) = upper(suppression.address) AND contact.email = suppression.address
ORDER BY suppression.id DESC, contact.id
LIMIT %(limit)s
"""
