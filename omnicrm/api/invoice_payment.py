"""Routes of what is paid, and of what is credited."""

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs
from omnicrm.api.invoice_resources import InvoiceOut, PaymentOut
from omnicrm.api.invoice_schemas import CreditIn, PaymentIn
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.models import Payment
from omnicrm.invoices.payments import register_payment, reverse_payment

router = Router(tags=["Invoices"])
WRITE = Needs(Permission.WRITE_INVOICES)


@router.post("/invoice/{int:invoice_id}/payment", auth=WRITE, response={201: PaymentOut})
def add_payment(request: HttpRequest, invoice_id: int, body: PaymentIn) -> PaymentOut:
    """Books a payment. 409 if one with this reference is booked on the invoice already."""
    payment = register_payment(
        invoice_id=invoice_id,
        amount=body.amount,
        date=body.date,
        method=body.method,
        reference=body.reference,
        allow_overpayment=body.allow_overpayment,
        by=actor_of(request),
        now=timezone.now(),
    )
    return PaymentOut.of(payment, payment.invoice.currency)


@router.post("/invoice/{int:invoice_id}/payment/{int:payment_id}/reverse", auth=WRITE, response={201: PaymentOut})
def take_payment_back(request: HttpRequest, invoice_id: int, payment_id: int) -> PaymentOut:
    """Books that a payment was returned by the bank, or was a mistake; its amount is due again."""
    given = Payment.objects.get(pk=payment_id, invoice=invoice_id)
    reversal = reverse_payment(payment_id=given.pk, by=actor_of(request), now=timezone.now())
    return PaymentOut.of(reversal, reversal.invoice.currency)


@router.post("/invoice/{int:invoice_id}/credit", auth=WRITE, response={201: InvoiceOut})
def add_credit_note(request: HttpRequest, invoice_id: int, body: CreditIn | None = None) -> InvoiceOut:
    """Issues a credit note and answers it: for the lines given, or for all that is left, which cancels the invoice."""
    now, fields = timezone.now(), body.given() if body else {}
    note = credit_invoice(
        invoice_id=invoice_id,
        lines=fields.get("lines"),
        notes=fields.get("notes") or "",
        by=actor_of(request),
        now=now,
    )
    return InvoiceOut.of(note, now=now)
