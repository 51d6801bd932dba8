"""Issuing: the number, the PDF and the email, all of them or nothing.

An invoice is drawn while its number's counter is locked, because the number stands on it: that costs 4 ms, and makes
a number without an invoice impossible.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Unpack

import orjson
from django.db import connection, transaction
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.config import current_config
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.invoices.composing import client_column, client_details, compose
from omnicrm.invoices.days import local_day
from omnicrm.invoices.document import InvoiceDocument
from omnicrm.invoices.drafts import create_draft, due_date_errors, locked_draft
from omnicrm.invoices.fields import InvoiceFields
from omnicrm.invoices.links import pay_url
from omnicrm.invoices.mailing import contacts_for_invoices, issued_mails, no_address
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.numbering import take_numbers
from omnicrm.invoices.pdf_files import Keep, keeping
from omnicrm.invoices.recording import target
from omnicrm.invoices.rendering import render_many
from omnicrm.invoices.states import Kind
from omnicrm.invoices.template_files import RenderError
from omnicrm.outbox.operations import Outgoing, enqueue_many
from omnicrm.outbox.states import Lane


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """`mails` are the emails that were queued; `no_email` says why there are none."""

    invoice: Invoice
    mails: Sequence[Outgoing]
    no_email: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class IssuedMany:
    """The invoices in the order of their numbers, and by the ids of the drafts that stay drafts what is wrong."""

    issued: Sequence[Invoice]
    mails: Sequence[Outgoing]
    refused: Mapping[int, FieldError]


class _NotAllDrawn(Exception):
    def __init__(self, failures: Mapping[int, FieldError]) -> None:
        super().__init__()
        self.failures = failures


@transaction.atomic
def create_invoice(
    *, customer_id: int, send: bool = True, by: Actor, now: datetime, **fields: Unpack[InvoiceFields]
) -> Issued:
    """Creates an invoice and issues it at once."""
    draft = create_draft(customer_id=customer_id, now=now, **fields)
    return issue_invoice(invoice_id=draft.pk, send=send, by=by, now=now)


@transaction.atomic
def issue_invoice(*, invoice_id: int, send: bool = True, by: Actor, now: datetime) -> Issued:
    """Gives a draft its number and its PDF, and queues its email.

    Raises WrongState for what is issued, and InvalidInput for a draft that cannot be, also if the template is at fault.
    """
    locked_draft(invoice_id)
    outcome = issue_many(invoice_ids=[invoice_id], send=send, now=now)
    if outcome.refused:
        raise InvalidInput(*outcome.refused.values())
    (invoice,) = Invoice.objects.filter(pk=invoice_id)
    record(action=Action.INVOICE_ISSUED, by=by, target=target(invoice), now=now)
    return Issued(invoice=invoice, mails=outcome.mails, no_email=_why_none(outcome.mails, send=send))


@transaction.atomic
def issue_many(
    *, invoice_ids: Collection[int], send: bool = True, lane: Lane | None = None, now: datetime
) -> IssuedMany:
    """Issues drafts in one transaction; some hundred at a time, so that others wait for numbers but a moment.

    A draft that cannot be issued stays one and holds nobody up. What is issued already is passed over.
    """
    drafts = _locked_drafts(invoice_ids)
    refused = {draft.pk: error for draft in drafts if (error := _obstacle(draft, today=local_day(now)))}
    while ready := [draft for draft in drafts if draft.pk not in refused]:
        try:
            _issue_all(ready, now=now)
            break
        except _NotAllDrawn as error:
            refused |= error.failures
    mails = [mail for draft in ready if send for mail in _mails(draft, lane=lane, now=now)]
    enqueue_many(mails, now=now)
    return IssuedMany(issued=ready, mails=mails, refused=refused)


def _locked_drafts(invoice_ids: Collection[int]) -> list[Invoice]:
    return list(
        Invoice.objects.select_for_update(of=("self",))
        .filter(pk__in=invoice_ids, number=None)
        .select_related("customer", "credited_invoice")
        .prefetch_related("lines", "taxes", "customer__contacts", "customer__sites")
        .order_by("kind", "pk")
    )


def _obstacle(draft: Invoice, *, today: date) -> FieldError | None:
    if not draft.lines.all():
        return FieldError(field="lines", message=_("Add at least one line."))
    return next(due_date_errors(draft.due_date, today=today), None)


def _issue_all(drafts: Sequence[Invoice], *, now: datetime) -> None:
    """Issues all of them, or raises _NotAllDrawn and has done nothing: numbers would have gaps."""
    with transaction.atomic(), keeping() as keep:
        for kind, same in groupby(drafts, key=lambda draft: Kind(draft.kind)):
            _complete(list(same), kind=kind, now=now)
        if failures := _draw(drafts, keep=keep, now=now):
            raise _NotAllDrawn(failures)
        _write(drafts)


def _complete(drafts: Sequence[Invoice], *, kind: Kind, now: datetime) -> None:
    """Sets what is known only at the issue: number, dates, customer."""
    today = local_day(now)
    payment_days = timedelta(days=current_config().invoice.payment_days)
    for draft, number in zip(drafts, take_numbers(len(drafts), kind=kind, year=today.year), strict=True):
        draft.number, draft.series = number.text, number.series
        draft.year, draft.sequence = number.year, number.sequence
        draft.issue_date, draft.issued_at, draft.updated_at = today, now, now
        if kind == Kind.INVOICE:
            draft.due_date = draft.due_date or today + payment_days
        if customer := draft.customer:
            contact = next(iter(contacts_for_invoices(customer.contacts.all())), None)
            draft.language = customer.language
            draft.client = client_column(client_details(customer, sites=list(customer.sites.all()), contact=contact))


def _draw(drafts: Sequence[Invoice], *, keep: Keep, now: datetime) -> dict[int, FieldError]:
    failures = {}
    for draft, drawn in zip(drafts, render_many(_documents(drafts, now=now)), strict=True):
        if isinstance(drawn, RenderError):
            failures[draft.pk] = FieldError(field="template", message=str(drawn))
        else:
            keep(draft, drawn)
    return failures


def _documents(drafts: Iterable[Invoice], *, now: datetime) -> Iterable[InvoiceDocument]:
    today = local_day(now)
    for draft in drafts:
        link = pay_url(draft.pk, now=now) if draft.kind == Kind.INVOICE else None
        yield compose(draft, lines=draft.lines.all(), taxes=draft.taxes.all(), today=today, pay_url=link or "")


def _write(drafts: Sequence[Invoice]) -> None:
    columns = [[getattr(draft, name) for draft in drafts] for name in _WRITTEN]
    clients = [orjson.dumps(draft.client).decode() for draft in drafts]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [[draft.pk for draft in drafts], clients, *columns])


def _mails(invoice: Invoice, *, lane: Lane | None, now: datetime) -> list[Outgoing]:
    contacts = invoice.customer.contacts.all() if invoice.customer else ()
    return issued_mails(invoice, contacts, lane=lane, now=now)


def _why_none(mails: Sequence[Outgoing], *, send: bool) -> str:
    if mails:
        return ""
    return no_address() if send else _("No email was wanted.")


_WRITTEN = (
    "number", "series", "year", "sequence", "issue_date", "issued_at", "due_date", "language",
    "pdf_path", "pdf_sha256", "pdf_size",
)  # fmt: skip
_WRITE = """
UPDATE invoices_invoice AS invoice
SET client = issued.client, number = issued.number, series = issued.series, year = issued.year,
    sequence = issued.sequence, issue_date = issued.issue_date, issued_at = issued.issued_at,
    updated_at = issued.issued_at, due_date = issued.due_date, language = issued.language,
    pdf_path = issued.pdf_path, pdf_sha256 = issued.pdf_sha256, pdf_size = issued.pdf_size
FROM unnest(
    %s::bigint[], %s::jsonb[], %s::text[], %s::text[], %s::smallint[], %s::int[], %s::date[], %s::timestamptz[],
    %s::date[], %s::text[], %s::text[], %s::text[], %s::int[]
) AS issued (
    id, client, number, series, year, sequence, issue_date, issued_at, due_date, language,
    pdf_path, pdf_sha256, pdf_size
)
WHERE invoice.id = issued.id
"""
