"""Payments of an invoice and credit notes for it, each on a page that asks first."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.audit.models import TargetKind
from omnicrm.backoffice.access import page_about_one
from omnicrm.backoffice.audited import Audited
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import accepted
from omnicrm.backoffice.filters import record_id
from omnicrm.backoffice.invoicing.forms import CreditForm, PaymentForm
from omnicrm.backoffice.invoicing.wording import amount, day, title
from omnicrm.backoffice.outcomes import tell_refusal
from omnicrm.customers.errors import InvalidInput
from omnicrm.invoices.credit_notes import credit_invoice
from omnicrm.invoices.models import Invoice, Payment
from omnicrm.invoices.payments import register_payment, reverse_payment


def invoice_page(invoice: Invoice) -> str:
    return reverse("admin:invoices_invoice_change", args=[invoice.pk])


class MoneyActions(Audited):
    kind = TargetKind.INVOICE

    @page_about_one(description=gettext_lazy("Register a payment"), url_path="payment", icon="payments")
    def payment_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        form = PaymentForm(request.POST or None, invoice=invoice, now=now())
        payment = accepted(
            form,
            lambda: register_payment(
                invoice_id=invoice.pk,
                allow_overpayment=form.cleaned_data["allow_overpayment"],
                by=visitor(request),
                now=now(),
                **form.payment(),
            ),
        )
        if payment:
            booked = _("The payment of %(amount)s is booked.") % {"amount": amount(payment.amount, invoice.currency)}
            messages.success(request, booked)
            return redirect(invoice_page(invoice))
        left = amount(invoice.balance_due, invoice.currency)
        question = Question(
            title=_("Register a payment of %(name)s") % {"name": invoice},
            text=_("Still due: %(amount)s. A payment cannot be changed afterwards, but taken back.") % {"amount": left},
            answer=_("Register the payment"),
        )
        return ask(request, self, question, about=invoice, back=invoice_page(invoice), form=form)

    @page_about_one(description=gettext_lazy("Take a payment back"), url_path="reverse", icon="undo")
    def reverse_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        """`?payment=5` says which."""
        number = record_id(request.GET.get("payment", "")) or 0
        payment = Payment.objects.filter(pk=number, invoice=invoice).first()
        if payment is None:
            messages.warning(request, _("This is no longer there."))
            return redirect(invoice_page(invoice))
        if request.method == "POST":
            self._reverse(request, payment)
            return redirect(invoice_page(invoice))
        paid = amount(payment.amount, invoice.currency)
        question = Question(
            title=_("Take the payment of %(amount)s back?") % {"amount": paid},
            text=_("For one that the bank returned, or that was booked by mistake. The amount is due again."),
            facts=[day(payment.date), payment.get_method_display(), payment.reference],
            answer=_("Take it back"),
            is_dangerous=True,
        )
        return ask(request, self, question, about=invoice, back=invoice_page(invoice))

    def _reverse(self, request: HttpRequest, payment: Payment) -> None:
        try:
            reverse_payment(payment_id=payment.pk, by=visitor(request), now=now())
        except InvalidInput as refusal:
            tell_refusal(request, refusal)
        else:
            messages.success(request, _("The payment is taken back."))

    @page_about_one(description=gettext_lazy("Credit"), url_path="credit", icon="undo")
    def credit_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        form = CreditForm(request.POST or None, invoice=invoice)
        note = accepted(
            form,
            lambda: credit_invoice(
                invoice_id=invoice.pk,
                lines=form.lines(),
                notes=form.cleaned_data["notes"],
                by=visitor(request),
                now=now(),
            ),
            fields=form.PATHS,
        )
        if note:
            messages.success(request, _("%(note)s is issued for %(name)s.") % {"note": title(note), "name": invoice})
            return redirect(invoice_page(note))
        question = Question(
            title=_("Credit %(name)s") % {"name": invoice},
            text=_(
                "An issued invoice stays as it is; a credit note corrects it. It has its own number and cannot be "
                "changed either."
            ),
            facts=[
                _("Total of the invoice: %(amount)s") % {"amount": amount(invoice.total_amount, invoice.currency)},
                _("Credited before: %(amount)s") % {"amount": amount(invoice.credited_amount, invoice.currency)},
            ],
            answer=_("Issue the credit note"),
            is_dangerous=True,
        )
        return ask(request, self, question, about=invoice, back=invoice_page(invoice), form=form)
