"""`omnicrm invoices run`: starts a run or takes one up again, works on it beside the workers, shows how far it is."""

import sys
import time
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from typing import Any

import orjson
from django.core.management.base import CommandError, CommandParser, OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from omnicrm.audit.operations import SYSTEM
from omnicrm.customers.errors import InvalidInput
from omnicrm.invoices.run_models import InvoiceRun, RowState, RunState
from omnicrm.invoices.run_queries import RunProgress, progress_of, rows_of
from omnicrm.invoices.run_work import work_on
from omnicrm.invoices.runs import finish, start_run
from omnicrm.ops.startup import require_migrated

_SHOWN_FAILURES = 20
_WAIT_SECONDS = 0.5


def add_run_arguments(parser: CommandParser) -> None:
    parser.add_argument("--start", type=day, metavar="DATE", help="first day of the period, such as 2026-11-01")
    parser.add_argument("--end", type=day, metavar="DATE", help="last day of the period")
    parser.add_argument("--due", type=day, metavar="DATE", help="default: invoice.payment_days from today")
    parser.add_argument("--customer", type=int, action="append", default=[], metavar="ID", help="only this; repeatable")
    parser.add_argument("--tag", default="", help="only customers who have this tag")
    parser.add_argument("--dry-run", action="store_true", help="add up what it comes to and issue nothing")
    parser.add_argument("--whole-months", action="store_true", help="a month that is begun costs all of it")
    parser.add_argument("--no-email", action="store_true", help="issue invoices without mailing them")
    parser.add_argument("--resume", type=int, metavar="RUN", help="go on with a run that was begun")
    parser.add_argument("--json", action="store_true", help="for a script")


def run_invoices(options: dict[str, Any], *, out: OutputWrapper) -> None:
    """Exit status 1 if an invoice has failed, or the run was cancelled."""
    require_migrated()
    run = _run(options)
    _work(run)
    run.refresh_from_db()
    progress = progress_of(run.pk)
    failures = [
        {"customer_id": row.customer_id, "reason": row.reason} for row in rows_of(run.pk, state=RowState.FAILED)
    ]
    if options["json"]:
        out.write(orjson.dumps(_facts(run, progress, failures), option=orjson.OPT_INDENT_2).decode())
    else:
        _tell(run, progress, failures, out=out)
    if failures:
        raise CommandError(f"{len(failures)} of {progress.customers} customers could not be invoiced")
    if run.state == RunState.CANCELLED:
        raise CommandError(f"run {run.pk} was cancelled")


def _run(options: dict[str, Any]) -> InvoiceRun:
    if options["resume"] is not None:
        run = InvoiceRun.objects.filter(pk=options["resume"]).first()
        if run is None:
            raise CommandError(f"there is no run {options['resume']}")
        return run
    if options["start"] is None or options["end"] is None:
        raise CommandError("name the period with --start and --end, or a run to go on with by --resume")
    try:
        return start_run(
            start_date=options["start"],
            end_date=options["end"],
            due_date=options["due"],
            is_dry=options["dry_run"],
            is_prorated=not options["whole_months"],
            sends=not options["no_email"],
            customer_ids=options["customer"],
            tag=options["tag"],
            by=SYSTEM,
            now=datetime.now(UTC),
        )
    except InvalidInput as error:
        raise CommandError(str(error)) from None


def _work(run: InvoiceRun) -> None:
    columns = TextColumn("run {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(str(run.pk), total=None)
        while not finish(run_id=run.pk, now=datetime.now(UTC)):
            progress = progress_of(run.pk)
            bar.update(task, total=progress.customers, completed=progress.done)
            if not work_on(run_id=run.pk, now=datetime.now(UTC)):
                time.sleep(_WAIT_SECONDS)  # workers hold the rest


def _facts(run: InvoiceRun, progress: RunProgress, failures: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "invoice_run_id": run.pk,
        "state": run.state,
        "dry_run": run.is_dry,
        "customers": progress.customers,
        "invoiced": progress.invoiced,
        "nothing": progress.nothing,
        "failed": progress.failed,
        "cancelled": progress.cancelled,
        "currency": run.currency,
        "net_amount": f"{progress.net_amount:f}",
        "total_tax": f"{progress.total_tax:f}",
        "total_amount": f"{progress.total_amount:f}",
        "failures": failures,
    }


def _tell(run: InvoiceRun, progress: RunProgress, failures: list[dict[str, Any]], *, out: OutputWrapper) -> None:
    verb = "would be issued" if run.is_dry else "issued"
    out.write(
        f"run {run.pk}: {progress.invoiced} invoices {verb} for {progress.total_amount:.2f} {run.currency} "
        f"({progress.net_amount:.2f} without tax); nothing to invoice for {progress.nothing}, {progress.failed} failed"
    )
    for failure in failures[:_SHOWN_FAILURES]:
        out.write(f"customer {failure['customer_id']}: {failure['reason']}")
    if len(failures) > _SHOWN_FAILURES:
        out.write(f"and {len(failures) - _SHOWN_FAILURES} more; --json lists them all")


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a day; write one such as 2026-11-30") from None
