"""What may be done about an invoice, each on a page that asks first and says what follows."""

from collections.abc import Container, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from omnicrm.accounts.pages.visitors import visitor
from omnicrm.accounts.roles import Permission
from omnicrm.audit.models import TargetKind
from omnicrm.backoffice.access import allows, page_about_one
from omnicrm.backoffice.audited import log_about
from omnicrm.backoffice.confirmation import Question, ask
from omnicrm.backoffice.entry import accepted
from omnicrm.backoffice.invoicing.forms import IssueForm, ReminderForm
from omnicrm.backoffice.invoicing.money_actions import MoneyActions, invoice_page
from omnicrm.backoffice.invoicing.reminder_pages import (
    ask_to_pause,
    ask_to_pause_customer,
    ask_to_resume,
    ask_to_resume_customer,
    pause_now,
)
from omnicrm.backoffice.invoicing.wording import amount, day, title
from omnicrm.backoffice.offers import Offering
from omnicrm.backoffice.outcomes import tell_refusal
from omnicrm.backoffice.policies import DOCUMENT
from omnicrm.customers.errors import InvalidInput
from omnicrm.invoices.drafts import discard_draft
from omnicrm.invoices.errors import PdfUnusable
from omnicrm.invoices.issuing import issue_invoice
from omnicrm.invoices.mailing import contacts_for_invoices, no_address, send_again
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pdf_files import CONTENT_TYPE, filename, read_pdf
from omnicrm.invoices.previewing import preview_pdf
from omnicrm.invoices.queries import is_paused, state_of
from omnicrm.invoices.reminders import send_reminder
from omnicrm.invoices.states import Kind, State
from omnicrm.invoices.template_files import RenderError


