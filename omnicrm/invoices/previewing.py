"""How a draft would look if it were issued now."""

from datetime import datetime

from omnicrm.customers.models import Customer
from omnicrm.invoices.composing import client_column, client_details, compose
from omnicrm.invoices.days import local_day
from omnicrm.invoices.drafts import PreparedDraft, prepare_draft
from omnicrm.invoices.fields import InvoiceFields
from omnicrm.invoices.mailing import contacts_for_invoices
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.rendering import render_invoice


def preview_pdf(*, invoice_id: int, now: datetime) -> bytes:
    """The PDF of a draft, without a number. Raises RenderError."""
    draft = Invoice.objects.select_related("customer", "credited_invoice").get(pk=invoice_id)
    prepared = PreparedDraft(invoice=draft, lines=list(draft.lines.all()), taxes=list(draft.taxes.all()))
    return _drawn(prepared, now=now)


def preview_fields(*, customer_id: int, fields: InvoiceFields, now: datetime) -> bytes:
    """The PDF of what has not even been saved. Raises InvalidInput, RenderError, and Customer.DoesNotExist."""
    customer = Customer.objects.get(pk=customer_id)
    return _drawn(prepare_draft(customer=customer, fields=fields, now=now), now=now)


def _drawn(prepared: PreparedDraft, *, now: datetime) -> bytes:
    draft = prepared.invoice
    if customer := draft.customer:
        contact = next(iter(contacts_for_invoices(customer.contacts.all())), None)
        client = client_details(customer, sites=list(customer.sites.all()), contact=contact)
        draft.client = client_column(client)
    document = compose(draft, lines=prepared.lines, taxes=prepared.taxes, today=local_day(now), pay_url="")
    return render_invoice(document)
