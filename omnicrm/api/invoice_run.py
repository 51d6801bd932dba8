"""Routes of invoice runs."""

# ruff: noqa: ARG001 - ninja hands every route its request
from datetime import date, datetime
from typing import Self

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import ConfigDict, Field

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.callers import Needs
from omnicrm.api.shapes import Body, Page, Paging, Resource, text_field
from omnicrm.invoices.money import rounded
from omnicrm.invoices.run_models import InvoiceRun, RowState, RunRow
from omnicrm.invoices.run_queries import RunProgress, find_runs, progress_of, progress_of_many, rows_of
from omnicrm.invoices.runs import cancel_run, start_run

router = Router(tags=["Invoice runs"])
READ = Needs(Permission.READ_INVOICES)
WRITE = Needs(Permission.WRITE_INVOICES)
_AMOUNTS = ("net_amount", "total_tax", "total_amount")
_COUNTS = ("customers", "waiting", "invoiced", "nothing", "failed", "cancelled")


class RunIn(Body):
    """A period to bill for all active services that have a recurring charge: one invoice per customer."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"start_date": "2026-11-01", "end_date": "2026-11-30", "due_date": "2026-12-24", "dry_run": True}
        }
    )

    start_date: date
    end_date: date = Field(description="Included; months are counted from the first day")
    due_date: date | None = Field(None, description="If left out, the configured number of days from the issue")
    dry_run: bool = Field(False, description="Whether only the totals are worked out")
    pro_rata: bool = Field(True, description="Incomplete months cost their share in days; else all of the month")
    send: bool = Field(True, description="Whether customers get their invoices by email")
    customer_ids: list[int] = Field([], max_length=100_000, description="If left out, all customers")
    tag: str = text_field(InvoiceRun, "tag", description="Only customers who have this tag now")


class RunOut(Resource):
    invoice_run_id: int
    state: str = Field(description="running, done or cancelled")
    start_date: date
    end_date: date
    due_date: date | None
    dry_run: bool
    pro_rata: bool
    send: bool
    tag: str
    customers: int = Field(description="How many there are in the run")
    waiting: int
    invoiced: int = Field(description="Of a dry run: how many would be")
    nothing: int = Field(description="For how many there was nothing to invoice")
    failed: int
    cancelled: int
    currency: str
    net_amount: str = Field(description="Of what is invoiced so far")
    total_tax: str
    total_amount: str
    created_at: datetime
    finished_at: datetime | None
    cancelled_at: datetime | None

    @classmethod
    def of(cls, run: InvoiceRun, progress: RunProgress) -> Self:
        amounts = {name: f"{rounded(getattr(progress, name), run.currency):f}" for name in _AMOUNTS}
        return cls(
            invoice_run_id=run.pk,
            state=run.state,
            start_date=run.start_date,
            end_date=run.end_date,
            due_date=run.due_date,
            dry_run=run.is_dry,
            pro_rata=run.is_prorated,
            send=run.sends,
            tag=run.tag,
            currency=run.currency,
            created_at=run.created_at,
            finished_at=run.finished_at,
            cancelled_at=run.cancelled_at,
            **{name: getattr(progress, name) for name in _COUNTS},
            **amounts,
        )


class RowOut(Resource):
    customer_id: int | None = Field(description="null once the customer was erased")
    customer_name: str
    state: str
    reason: str = Field(description="Why it failed, why there was nothing to invoice, or why there is no email")
    invoice_id: int | None
    invoice_number: str | None
    total_amount: str

    @classmethod
    def of(cls, row: RunRow, currency: str) -> Self:
        return cls(
            customer_id=row.customer_id,
            customer_name=str(row.customer or ""),
            state=row.state,
            reason=row.told_reason,
            invoice_id=row.invoice_id,
            invoice_number=row.invoice.number if row.invoice else None,
            total_amount=f"{rounded(row.total_amount, currency):f}",
        )


class RowQuery(Paging):
    state: RowState | None = None


@router.post("/invoice_run", auth=WRITE, response={201: RunOut})
def add_invoice_run(request: HttpRequest, body: RunIn) -> RunOut:
    """Starts a run, which workers carry out; ask for it again to see how far it is.

    No day of a charge is billed twice: a second run over the same period bills only what is new. A dry run comes to
    the same totals and issues nothing.
    """
    run = start_run(
        start_date=body.start_date,
        end_date=body.end_date,
        due_date=body.due_date,
        is_dry=body.dry_run,
        is_prorated=body.pro_rata,
        sends=body.send,
        customer_ids=body.customer_ids,
        tag=body.tag,
        by=actor_of(request),
        now=timezone.now(),
    )
    return RunOut.of(run, progress_of(run.pk))


@router.get("/invoice_run", auth=READ, response=Page[RunOut])
def list_invoice_runs(request: HttpRequest, query: Query[Paging]) -> Page[RunOut]:
    """Lists runs, newest first."""
    found = find_runs()
    shown = list(found[query.offset : query.offset + query.limit])
    progress = progress_of_many([run.pk for run in shown])
    return Page[RunOut](count=found.count(), items=[RunOut.of(run, progress[run.pk]) for run in shown])


@router.get("/invoice_run/{int:invoice_run_id}", auth=READ, response=RunOut)
def get_invoice_run(request: HttpRequest, invoice_run_id: int) -> RunOut:
    """How far a run is, and what it comes to."""
    run = InvoiceRun.objects.get(pk=invoice_run_id)
    return RunOut.of(run, progress_of(run.pk))


@router.get("/invoice_run/{int:invoice_run_id}/customer", auth=READ, response=Page[RowOut])
def list_invoice_run_customers(request: HttpRequest, invoice_run_id: int, query: Query[RowQuery]) -> Page[RowOut]:
    """What became of each customer; `state=failed` lists those who need help, with the reason."""
    run = InvoiceRun.objects.get(pk=invoice_run_id)
    found = rows_of(run.pk, state=query.state)
    shown = found[query.offset : query.offset + query.limit]
    return Page[RowOut](count=found.count(), items=[RowOut.of(row, run.currency) for row in shown])


@router.post("/invoice_run/{int:invoice_run_id}/cancel", auth=WRITE, response=RunOut)
def cancel_invoice_run(request: HttpRequest, invoice_run_id: int) -> RunOut:
    """Stops a run. Invoices that are issued stay so. 409 if it is over."""
    run = cancel_run(run_id=invoice_run_id, by=actor_of(request), now=timezone.now())
    return RunOut.of(run, progress_of(run.pk))
