"""The email that brings an invoice: to whom it goes, under which keys, and with what attached."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.customers.errors import FieldError
from omnicrm.customers.models import Contact, ContactType, Customer
from omnicrm.customers.operations import locked
from omnicrm.emails.formats import Money
from omnicrm.emails.invoices import CustomerInvoice
from omnicrm.invoices.errors import TooManyCopies, WrongState, not_for_credit_notes, not_issued
from omnicrm.invoices.links import invoice_url, pay_url
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.money import rounded
from omnicrm.invoices.pdf_files import attachment, is_too_large_to_mail
from omnicrm.invoices.recording import target
from omnicrm.invoices.states import Kind, State
from omnicrm.outbox.email import Recipient
from omnicrm.outbox.models import Message, MessageKey
from omnicrm.outbox.operations import Outgoing, enqueue_many
from omnicrm.outbox.partitions import lowest_id
from omnicrm.outbox.states import Lane

SECTION: Final = CustomerInvoice.section
COPIES_PER_DAY: Final = 5
"""How often a customer may ask for a copy, over all invoices."""
_DAY: Final = timedelta(days=1)


def contacts_for_invoices(contacts: Iterable[Contact]) -> list[Contact]:
    """The billing contacts, else the primary one, else the first; each with an address, and none of them twice."""
    by_address = {contact.email.lower(): contact for contact in reversed(list(contacts)) if contact.email}
    reachable = sorted(by_address.values(), key=lambda contact: contact.pk)
    for wanted in (ContactType.BILLING, ContactType.PRIMARY):
        if found := [contact for contact in reachable if contact.contact_type == wanted]:
            return found if wanted == ContactType.BILLING else found[:1]
    return reachable[:1]


def issued_mails(
    invoice: Invoice, contacts: Iterable[Contact], *, now: datetime, lane: Lane | None = None
) -> list[Outgoing]:
    """The emails that are sent once, when an invoice is issued. Credit notes have none."""
    if invoice.kind == Kind.CREDIT_NOTE:
        return []
    return _mails(invoice, contacts, occasion="issued", lane=lane, now=now)


@transaction.atomic
def send_again(*, invoice_id: int, by: Actor, now: datetime) -> list[Message]:
    """Queues one more email with the invoice, as staff wish. Raises WrongState, also where nobody has an address."""
    invoice = _sendable(invoice_id)
    return _send_copy(invoice, by=by, now=now)


@transaction.atomic
def send_copy_to_customer(*, invoice_id: int, customer_id: int, by: Actor, now: datetime) -> list[Message]:
    """Queues a copy that the customer asks for. Raises TooManyCopies besides what `send_again` raises, and
    Invoice.DoesNotExist for somebody else's invoice."""
    customer = locked(Customer.objects, customer_id)
    invoice = _sendable(invoice_id, customer_id=customer.pk)
    if _copies_since(customer, now - _DAY) >= COPIES_PER_DAY:
        message = _("You have asked for %(limit)d copies today; ask again tomorrow.") % {"limit": COPIES_PER_DAY}
        raise TooManyCopies(FieldError(field="invoice_id", message=message))
    return _send_copy(invoice, by=by, now=now)


def no_address() -> str:
    return _("No contact of the customer has an email address.")


def _mails(
    invoice: Invoice, contacts: Iterable[Contact], *, occasion: str, now: datetime, lane: Lane | None = None
) -> list[Outgoing]:
    return [
        Outgoing(
            email=_email(invoice, now=now),
            to=Recipient(
                email=contact.email,
                name=contact.full_name or invoice.client["name"],
                language=invoice.language,
                customer_id=invoice.customer_id,
            ),
            key=f"{key_prefix(invoice.pk)}{occasion}:{contact.pk}",
            lane=lane,
            attachments=() if is_too_large_to_mail(invoice) else (attachment(invoice),),
        )
        for contact in contacts_for_invoices(contacts)
    ]


def key_prefix(invoice_id: int) -> str:
    """How the keys of all messages about an invoice begin."""
    return f"invoice:{invoice_id}:"


def _email(invoice: Invoice, *, now: datetime) -> CustomerInvoice:
    return CustomerInvoice(
        customer_name=invoice.client["name"],
        invoice_number=str(invoice.number),
        invoice_date=_known(invoice.issue_date),
        due_date=_known(invoice.due_date),
        total_amount=Money(amount=rounded(invoice.total_amount, invoice.currency), currency=invoice.currency),
        invoice_url=invoice_url(invoice.pk, now=now),
        pay_url=pay_url(invoice.pk, now=now),
    )


def _known(day: date | None) -> date:
    """An issued invoice has both of its dates: the database sees to it."""
    if day is None:
        raise ValueError("a draft is not sent")
    return day


def _sendable(invoice_id: int, **whose: int) -> Invoice:
    invoice = Invoice.objects.select_for_update(no_key=True, of=("self",)).get(pk=invoice_id, **whose)
    if invoice.number is None:
        raise not_issued()
    if invoice.kind == Kind.CREDIT_NOTE:
        raise not_for_credit_notes(invoice)
    if invoice.state == State.CANCELLED:
        raise WrongState(_("%(number)s is cancelled by a credit note.") % {"number": invoice.number})
    return invoice


def _send_copy(invoice: Invoice, *, by: Actor, now: datetime) -> list[Message]:
    """The invoice's lock, held by the caller, keeps the numbers of copies apart."""
    prefix = f"{key_prefix(invoice.pk)}copy:"
    copies = {
        key.split(":")[3] for key in MessageKey.objects.filter(key__startswith=prefix).values_list("key", flat=True)
    }
    contacts = Contact.objects.filter(customer=invoice.customer_id) if invoice.customer_id else ()
    mails = _mails(invoice, contacts, occasion=f"copy:{len(copies) + 1}", now=now)
    if not mails:
        raise WrongState(no_address())
    enqueue_many(mails, now=now)
    record(action=Action.INVOICE_SENT_AGAIN, by=by, target=target(invoice), now=now)
    return queued(mails)


def queued(mails: Sequence[Outgoing]) -> list[Message]:
    """The messages that these emails have become, in their order."""
    ids = dict(MessageKey.objects.filter(key__in=[mail.key for mail in mails]).values_list("key", "message_id"))
    messages = Message.objects.in_bulk(list(ids.values()))
    return [messages[ids[mail.key]] for mail in mails]


def _copies_since(customer: Customer, moment: datetime) -> int:
    """How many copies the customer was sent: each has one message per contact."""
    keys = Message.objects.filter(
        customer=customer, id__gte=lowest_id(moment), section=SECTION, key__contains=":copy:"
    ).values_list("key", flat=True)
    return len({key.rpartition(":")[0] for key in keys})
