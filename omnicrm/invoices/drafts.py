"""Drafts: what an invoice is before it is issued, checked and added up, but free to change.

Operations raise InvalidInput for fields that cannot be accepted, and DoesNotExist for an id nobody has.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Unpack, cast

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from omnicrm.config import current_config
from omnicrm.customers.copying import copy_in, take_ids
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import locked
from omnicrm.emails.formats import Money
from omnicrm.invoices import rules
from omnicrm.invoices.days import local_day
from omnicrm.invoices.errors import not_a_draft
from omnicrm.invoices.fields import InvoiceFields
from omnicrm.invoices.models import Invoice, InvoiceLine, InvoiceTax
from omnicrm.invoices.money import Totals, net_of, totals_of
from omnicrm.invoices.sentences import Sentence
from omnicrm.invoices.states import Kind

_TOO_EARLY: Final = gettext_noop("The due date lies before the date of issue, %(today)s.")
_NEGATIVE: Final = gettext_noop(
    "The lines come to %(total)s; an invoice cannot be negative. Credit an earlier one instead."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedDraft:
    """A checked draft that is not saved yet, with what belongs to it."""

    invoice: Invoice
    lines: Sequence[InvoiceLine]
    taxes: Sequence[InvoiceTax]


@transaction.atomic
def create_draft(*, customer_id: int, now: datetime, **fields: Unpack[InvoiceFields]) -> Invoice:
    customer = locked_customer(customer_id)
    prepared = prepare_draft(customer=customer, fields=fields, now=now)
    save_drafts([prepared])
    return Invoice.objects.get(pk=prepared.invoice.pk)


def prepare_draft(*, customer: Customer, fields: InvoiceFields, now: datetime) -> PreparedDraft:
    """Checks a whole draft. Raises InvalidInput with all that is wrong in it."""
    invoice = Invoice(
        customer=customer,
        language=customer.language,
        currency=current_config().invoice.currency,
        created_at=now,
        updated_at=now,
    )
    values = rules.fields_of(rules.INVOICE, {"lines": (), **fields})
    return _filled(invoice, values, lines=new_lines(values["lines"]), today=local_day(now))


@transaction.atomic
def save_drafts(prepared: Sequence[PreparedDraft]) -> None:
    """Saves any number of them at once. Their invoices have ids afterwards."""
    take_ids([each.invoice for each in prepared])
    for each in prepared:
        _belong(each)
    copy_in([each.invoice for each in prepared])
    copy_in([line for each in prepared for line in each.lines])
    copy_in([tax for each in prepared for tax in each.taxes])


@transaction.atomic
def update_draft(*, invoice_id: int, now: datetime, **changes: Unpack[InvoiceFields]) -> Invoice:
    """Changes what is given. Raises WrongState for what is issued."""
    invoice = locked_draft(invoice_id)
    values = rules.fields_of(rules.INVOICE, changes)
    lines = new_lines(values["lines"]) if "lines" in values else [_unsaved(line) for line in invoice.lines.all()]
    prepared = _filled(invoice, values, lines=lines, today=local_day(now))
    invoice.updated_at = now
    invoice.save()
    invoice.lines.all().delete()
    invoice.taxes.all().delete()
    _belong(prepared)
    copy_in(prepared.lines)
    copy_in(prepared.taxes)
    return Invoice.objects.get(pk=invoice.pk)


@transaction.atomic
def discard_draft(*, invoice_id: int) -> None:
    """Deletes a draft: it never had a number. Raises WrongState for what is issued."""
    locked_draft(invoice_id).delete()


def locked_customer(customer_id: int) -> Customer:
    try:
        return locked(Customer.objects, customer_id)
    except Customer.DoesNotExist:
        message = _("There is no such customer.")
        raise InvalidInput(FieldError(field="customer_id", message=message)) from None


def locked_draft(invoice_id: int) -> Invoice:
    invoice = locked(Invoice.objects, invoice_id)
    if invoice.number is not None:
        raise not_a_draft(invoice)
    return invoice


def new_lines(values: Sequence[Mapping[str, Any]], *, usual_rate: Decimal | None = None) -> list[InvoiceLine]:
    """Lines from cleaned fields. Those without a rate get the usual one."""
    rate = current_config().invoice.tax_rate if usual_rate is None else usual_rate
    return [InvoiceLine(**{"tax_rate": rate, **line, "position": at}) for at, line in enumerate(values, start=1)]


def price(lines: Iterable[InvoiceLine], *, currency: str) -> None:
    """Works the lines' net amounts out."""
    for line in lines:
        line.net_amount = net_of(quantity=line.quantity, unit_price=line.unit_price, currency=currency)


def taxes_of(invoice: Invoice, totals: Totals) -> list[InvoiceTax]:
    return [
        InvoiceTax(invoice=invoice, tax_rate=tax.tax_rate, net_amount=tax.net_amount, tax_amount=tax.tax_amount)
        for tax in totals.taxes
    ]


def due_date_errors(due: date | None, *, today: date) -> Iterator[FieldError]:
    if due and due < today:
        yield FieldError(field="due_date", message=Sentence(_TOO_EARLY, today=today))


def _filled(invoice: Invoice, values: Mapping[str, Any], *, lines: Sequence[InvoiceLine], today: date) -> PreparedDraft:
    """Sets the values, adds the lines up, and checks what no field can be checked for alone."""
    for name, value in values.items():
        if name != "lines":
            setattr(invoice, name, value)
    for line in lines:
        line.invoice = invoice
    price(lines, currency=invoice.currency)
    totals = totals_of(lines, invoice.currency)
    if errors := list(_contradictions(invoice, lines, totals, today=today)):
        raise InvalidInput(*errors)
    invoice.net_amount, invoice.total_tax = totals.net_amount, totals.total_tax
    invoice.total_amount = totals.total_amount
    return PreparedDraft(invoice=invoice, lines=lines, taxes=taxes_of(invoice, totals))


def _contradictions(
    invoice: Invoice, lines: Iterable[InvoiceLine], totals: Totals, *, today: date
) -> Iterator[FieldError]:
    yield from rules.period_errors(invoice.start_date, invoice.end_date)
    if invoice.kind == Kind.INVOICE:
        yield from due_date_errors(invoice.due_date, today=today)
    if any(abs(line.net_amount) > rules.MAX_AMOUNT for line in lines) or totals.total_amount > rules.MAX_AMOUNT:
        yield FieldError(field="lines", message=_("The total is too large."))
    elif totals.total_amount < 0:
        total = Money(amount=totals.total_amount, currency=invoice.currency)
        yield FieldError(field="lines", message=Sentence(_NEGATIVE, total=total))


def _unsaved(line: InvoiceLine) -> InvoiceLine:
    line.pk = cast(int, None)  # to be copied in anew
    return line


def _belong(prepared: PreparedDraft) -> None:
    for line in prepared.lines:
        line.invoice_id = prepared.invoice.pk
    for tax in prepared.taxes:
        tax.invoice_id = prepared.invoice.pk
