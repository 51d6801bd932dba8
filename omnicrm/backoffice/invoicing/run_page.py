"""What the page about an invoice run tells: how far it is, what it comes to, and what became of each customer."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.paginator import Paginator
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnicrm.backoffice.invoicing.wording import amount, day
from omnicrm.backoffice.wording import badge, clock, moment
from omnicrm.invoices.run_models import InvoiceRun, RowState, RunRow, RunState
from omnicrm.invoices.run_queries import RunProgress, progress_of, rows_of

PAGE_SIZE: Final = 50
_STATE_COLOURS: Final = {RunState.RUNNING: "info", RunState.DONE: "success", RunState.CANCELLED: ""}
_ROW_COLOURS: Final = {
    RowState.WAITING: "info",
    RowState.INVOICED: "success",
    RowState.NOTHING: "",
    RowState.FAILED: "danger",
    RowState.CANCELLED: "",
}


def state_badge(run: InvoiceRun) -> SafeString:
    return badge(str(run.state.label), _STATE_COLOURS[run.state])


def told(run: InvoiceRun, asked: Mapping[str, str]) -> dict[str, Any]:
    """What the templates show. `asked`: `show` is a state of customers, `p` a page of them."""
    progress = progress_of(run.pk)
    shown = _shown_state(asked.get("show", ""), progress)
    page = Paginator(rows_of(run.pk, state=shown or None), PAGE_SIZE).get_page(asked.get("p"))
    return {
        "run": run,
        "badge": state_badge(run),
        "is_running": run.state == RunState.RUNNING,
        "facts": _facts(run),
        "progress": progress,
        "sums": _sums(run, progress),
        "tabs": _tabs(progress, shown),
        "shown": shown,
        "page": page,
        "rows": [_row(row, run) for row in page],
        "at": clock(now()),
    }


def chosen_customers(count: int) -> str:
    return ngettext("%(count)d that was chosen", "%(count)d that were chosen", count) % {"count": count}


def _shown_state(wanted: str, progress: RunProgress) -> str:
    """As asked; else who failed, if anybody did; else all."""
    if wanted in RowState.values:
        return wanted
    return RowState.FAILED.value if progress.failed and wanted != "all" else ""


def _facts(run: InvoiceRun) -> list[tuple[str, Any]]:
    shown: list[tuple[str, Any]] = [
        (_("Kind"), _("dry run: nothing is issued") if run.is_dry else _("invoices are issued")),
        (_("Incomplete months"), _("charged by days") if run.is_prorated else _("charged in full")),
        (_("Due date"), day(run.due_date) if run.due_date else _("after the usual time to pay")),
        (_("Emails"), _("each customer gets its invoice") if run.sends else _("none are sent")),
        (_("Customers"), run.customer_ids and chosen_customers(len(run.customer_ids))),
        (_("Tag"), run.tag),
        (_("Started"), moment(run.created_at)),
        (_("Cancelled"), run.cancelled_at and moment(run.cancelled_at)),
        (_("Finished"), run.finished_at and moment(run.finished_at)),
    ]
    return [(label, value) for label, value in shown if value]


def _sums(run: InvoiceRun, progress: RunProgress) -> list[tuple[str, str]]:
    return [
        (_("Without tax"), amount(progress.net_amount, run.currency)),
        (_("Tax"), amount(progress.total_tax, run.currency)),
        (_("Total"), amount(progress.total_amount, run.currency)),
    ]


def _tabs(progress: RunProgress, shown: str) -> list[dict[str, Any]]:
    """Which customers can be looked at; states that nobody is in are left out."""
    counts = {state.value: getattr(progress, state.value) for state in RowState}
    tabs = [{"name": "all", "label": _("all"), "count": progress.customers, "is_shown": not shown}]
    tabs += [
        {"name": state.value, "label": state.label, "count": counts[state.value], "is_shown": state.value == shown}
        for state in RowState
        if counts[state.value]
    ]
    return tabs


def _row(row: RunRow, run: InvoiceRun) -> dict[str, Any]:
    state = RowState(row.state)
    return {
        "customer": row.customer,
        "invoice": row.invoice,
        "badge": badge(str(state.label), _ROW_COLOURS[state]),
        "reason": row.told_reason,
        "total": amount(row.total_amount, run.currency) if row.total_amount else "",
    }
