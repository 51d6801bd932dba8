"""Reads of invoice runs."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from omnicrm.invoices.run_models import InvoiceRun, RowState, RunRow


@dataclass(frozen=True, kw_only=True, slots=True)
class RunProgress:
    """How many customers of a run are where, and what was invoiced; of a dry run, what would be."""

    customers: int = 0
    waiting: int = 0
    invoiced: int = 0
    nothing: int = 0
    failed: int = 0
    cancelled: int = 0
    net_amount: Decimal = Decimal()
    total_tax: Decimal = Decimal()
    total_amount: Decimal = Decimal()

    @property
    def done(self) -> int:
        return self.customers - self.waiting


_FIELDS = tuple(field.name for field in fields(RunProgress))


def progress_of(run_id: int) -> RunProgress:
    return progress_of_many([run_id])[run_id]


def progress_of_many(run_ids: Iterable[int]) -> dict[int, RunProgress]:
    """By the run's id, in one query."""
    counts = {state.value: Count("pk", filter=Q(state=state)) for state in RowState}
    amounts = {name: Sum(name, default=Decimal()) for name in ("net_amount", "total_tax", "total_amount")}
    ids = list(run_ids)
    rows = RunRow.objects.filter(run__in=ids).order_by().values("run_id")
    counted = rows.annotate(customers=Count("pk"), **counts, **amounts).values("run_id", *_FIELDS)
    found = {row["run_id"]: RunProgress(**{name: row[name] for name in _FIELDS}) for row in counted}
    return {run_id: found.get(run_id, RunProgress()) for run_id in ids}


def find_runs() -> QuerySet[InvoiceRun]:
    """Newest first."""
    return InvoiceRun.objects.order_by("-id")


def rows_of(run_id: int, *, state: str | None = None) -> QuerySet[RunRow]:
    """A run's customers with what became of them, in the order of their ids."""
    rows = RunRow.objects.filter(run=run_id).select_related("customer", "invoice")
    return rows.filter(state=state) if state else rows
