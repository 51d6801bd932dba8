"""Routes of invoices and credit notes."""

# ruff: noqa: ARG001 - ninja hands every route its request
from http import HTTPStatus

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs, caller_of, visible
from omnicrm.api.invoice_resources import EmailsQueued, InvoiceCreated, InvoiceOut, InvoiceSummary, QueuedEmail
from omnicrm.api.invoice_schemas import InvoiceIn, InvoicePatch, InvoiceQuery, IssueIn, PauseIn
from omnicrm.api.invoice_timeline import InvoiceTimeline
from omnicrm.api.problems import Problem
from omnicrm.api.shapes import Page
from omnicrm.invoices.drafts import create_draft, discard_draft, update_draft
from omnicrm.invoices.errors import PdfUnusable
from omnicrm.invoices.issuing import Issued, create_invoice, issue_invoice
from omnicrm.invoices.mailing import send_again
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.pausing import pause_reminders, resume_reminders
from omnicrm.invoices.pdf_files import CONTENT_TYPE, filename, read_pdf
from omnicrm.invoices.previewing import preview_pdf
from omnicrm.invoices.queries import find_invoices, invoices_in_full, too_large_to_mail

router = Router(tags=["Invoices"])
READ = Needs(Permission.READ_INVOICES)
READ_OWN = Needs(Permission.READ_INVOICES, or_own=True)
WRITE = Needs(Permission.WRITE_INVOICES)


@router.post("/invoice", auth=WRITE, response={201: InvoiceCreated})
def add_invoice(request: HttpRequest, body: InvoiceIn) -> InvoiceCreated:
    """Creates an invoice, issues it, and queues its email with the PDF; with `draft` it only creates a draft.

    It goes to the billing contacts, else to the primary one, else to the first with an address. An invoice and its
    email are there both or neither.
    """
    now, fields = timezone.now(), body.given()
    send, is_draft = fields.pop("send", True), fields.pop("draft", False)
    if is_draft:
        draft = create_draft(now=now, **fields)
        issued = Issued(invoice=draft, mails=(), no_email=_("It is a draft."))
    else:
        issued = create_invoice(send=send, by=actor_of(request), now=now, **fields)
    return InvoiceCreated.of_issued(issued, now=now)


@router.get("/invoice", auth=READ_OWN, response=Page[InvoiceSummary])
def list_invoices(request: HttpRequest, query: Query[InvoiceQuery]) -> Page[InvoiceSummary]:
    """Lists invoices and credit notes, newest first, without their lines."""
    now = timezone.now()
    found = find_invoices(
        customer_id=query.customer_id,
        kind=query.kind,
        state=query.state,
        number=query.number,
        due_from=query.due_from,
        due_to=query.due_to,
        issued_from=query.issued_from,
        issued_to=query.issued_to,
        now=now,
    )
    if query.is_too_large_to_mail:
        found = found.filter(too_large_to_mail())
    found = _visible(found, request)
    shown = found.select_related("customer")[query.offset : query.offset + query.limit]
    return Page[InvoiceSummary](count=found.count(), items=[InvoiceSummary.of(invoice, now=now) for invoice in shown])


@router.get("/invoice/{int:invoice_id}", auth=READ_OWN, response=InvoiceOut)
def get_invoice(request: HttpRequest, invoice_id: int) -> InvoiceOut:
    return InvoiceOut.of(_visible(invoices_in_full(), request).get(pk=invoice_id), now=timezone.now())


@router.get("/invoice/{int:invoice_id}/timeline", auth=READ, response=InvoiceTimeline)
def get_invoice_timeline(request: HttpRequest, invoice_id: int) -> InvoiceTimeline:
    """What happened to it and to its emails: issued, accepted by Mailjet, delivered, opened, reminded, paid."""
    return InvoiceTimeline.of(invoices_in_full().get(pk=invoice_id))


@router.patch("/invoice/{int:invoice_id}", auth=WRITE, response=InvoiceOut)
def update_invoice(request: HttpRequest, invoice_id: int, body: InvoicePatch) -> InvoiceOut:
    """Changes what is given of a draft. 409 for an issued invoice, which stays as it is."""
    update_draft(invoice_id=invoice_id, now=timezone.now(), **body.given())
    return _shown(invoice_id)


@router.delete("/invoice/{int:invoice_id}", auth=WRITE, response={204: None})
def discard_invoice(request: HttpRequest, invoice_id: int) -> None:
    """Deletes a draft. 409 for an issued invoice: credit it."""
    discard_draft(invoice_id=invoice_id)


@router.post("/invoice/{int:invoice_id}/issue", auth=WRITE, response={200: InvoiceCreated})
def issue_draft(request: HttpRequest, invoice_id: int, body: IssueIn | None = None) -> InvoiceCreated:
    """Issues a draft: it gets its number, its PDF and its email."""
    now = timezone.now()
    send = body.send if body else True
    return InvoiceCreated.of_issued(
        issue_invoice(invoice_id=invoice_id, send=send, by=actor_of(request), now=now), now=now
    )


@router.post("/invoice/{int:invoice_id}/email", auth=WRITE, response={201: EmailsQueued})
def send_invoice_again(request: HttpRequest, invoice_id: int) -> EmailsQueued:
    """Queues one more email with the invoice. 409 if nobody has an address, or if it is cancelled."""
    messages = send_again(invoice_id=invoice_id, by=actor_of(request), now=timezone.now())
    return EmailsQueued(invoice_id=invoice_id, emails=QueuedEmail.all_of(messages))


@router.post("/invoice/{int:invoice_id}/pause", auth=WRITE, response=InvoiceOut)
def pause_invoice(request: HttpRequest, invoice_id: int, body: PauseIn) -> InvoiceOut:
    """Holds reminders of it back: it is disputed, or promised to be paid."""
    pause_reminders(
        invoice_id=invoice_id,
        reason=body.reason,
        until=body.until,
        note=body.note or "",
        by=actor_of(request),
        now=timezone.now(),
    )
    return _shown(invoice_id)


@router.post("/invoice/{int:invoice_id}/resume", auth=WRITE, response=InvoiceOut)
def resume_invoice(request: HttpRequest, invoice_id: int) -> InvoiceOut:
    """Ends a pause."""
    resume_reminders(invoice_id=invoice_id, by=actor_of(request), now=timezone.now())
    return _shown(invoice_id)


@router.get(
    "/invoice/{int:invoice_id}/pdf", auth=READ_OWN, openapi_extra={"responses": {200: {"content": {CONTENT_TYPE: {}}}}}
)
def get_pdf(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """The PDF as it was issued; of a draft, as it would be."""
    invoice = _visible(Invoice.objects.all(), request).get(pk=invoice_id)
    try:
        content = read_pdf(invoice) if invoice.number else preview_pdf(invoice_id=invoice_id, now=timezone.now())
    except PdfUnusable as error:
        raise Problem(HTTPStatus.INTERNAL_SERVER_ERROR, str(error)) from error
    return HttpResponse(
        content,
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{filename(invoice)}"'},
    )


def _visible(invoices: QuerySet[Invoice], request: HttpRequest) -> QuerySet[Invoice]:
    """To a customer, their own, and no drafts."""
    own = visible(invoices, request)
    return own if caller_of(request).customer_id is None else own.exclude(number=None)


def _shown(invoice_id: int) -> InvoiceOut:
    return InvoiceOut.of(invoices_in_full().get(pk=invoice_id), now=timezone.now())
