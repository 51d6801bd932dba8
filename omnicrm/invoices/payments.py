"""Payments: booked once, never changed. The database adds them up, and the invoice's state follows.

A payment of more than what is due is taken for a typing error unless the caller says that so much has come in. What
was paid too much can be given back, as a payment with a negative amount.
"""

from datetime import datetime
from decimal import Decimal
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.customers.errors import AlreadyTaken, FieldError, InvalidInput
from omnicrm.customers.operations import locked
from omnicrm.customers.rules import clean
from omnicrm.invoices import rules
from omnicrm.invoices.days import local_day
from omnicrm.invoices.errors import WrongState, amount_text, not_for_credit_notes, not_issued
from omnicrm.invoices.fields import PaymentFields
from omnicrm.invoices.models import Invoice, Payment
from omnicrm.invoices.money import rounded
from omnicrm.invoices.recording import target
from omnicrm.invoices.states import Kind


@transaction.atomic
def register_payment(
    *, invoice_id: int, allow_overpayment: bool = False, by: Actor, now: datetime, **fields: Unpack[PaymentFields]
) -> Payment:
    """Books money that came in, or with a negative amount a refund of what was overpaid.

    Raises WrongState for what takes no payments, AlreadyTaken for a reference booked on this invoice before, and
    InvalidInput.
    """
    invoice = _payable(invoice_id)
    payment = Payment(invoice=invoice, created_at=now, **clean(rules.PAYMENT, fields))
    _check_amount(payment, invoice, allow_overpayment=allow_overpayment)
    if payment.date > local_day(now):
        raise InvalidInput(FieldError(field="date", message=_("This day is still to come.")))
    _book(payment)
    detail = {"amount": str(payment.amount), "currency": invoice.currency, "reference": payment.reference}
    record(action=Action.PAYMENT_REGISTERED, by=by, target=target(invoice), detail=detail, now=now)
    return payment


@transaction.atomic
def reverse_payment(*, payment_id: int, by: Actor, now: datetime) -> Payment:
    """Takes a payment back that the bank returned or that was booked by mistake; the amount is due again."""
    given = Payment.objects.get(pk=payment_id)
    invoice = _payable(given.invoice_id)
    if given.amount < 0:
        raise WrongState(_("It took money back itself."))
    if Payment.objects.filter(reverses=given).exists():
        raise WrongState(_("It has been taken back before."))
    if given.amount > invoice.paid_amount:
        raise WrongState(_("It has been refunded already."))
    reversal = Payment(
        invoice=invoice,
        amount=-given.amount,
        date=local_day(now),
        method=given.method,
        reference=f"{given.reference[:_ROOM]} ↩",
        reverses=given,
        created_at=now,
    )
    _book(reversal)
    detail = {"amount": str(given.amount), "currency": invoice.currency, "reference": given.reference}
    record(action=Action.PAYMENT_REVERSED, by=by, target=target(invoice), detail=detail, now=now)
    return reversal


_ROOM = 98
"""Characters of a reference that fit before the mark of its reversal."""


def _payable(invoice_id: int) -> Invoice:
    invoice = locked(Invoice.objects, invoice_id)
    if invoice.number is None:
        raise not_issued()
    if invoice.kind == Kind.CREDIT_NOTE:
        raise not_for_credit_notes(invoice)
    return invoice


def _check_amount(payment: Payment, invoice: Invoice, *, allow_overpayment: bool) -> None:
    amount, currency = payment.amount, invoice.currency

    def refuse(message: str, **amounts: Decimal) -> InvalidInput:
        shown = {name: amount_text(each, currency) for name, each in amounts.items()}
        return InvalidInput(FieldError(field="amount", message=message % shown))

    if amount == 0:
        raise refuse(_("Give an amount other than 0."))
    if amount != rounded(amount, currency):
        raise refuse(_("It has more decimals than the currency."))
    if -amount > invoice.overpaid_amount:
        raise refuse(_("At most %(overpaid)s was overpaid and can be refunded."), overpaid=invoice.overpaid_amount)
    if amount > invoice.balance_due and not allow_overpayment:
        raise refuse(_("Only %(due)s is still due; allow overpayment if so much came in."), due=invoice.balance_due)


def _book(payment: Payment) -> None:
    """The invoice's lock, held by the caller, keeps two of the same apart."""
    if Payment.objects.filter(invoice=payment.invoice, reference=payment.reference).exists():
        message = _("A payment with this reference is booked on this invoice already.")
        raise AlreadyTaken(FieldError(field="reference", message=message))
    payment.save(force_insert=True)