class InvoiceActions(MoneyActions, Offering):
    actions_detail: Sequence[str] = (
        "issue_page",
        "edit_page",
        "pdf_page",
        "payment_page",
        "send_page",
        "reminder_page",
        "pause_page",
        "resume_page",
        "pause_customer_page",
        "resume_customer_page",
        "credit_page",
        "discard_page",
        "log_page",
        "reverse_page",
    )

    @override
    def possible(self, _request: HttpRequest, record: Invoice) -> Container[str]:
        return _possible(record)

    def has_read_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return allows(request, self.reads)

    def has_audit_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return allows(request, Permission.READ_AUDIT)

    @page_about_one(description=gettext_lazy("Issue"), url_path="issue", icon="task_alt")
    def issue_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        form = IssueForm(request.POST if request.method == "POST" else None)  # an empty one says: do not send
        issued = accepted(
            form,
            lambda: issue_invoice(
                invoice_id=invoice.pk, send=form.cleaned_data["send"], by=visitor(request), now=now()
            ),
        )
        if issued:
            messages.success(request, _("%(name)s is issued.") % {"name": title(issued.invoice)})
            _tell_mails(request, [mail.to.email for mail in issued.mails], reason=issued.no_email)
            return redirect(invoice_page(invoice))
        question = Question(
            title=_("Issue this invoice?"),
            text=_("It gets its number and its PDF, and cannot be changed any more: only a credit note corrects it."),
            facts=_what_is_issued(invoice),
            answer=_("Issue the invoice"),
        )
        return ask(request, self, question, about=invoice, back=invoice_page(invoice), form=form)

    @page_about_one(description=gettext_lazy("Discard"), url_path="discard", icon="delete")
    def discard_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        if request.method == "POST":
            try:
                discard_draft(invoice_id=invoice.pk)
            except InvalidInput as refusal:
                tell_refusal(request, refusal)
                return redirect(invoice_page(invoice))
            messages.success(request, _("The draft is discarded."))
            return redirect("admin:invoices_invoice_changelist")
        question = Question(
            title=_("Discard this draft?"),
            text=_("This cannot be undone. It never had a number, so none is missing."),
            facts=_what_is_issued(invoice)[:2],
            answer=_("Discard the draft"),
            is_dangerous=True,
        )
        return ask(request, self, question, about=invoice, back=invoice_page(invoice))

    @page_about_one(description=gettext_lazy("PDF"), url_path="pdf", icon="picture_as_pdf", permission="read")
    def pdf_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        """Of a draft, as it would look if it were issued now."""
        try:
            content = read_pdf(invoice) if invoice.number else preview_pdf(invoice_id=invoice.pk, now=now())
        except (PdfUnusable, RenderError) as error:
            messages.error(request, str(error))
            return redirect(invoice_page(invoice))
        return pdf_answer(content, filename(invoice), is_ours=not invoice.is_imported)

    @page_about_one(description=gettext_lazy("Send again"), url_path="send", icon="forward_to_inbox")
    def send_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        if request.method == "POST":
            try:
                queued = send_again(invoice_id=invoice.pk, by=visitor(request), now=now())
            except InvalidInput as refusal:
                tell_refusal(request, refusal)
            else:
                _tell_mails(request, [message.to_email for message in queued])
            return redirect(invoice_page(invoice))
        question = Question(
            title=_("Send %(name)s again?") % {"name": invoice},
            text=_("One more email with the invoice goes to:"),
            facts=_addresses(invoice) or [no_address()],
            answer=_("Send it again"),
        )
        return ask(request, self, question, about=invoice, back=invoice_page(invoice))

    @page_about_one(description=gettext_lazy("Remind"), url_path="reminder", icon="notifications")
    def reminder_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        form = ReminderForm(request.POST if request.method == "POST" else None)
        queued = accepted(
            form, lambda: send_reminder(invoice_id=invoice.pk, by=visitor(request), now=now(), **form.cleaned_data)
        )
        if queued:
            _tell_mails(request, [message.to_email for message in queued])
            return redirect(invoice_page(invoice))
        left = amount(invoice.balance_due, invoice.currency)
        question = Question(
            title=_("Send a reminder of %(name)s?") % {"name": invoice},
            text=_("Still due: %(amount)s. It comes besides the automatic reminders. It goes to:") % {"amount": left},
            facts=_addresses(invoice) or [no_address()],
            answer=_("Send the reminder"),
        )
        return ask(request, self, question, about=invoice, back=invoice_page(invoice), form=form)

    @page_about_one(description=gettext_lazy("Pause reminders"), url_path="pause", icon="pause")
    def pause_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        return ask_to_pause(request, self, invoice)

    @page_about_one(description=gettext_lazy("Resume reminders"), url_path="resume", icon="play_arrow")
    def resume_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        return ask_to_resume(request, self, invoice)

    @page_about_one(
        description=gettext_lazy("Pause all of the customer's reminders"),
        url_path="pause-customer",
        icon="pause_circle",
    )
    def pause_customer_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        page = invoice_page(invoice)
        if invoice.customer is None:
            return redirect(page)
        return ask_to_pause_customer(request, self, invoice.customer, about=invoice, back=page)

    @page_about_one(
        description=gettext_lazy("Resume all of the customer's reminders"),
        url_path="resume-customer",
        icon="play_circle",
    )
    def resume_customer_page(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        page = invoice_page(invoice)
        if invoice.customer is None:
            return redirect(page)
        return ask_to_resume_customer(request, self, invoice.customer, about=invoice, back=page)

    @page_about_one(description=gettext_lazy("What happened"), url_path="log", icon="history", permission="audit")
    def log_page(self, _request: HttpRequest, invoice: Invoice) -> HttpResponse:
        return redirect(log_about(TargetKind.INVOICE, invoice.pk))


def pdf_answer(content: bytes, name: str, *, is_ours: bool) -> HttpResponse:
    """Shown by the browser if we drew it; one that was uploaded may hold anything, and is only saved."""
    shown = "inline" if is_ours else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{name}"', "Content-Security-Policy": DOCUMENT}
    return HttpResponse(content, content_type=CONTENT_TYPE, headers=headers)


def _tell_mails(request: HttpRequest, addresses: Sequence[str], *, reason: str = "") -> None:
    if addresses:
        messages.success(request, _("Email queued for %(addresses)s.") % {"addresses": ", ".join(addresses)})
    else:
        messages.warning(request, _("No email was queued. %(reason)s") % {"reason": reason})


def _what_is_issued(invoice: Invoice) -> list[str]:
    shown = {
        "customer": invoice.customer or "",
        "amount": amount(invoice.total_amount, invoice.currency),
        "due": day(invoice.due_date),
        "addresses": ", ".join(_addresses(invoice)),
    }
    return [
        _("Customer: %(customer)s") % shown,
        _("Total: %(amount)s") % shown,
        _("Due on: %(due)s") % shown if invoice.due_date else _("Due: after the usual time to pay"),
        _("The email would go to: %(addresses)s") % shown if shown["addresses"] else no_address(),
    ]


def _addresses(invoice: Invoice) -> list[str]:
    contacts = invoice.customer.contacts.all() if invoice.customer else ()
    return [contact.email for contact in contacts_for_invoices(contacts)]


def _possible(invoice: Invoice) -> set[str]:
    """The paths of what can be done about the invoice now. Taking payments back is offered beside each of them."""
    if invoice.number is None:
        return {"edit", "issue", "discard", "pdf"}
    if invoice.kind == Kind.CREDIT_NOTE:
        return {"pdf", "log"}
    paused, is_customer_paused = is_paused(invoice, now=now()), bool(pause_now(invoice.customer, now=now()))
    states = {
        "payment": True,
        "send": invoice.state != State.CANCELLED,
        "reminder": state_of(invoice, now=now()) == State.OVERDUE,
        "credit": not invoice.is_imported and invoice.credited_amount < invoice.total_amount,
        "pause": bool(invoice.balance_due) and not paused,
        "resume": paused,
        "pause-customer": bool(invoice.customer and invoice.balance_due) and not is_customer_paused,
        "resume-customer": is_customer_paused,
    }
    return {"pdf", "log", *(path for path, is_so in states.items() if is_so)}
