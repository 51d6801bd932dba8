"""The pages behind the links of an invoice email. Who has the link sees that one invoice, without signing in."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from omnicrm.accounts.pages.policies import private
from omnicrm.config import current_config
from omnicrm.customers.models import Language
from omnicrm.emails.formats import Money, formatted
from omnicrm.invoices.errors import PdfUnusable
from omnicrm.invoices.links import LinkState, outside_pay_url, read_token
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.money import rounded
from omnicrm.invoices.pdf_files import CONTENT_TYPE, filename, read_pdf
from omnicrm.invoices.queries import state_of
from omnicrm.selfcare.by_link import shown_by_link

Page = Callable[[HttpRequest, Invoice, str], HttpResponse]


def _by_link(page: Page) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """A page about the invoice of the token in its address; 410 when that has expired, 404 when it opens nothing."""

    @private
    @login_not_required
    @require_safe
    @wraps(page)
    def view(request: HttpRequest, token: str) -> HttpResponse:
        found = _found(token, now=timezone.now())
        if isinstance(found, LinkState):
            return shown_by_link(request, lambda: _nothing(request, found), language=None)
        return shown_by_link(request, lambda: page(request, found, token), language=found.language)

    return view


@_by_link
def invoice_page(request: HttpRequest, invoice: Invoice, token: str) -> HttpResponse:
    return render(request, "selfcare/invoice_link.html", {**facts(invoice, now=timezone.now()), "token": token})


@_by_link
def invoice_pdf(request: HttpRequest, invoice: Invoice, token: str) -> HttpResponse:  # noqa: ARG001 - as every page
    try:
        return pdf_file(invoice)
    except PdfUnusable as error:
        return render(request, "selfcare/invoice_link_broken.html", {"why": str(error)}, status=500)


@_by_link
def invoice_pay(request: HttpRequest, invoice: Invoice, token: str) -> HttpResponse:  # noqa: ARG001 - as every page
    """On to the payment page, for what is due at this moment; back to the invoice if nothing is."""
    if not invoice.balance_due or not current_config().invoice.pay_url:
        return redirect("invoice_link", token)
    return HttpResponseRedirect(outside_pay_url(invoice))


def _found(token: str, *, now: datetime) -> Invoice | LinkState:
    """The link of an erased customer opens nothing any more."""
    found = read_token(token, now=now)
    if isinstance(found, LinkState):
        return found
    invoice = Invoice.objects.filter(pk=found, number__isnull=False, customer__isnull=False).first()
    return invoice or LinkState.WRONG


def _nothing(request: HttpRequest, why: LinkState) -> HttpResponse:
    is_expired = why is LinkState.EXPIRED
    status = HTTPStatus.GONE if is_expired else HTTPStatus.NOT_FOUND
    return render(request, "selfcare/invoice_link_void.html", {"is_expired": is_expired}, status=status)


def pdf_file(invoice: Invoice) -> HttpResponse:
    """A download, never shown inside of the browser: an imported PDF may hold anything. Raises PdfUnusable."""
    return HttpResponse(
        read_pdf(invoice),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{filename(invoice)}"'},
    )


def facts(invoice: Invoice, *, now: datetime) -> Mapping[str, Any]:
    """What pages for the customer tell of an invoice, in the language in use."""
    language = translation.get_language()
    amounts = {
        name: formatted(
            Money(amount=rounded(getattr(invoice, name), invoice.currency), currency=invoice.currency),
            language if language in Language.values else invoice.language,
        )
        for name in ("total_amount", "paid_amount", "credited_amount", "balance_due")
    }
    invoicing = current_config().invoice
    return {
        "invoice": invoice,
        "state": state_of(invoice, now=now),
        "amounts": amounts,
        "may_pay": bool(invoicing.pay_url and invoice.balance_due),
        "bank": invoicing.bank if invoicing.bank.iban and invoice.balance_due else None,
    }
