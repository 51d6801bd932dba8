"""Invoices as the pages about one customer, and about one invoice, tell of them."""

from omnicrm.invoices.mailing import key_prefix
from omnicrm.invoices.models import Invoice
from omnicrm.outbox.models import Message, MessageKey


def latest_invoices(customer_id: int, *, limit: int = 10) -> list[Invoice]:
    """The customer's newest invoices, credit notes and drafts."""
    return list(Invoice.objects.filter(customer=customer_id).select_related("customer").order_by("-id")[:limit])


def messages_about(invoice_id: int) -> list[Message]:
    """The emails about it, oldest first. Those dropped with an old month are missing."""
    keys = MessageKey.objects.filter(key__startswith=key_prefix(invoice_id))
    return list(Message.objects.filter(id__in=keys.values("message_id")).order_by("id"))
