"""The work of a run: some customers at a time, each of whom is invoiced, has nothing to pay, or has failed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import structlog
from django.db import OperationalError, transaction
from django.utils.translation import gettext_noop, override

from omnicrm.customers.copying import copy_in
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.invoices.drafts import PreparedDraft, prepare_draft, save_drafts
from omnicrm.invoices.fields import InvoiceFields
from omnicrm.invoices.issuing import issue_many
from omnicrm.invoices.mailing import contacts_for_invoices, no_address
from omnicrm.invoices.models import Invoice
from omnicrm.invoices.run_billing import Billing, billings
from omnicrm.invoices.run_models import BilledDays, InvoiceRun, RowState, RunRow
from omnicrm.invoices.sentences import as_data
from omnicrm.outbox.states import Lane

CHUNK: Final = 200
"""Customers per transaction: others wait for numbers while it draws, a second or less."""
ERASED: Final = gettext_noop("The customer was erased.")
_MAX_REASON: Final = 1000
_OUTCOME: Final = ("state", "reason", "reasons", "invoice", "net_amount", "total_tax", "total_amount")

log = structlog.get_logger()


@transaction.atomic
def work_on(*, run_id: int, limit: int = CHUNK, now: datetime) -> int:
    """Bills some customers of a run, those whom nobody else has in work, and returns how many they were.

    If something nobody expected befalls one of them, all are done again one by one, and that one alone fails.
    """
    run = InvoiceRun.objects.get(pk=run_id)
    if run.cancelled_at:
        return 0
    rows = list(run.rows.select_for_update(skip_locked=True).filter(state=RowState.WAITING).order_by("id")[:limit])
    with override("en"):
        try:
            _bill(run, rows, now=now)
        except OperationalError:
            raise
        except Exception as error:
            log.warning("run_chunk_failed", run=run_id, rows=len(rows), exc_info=error)
            for row in rows:
                _bill_alone(run, row, now=now)
    return len(rows)


def _bill_alone(run: InvoiceRun, row: RunRow, *, now: datetime) -> None:
    fresh = RunRow.objects.get(pk=row.pk)
    try:
        _bill(run, [fresh], now=now)
    except OperationalError:
        raise
    except Exception as error:
        log.exception("run_row_failed", run=run.pk, customer=row.customer_id)
        RunRow.objects.filter(pk=row.pk).update(
            state=RowState.FAILED, reason=f"{type(error).__name__}: {error}"[:_MAX_REASON]
        )


@transaction.atomic
def _bill(run: InvoiceRun, rows: Sequence[RunRow], *, now: datetime) -> None:
    customers = _customers(rows)
    billed = billings(run, list(customers.values()))
    prepared: dict[int, PreparedDraft] = {}
    for row in rows:
        if customer := customers.get(row.customer_id or 0):
            if draft := _prepared(run, row, customer, billed[customer.pk], now=now):
                prepared[customer.pk] = draft
        else:
            row.state = RowState.NOTHING
            _say(row, ERASED)
    if not run.is_dry:
        _issue(run, {row.customer_id or 0: row for row in rows}, prepared, billed, now=now)
    RunRow.objects.bulk_update(rows, _OUTCOME)


def _customers(rows: Sequence[RunRow]) -> dict[int, Customer]:
    """Locked in the order of their ids, so that two runs neither bill the same days nor wait for each other."""
    customers = Customer.objects.select_for_update(no_key=True).filter(pk__in=[row.customer_id for row in rows])
    return {customer.pk: customer for customer in customers.order_by("pk").prefetch_related("contacts")}


def _prepared(
    run: InvoiceRun, row: RunRow, customer: Customer, billing: Billing, *, now: datetime
) -> PreparedDraft | None:
    """The invoice to be, whose amounts are noted in the row; None if there is none, for the reason noted there."""
    if not billing.lines:
        row.state = RowState.NOTHING
        _say(row, billing.reason)
        return None
    fields = InvoiceFields(
        currency=run.currency,
        start_date=run.start_date,
        end_date=run.end_date,
        due_date=run.due_date,
        lines=billing.lines,
    )
    try:
        prepared = prepare_draft(customer=customer, fields=fields, now=now)
    except InvalidInput as error:
        _fail(row, *(each.message for each in error.errors))
        return None
    row.state = RowState.INVOICED
    invoice = prepared.invoice
    row.net_amount, row.total_tax, row.total_amount = invoice.net_amount, invoice.total_tax, invoice.total_amount
    if run.sends and not contacts_for_invoices(customer.contacts.all()):
        _say(row, no_address())
    return prepared


def _issue(
    run: InvoiceRun,
    rows: Mapping[int, RunRow],
    prepared: Mapping[int, PreparedDraft],
    billed: Mapping[int, Billing],
    *,
    now: datetime,
) -> None:
    save_drafts(list(prepared.values()))
    outcome = issue_many(
        invoice_ids=[draft.invoice.pk for draft in prepared.values()], send=run.sends, lane=Lane.BULK, now=now
    )
    Invoice.objects.filter(pk__in=outcome.refused).delete()
    days: list[BilledDays] = []
    for customer_id, draft in prepared.items():
        invoice_id = draft.invoice.pk
        if error := outcome.refused.get(invoice_id):
            _fail(rows[customer_id], error.message)
            continue
        rows[customer_id].invoice_id = invoice_id
        days += (
            BilledDays(charge=charge, invoice_id=invoice_id, start_date=part.start, end_date=part.end)
            for charge, part in billed[customer_id].days
        )
    copy_in(days)


def _say(row: RunRow, *reasons: str) -> None:
    """Notes why, in English and as data. Names of fields are left out: they are nobody's here."""
    row.reason, row.reasons = " ".join(reasons)[:_MAX_REASON], as_data(reasons)


def _fail(row: RunRow, *reasons: str) -> None:
    row.state = RowState.FAILED
    _say(row, *reasons)
    row.net_amount = row.total_tax = row.total_amount = Decimal()
