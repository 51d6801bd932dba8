"""Invoices issued elsewhere: number and PDF are given, OmniCRM mails them, takes their payments and reminds.

Their PDF is kept as it came. It is told by its content, never by its name, and only ever handed out as a download.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.config import current_config
from omnicrm.customers.errors import AlreadyTaken, FieldError, InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.customers.rules import clean
from omnicrm.invoices import rules
from omnicrm.invoices.composing import client_column, client_details
from omnicrm.invoices.days import local_day
from omnicrm.invoices.drafts import locked_customer
from omnicrm.invoices.errors import day_text
from omnicrm.invoices.fields import ImportFields
from omnicrm.invoices.issuing import Issued
from omnicrm.invoices.mailing import contacts_for_invoices, issued_mails, no_address
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.money import rounded
from omnicrm.invoices.pdf_files import keeping
from omnicrm.invoices.recording import target
from omnicrm.invoices.states import Kind
from omnicrm.outbox.operations import enqueue_many

MAX_PDF_BYTES: Final = 25_000_000
_REQUIRED: Final = {"number": "", "issue_date": None, "total_amount": None}
_HEAD, _TAIL = 1024, 2048
"""Bytes in which readers look for a PDF's beginning and end."""


@transaction.atomic
def import_invoice(
    *, customer_id: int, pdf: bytes, send: bool = True, by: Actor, now: datetime, **fields: Unpack[ImportFields]
) -> Issued:
    """Takes an invoice in, and queues its email. Raises AlreadyTaken for a number that there is, and InvalidInput."""
    customer = locked_customer(customer_id)
    values = _checked(fields, pdf)
    contacts = list(customer.contacts.all())
    invoice = _filled(customer, values, now=now)
    addressee = next(iter(contacts_for_invoices(contacts)), None)
    client = client_details(customer, sites=list(customer.sites.all()), contact=addressee)
    invoice.client = client_column(client)
    with keeping() as keep:
        keep(invoice, pdf)
        _save(invoice)
    mails = issued_mails(invoice, contacts, now=now) if send else []
    enqueue_many(mails, now=now)
    record(action=Action.INVOICE_IMPORTED, by=by, target=target(invoice), now=now)
    no_email = "" if mails else no_address() if send else _("No email was wanted.")
    return Issued(invoice=Invoice.objects.get(pk=invoice.pk), mails=mails, no_email=no_email)


def _checked(fields: Mapping[str, Any], pdf: bytes) -> dict[str, Any]:
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    try:
        values = clean(rules.IMPORT, {**_REQUIRED, **fields})
        errors += _contradictions(values)
    except InvalidInput as error:
        errors += error.errors
    if wrong := _why_not_a_pdf(pdf):
        errors.append(FieldError(field="pdf", message=wrong))
    if errors:
        raise InvalidInput(*errors)
    return values


def _contradictions(values: Mapping[str, Any]) -> list[FieldError]:
    errors = list(rules.period_errors(values.get("start_date"), values.get("end_date")))
    currency = values.get("currency") or current_config().invoice.currency
    for name in ("total_amount", "total_tax"):
        amount = values.get(name, Decimal())
        if amount != rounded(amount, currency):
            errors.append(FieldError(field=name, message=_("It has more decimals than the currency.")))
    if values.get("total_tax", Decimal()) > values["total_amount"]:
        errors.append(FieldError(field="total_tax", message=_("The tax is more than the total.")))
    due = values.get("due_date")
    if values.get("credited_number"):
        if due:
            errors.append(FieldError(field="due_date", message=_("A credit note has no due date.")))
    elif not due:
        errors.append(FieldError(field="due_date", message=_("This field must not be empty.")))
    elif due < values["issue_date"]:
        message = _("The due date lies before the date of issue, %(today)s.") % {
            "today": day_text(values["issue_date"])
        }
        errors.append(FieldError(field="due_date", message=message))
    return errors


def _why_not_a_pdf(content: bytes) -> str:
    if len(content) > MAX_PDF_BYTES:
        return _("The PDF has %(size)d bytes; send at most %(limit)d.") % {
            "size": len(content),
            "limit": MAX_PDF_BYTES,
        }
    if b"%PDF-" not in content[:_HEAD]:
        return _("This is not a PDF.")
    if b"%%EOF" not in content[-_TAIL:]:
        return _("The PDF is cut off: its end is missing.")
    return ""


def _filled(customer: Customer, values: Mapping[str, Any], *, now: datetime) -> Invoice:
    if values["issue_date"] > local_day(now):
        raise InvalidInput(FieldError(field="issue_date", message=_("This day is still to come.")))
    tax = values.get("total_tax", Decimal())
    invoice = Invoice(
        customer=customer,
        language=customer.language,
        number=values["number"],
        currency=values.get("currency") or current_config().invoice.currency,
        issue_date=values["issue_date"],
        issued_at=now,
        due_date=values.get("due_date"),
        start_date=values.get("start_date"),
        end_date=values.get("end_date"),
        net_amount=values["total_amount"] - tax,
        total_tax=tax,
        total_amount=values["total_amount"],
        created_at=now,
        updated_at=now,
    )
    if credited_number := values.get("credited_number"):
        invoice.kind = Kind.CREDIT_NOTE
        invoice.credited_invoice = _credited(credited_number, invoice)
    return invoice


def _credited(number: str, note: Invoice) -> Invoice:
    """The invoice that the credit note is for, locked."""
    invoice = (
        Invoice.objects.select_for_update(no_key=True)
        .filter(number=number, kind=Kind.INVOICE, customer=note.customer, currency=note.currency)
        .first()
    )
    if invoice is None:
        message = _("The customer has no invoice with this number in this currency.")
    elif not invoice.is_imported:
        message = _("It was issued here: credit it here.")
    elif note.total_amount > invoice.total_amount - invoice.credited_amount:
        message = _("The credit note is for more than is left of the invoice.")
    else:
        return invoice
    raise InvalidInput(FieldError(field="credited_number", message=message))


def _save(invoice: Invoice) -> None:
    try:
        with transaction.atomic():
            invoice.save(force_insert=True)
    except IntegrityError:
        if not Invoice.objects.filter(number=invoice.number).exists():
            raise
        message = _("There is an invoice with this number already.")
        raise AlreadyTaken(FieldError(field="number", message=message)) from None
