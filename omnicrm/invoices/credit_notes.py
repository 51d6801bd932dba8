"""Credit notes: how an issued invoice is corrected. One for all that is left of it cancels it.

No rate of tax can be credited beyond what the invoice has of it, over all of its credit notes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.config import current_config
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.operations import locked
from omnicrm.emails.formats import Wording
from omnicrm.invoices import rules
from omnicrm.invoices.composing import shortest
from omnicrm.invoices.document import TaxTotal
from omnicrm.invoices.drafts import PreparedDraft, new_lines, price, save_drafts, taxes_of
from omnicrm.invoices.errors import WrongState, amount_text, not_for_credit_notes, not_issued, rate_text
from omnicrm.invoices.fields import LineFields
from omnicrm.invoices.issuing import issue_many
from omnicrm.invoices.models import Invoice, InvoiceLine, InvoiceTax
from omnicrm.invoices.money import Totals, total_up, totals_of
from omnicrm.invoices.recording import target
from omnicrm.invoices.states import Kind

_REST = Wording(fr="Solde de la facture {number}", en="Rest of invoice {number}")


@transaction.atomic
def credit_invoice(
    *, invoice_id: int, lines: Sequence[LineFields] | None = None, notes: str = "", by: Actor, now: datetime
) -> Invoice:
    """Issues a credit note and returns it: for the lines given, with positive amounts, or for all that is left.

    The latter cancels the invoice, and its email is not sent any more if it has not left. What was paid before counts
    as overpaid from then on. Raises WrongState for what cannot be credited, InvalidInput for lines that do not fit.
    """
    invoice = _creditable(invoice_id)
    values = rules.fields_of(rules.INVOICE, {"notes": notes, "lines": lines or ()})
    if lines is not None and not lines:
        raise InvalidInput(FieldError(field="lines", message=_("Add at least one line.")))
    left = _left(invoice)
    prepared = _rest(invoice, left, now=now) if lines is None else _part(invoice, values["lines"], left, now=now)
    prepared.invoice.notes = values["notes"]
    return _issued(prepared, invoice, by=by, now=now)


def _creditable(invoice_id: int) -> Invoice:
    invoice = locked(Invoice.objects, invoice_id)
    if invoice.number is None:
        raise not_issued()
    if invoice.kind == Kind.CREDIT_NOTE:
        raise not_for_credit_notes(invoice)
    if invoice.is_imported:
        raise WrongState(_("It was issued elsewhere: credit it there, and import the credit note."))
    if invoice.credited_amount >= invoice.total_amount:
        raise WrongState(_("There is nothing left to credit of %(number)s.") % {"number": invoice.number})
    return invoice


def _left(invoice: Invoice) -> dict[Decimal, TaxTotal]:
    """What can still be credited, by rate."""
    nothing = Decimal(), Decimal()
    credited = {
        rate: (net, tax)
        for rate, net, tax in InvoiceTax.objects.filter(invoice__credited_invoice=invoice)
        .order_by()
        .values_list("tax_rate")
        .annotate(Sum("net_amount"), Sum("tax_amount"))
    }
    return {
        tax.tax_rate: TaxTotal(
            tax_rate=tax.tax_rate,
            net_amount=tax.net_amount - credited.get(tax.tax_rate, nothing)[0],
            tax_amount=tax.tax_amount - credited.get(tax.tax_rate, nothing)[1],
        )
        for tax in invoice.taxes.all()
    }


def _part(
    invoice: Invoice, values: Sequence[Mapping[str, Any]], left: Mapping[Decimal, TaxTotal], *, now: datetime
) -> PreparedDraft:
    usual_rate = next(iter(left)) if len(left) == 1 else current_config().invoice.tax_rate
    lines = new_lines(values, usual_rate=usual_rate)
    price(lines, currency=invoice.currency)
    totals = totals_of(lines, invoice.currency)
    if errors := list(_excess(totals, left, invoice)):
        raise InvalidInput(*errors)
    return _prepared(invoice, lines, total_up(map(partial(_fitted, left), totals.taxes), invoice.currency), now=now)


def _fitted(left: Mapping[Decimal, TaxTotal], tax: TaxTotal) -> TaxTotal:
    """Takes along all the tax that is left with all the net that is left, and never more: roundings add up."""
    rest = left[tax.tax_rate]
    is_all = tax.net_amount == rest.net_amount
    return replace(tax, tax_amount=rest.tax_amount if is_all else min(tax.tax_amount, rest.tax_amount))


def _rest(invoice: Invoice, left: Mapping[Decimal, TaxTotal], *, now: datetime) -> PreparedDraft:
    """All lines again if nothing is credited so far, else one line per rate. The taxes are what is left of them, to the
    cent: those of the lines could differ from it by their rounding."""
    lines = [*map(_copied, invoice.lines.all())] if not invoice.credited_amount else _balancing(invoice, left)
    taxes = [tax for tax in left.values() if tax.net_amount or tax.tax_amount or not invoice.credited_amount]
    return _prepared(invoice, lines, total_up(taxes, invoice.currency), now=now)


def _copied(line: InvoiceLine) -> InvoiceLine:
    return InvoiceLine(
        position=line.position,
        title=line.title,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        tax_rate=line.tax_rate,
        net_amount=line.net_amount,
        start_date=line.start_date,
        end_date=line.end_date,
    )


def _balancing(invoice: Invoice, left: Mapping[Decimal, TaxTotal]) -> list[InvoiceLine]:
    title = _REST.in_language(invoice.language).format(number=invoice.number)
    rest = [tax for tax in left.values() if tax.net_amount]
    return [
        InvoiceLine(
            position=at,
            title=title,
            quantity=Decimal(1),
            unit_price=tax.net_amount,
            tax_rate=tax.tax_rate,
            net_amount=tax.net_amount,
        )
        for at, tax in enumerate(rest, start=1)
    ]


def _prepared(invoice: Invoice, lines: Sequence[InvoiceLine], totals: Totals, *, now: datetime) -> PreparedDraft:
    note = Invoice(
        kind=Kind.CREDIT_NOTE,
        customer_id=invoice.customer_id,
        language=invoice.language,
        currency=invoice.currency,
        client=invoice.client,
        credited_invoice=invoice,
        start_date=invoice.start_date,
        end_date=invoice.end_date,
        net_amount=totals.net_amount,
        total_tax=totals.total_tax,
        total_amount=totals.total_amount,
        created_at=now,
        updated_at=now,
    )
    for line in lines:
        line.invoice = note
    return PreparedDraft(invoice=note, lines=lines, taxes=taxes_of(note, totals))


def _excess(totals: Totals, left: Mapping[Decimal, TaxTotal], invoice: Invoice) -> Iterator[FieldError]:
    if totals.total_amount <= 0:
        yield FieldError(field="lines", message=_("A credit note needs a total above 0."))
    for tax in totals.taxes:
        if tax.tax_rate not in left:
            message = _("The invoice has nothing taxed at %(rate)s.")
        elif tax.net_amount < 0:
            message = _("What is credited at %(rate)s must not be negative.")
        elif tax.net_amount > left[tax.tax_rate].net_amount:
            message = _("At most %(left)s without tax can still be credited at %(rate)s.")
        else:
            continue
        rest = left[tax.tax_rate].net_amount if tax.tax_rate in left else Decimal()
        shown = {
            "rate": rate_text(shortest(tax.tax_rate)),
            "left": amount_text(rest, invoice.currency),
        }
        yield FieldError(field="lines", message=message % shown)


def _issued(prepared: PreparedDraft, invoice: Invoice, *, by: Actor, now: datetime) -> Invoice:
    save_drafts([prepared])
    outcome = issue_many(invoice_ids=[prepared.invoice.pk], send=False, now=now)
    if outcome.refused:
        raise InvalidInput(*outcome.refused.values())
    note = Invoice.objects.get(pk=prepared.invoice.pk)
    detail = {"credit_note": note.number, "amount": str(note.total_amount), "currency": note.currency}
    record(action=Action.INVOICE_CREDITED, by=by, target=target(invoice), detail=detail, now=now)
    return note
