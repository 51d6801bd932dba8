"""The customer's invoices: what is still to pay, each with its PDF, paying it, and a copy by email."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.customers.errors import InvalidInput
from omnicrm.invoices.errors import PdfUnusable, amount_text
from omnicrm.invoices.figures import totals_by_currency
from omnicrm.invoices.links import outside_pay_url
from omnicrm.invoices.mailing import send_copy_to_customer
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.queries import state_of
from omnicrm.invoices.reminder_queries import every_email_about, reminders_of
from omnicrm.invoices.states import Kind, State
from omnicrm.outbox.models import Message
from omnicrm.selfcare.access import Visit, customers_only
from omnicrm.selfcare.emails import told
from omnicrm.selfcare.invoice_link import facts, pdf_file

PAGE_SIZE: Final = 25
_LARGEST_ID: Final = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldInvoice:
    """An invoice in a list, as its customer sees it."""

    invoice: Invoice
    state: State
    total: str
    due: str

    @property
    def is_credit_note(self) -> bool:
        return self.invoice.kind == Kind.CREDIT_NOTE


@require_safe
@customers_only(Permission.READ_OWN)
def my_invoices(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Newest first; `?before=<id>` goes on from there."""
    now, before = timezone.now(), _id(request.GET.get("before", ""))
    found = visit.invoices.filter(id__lt=before) if before else visit.invoices
    page = list(found[: PAGE_SIZE + 1])
    about = {
        "invoices": [_told(invoice, now=now) for invoice in page[:PAGE_SIZE]],
        "before": page[PAGE_SIZE - 1].pk if len(page) > PAGE_SIZE else None,
        "is_first": before is None,
        "owed": _owed(visit, now=now),
    }
    return render(request, "selfcare/invoices.html", about)


@require_safe
@customers_only(Permission.READ_OWN)
def my_invoice(request: HttpRequest, visit: Visit, invoice_id: int) -> HttpResponse:
    invoice = _own(visit, invoice_id)
    may_have_a_copy = invoice.kind == Kind.INVOICE and invoice.state != State.CANCELLED
    about = {
        **facts(invoice, now=timezone.now()),
        "may_have_a_copy": may_have_a_copy,
        "emails": [told(message) for message in _emails_about(visit, invoice)],
    }
    return render(request, "selfcare/invoice.html", about)


@require_safe
@customers_only(Permission.READ_OWN)
def my_invoice_pdf(request: HttpRequest, visit: Visit, invoice_id: int) -> HttpResponse:
    invoice = _own(visit, invoice_id)
    try:
        return pdf_file(invoice)
    except PdfUnusable as error:
        messages.error(request, f"{error} {_('Please write to us: we will send it to you.')}")
        return redirect("my_invoice", invoice.pk)


@require_safe
@customers_only(Permission.READ_OWN)
def my_invoice_pay(request: HttpRequest, visit: Visit, invoice_id: int) -> HttpResponse:
    """On to the payment page, for what is due at this moment; back to the invoice if nothing is."""
    invoice = _own(visit, invoice_id)
    if not facts(invoice, now=timezone.now())["may_pay"]:
        messages.info(request, _("There is nothing to pay of %(number)s.") % {"number": invoice.number})
        return redirect("my_invoice", invoice.pk)
    return HttpResponseRedirect(outside_pay_url(invoice))


@require_POST
@customers_only(Permission.WRITE_OWN)
def my_invoice_copy(request: HttpRequest, visit: Visit, invoice_id: int) -> HttpResponse:
    """Sends the invoice by email once more, to where invoices go."""
    invoice = _own(visit, invoice_id)
    try:
        queued = send_copy_to_customer(
            invoice_id=invoice.pk, customer_id=visit.customer.pk, by=visitor(request), now=timezone.now()
        )
    except InvalidInput as refusal:
        messages.error(request, " ".join(error.message for error in refusal.errors))
    else:
        addresses = ", ".join(message.to_email for message in queued)
        messages.success(request, _("A copy is on its way to %(addresses)s.") % {"addresses": addresses})
    return redirect("my_invoice", invoice.pk)


def _told(invoice: Invoice, *, now: datetime) -> ToldInvoice:
    return ToldInvoice(
        invoice=invoice,
        state=state_of(invoice, now=now),
        total=amount_text(invoice.total_amount, invoice.currency),
        due=amount_text(invoice.balance_due, invoice.currency) if invoice.balance_due else "",
    )


def _owed(visit: Visit, *, now: datetime) -> list[Mapping[str, Any]]:
    """What is still to pay in each currency, and how much of it is late."""
    return [
        {
            "due": amount_text(totals.due, totals.currency),
            "overdue": amount_text(totals.overdue, totals.currency) if totals.overdue else "",
        }
        for totals in totals_by_currency(visit.invoices, now=now)
        if totals.due
    ]


def _emails_about(visit: Visit, invoice: Invoice) -> list[Message]:
    """The invoice's own emails and its reminders, newest first; only those that were written to this customer."""
    found = every_email_about(invoice.pk, reminders_of(invoice.pk))
    return [message for message in reversed(found) if message.customer_id == visit.customer.pk]


def _own(visit: Visit, invoice_id: int) -> Invoice:
    invoice = visit.invoices.filter(pk=invoice_id).first() if invoice_id <= _LARGEST_ID else None
    if invoice is None:
        raise Http404
    return invoice


def _id(text: str) -> int | None:
    number = int(text[:20]) if text.isascii() and text.isdecimal() else 0
    return number if 0 < number <= _LARGEST_ID else None
