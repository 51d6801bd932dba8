"""Invoice runs: one invoice per customer for what services cost in a period.

A run is a row per customer. Workers take some rows at a time, those nobody else holds, and issue their invoices, queue
their emails and note the outcome in one transaction. Whoever dies leaves rows that wait for the next: nothing is done
by halves, and nothing twice, as no day of a charge can be billed twice (see BilledDays).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action
from omnicrm.audit.operations import Actor, record
from omnicrm.config import current_config
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.models import Customer
from omnicrm.customers.operations import locked
from omnicrm.customers.rules import Rules, clean
from omnicrm.invoices import rules
from omnicrm.invoices.days import local_day
from omnicrm.invoices.drafts import due_date_errors
from omnicrm.invoices.errors import WrongState
from omnicrm.invoices.recording import run_target
from omnicrm.invoices.rendering import check_template
from omnicrm.invoices.run_models import InvoiceRun, RowState, RunRow
from omnicrm.invoices.run_periods import Days, months_of
from omnicrm.invoices.run_tasks import start_working
from omnicrm.invoices.template_files import InvalidTemplate

MAX_DAYS: Final = 366
"""Of a period."""
_RULES: Final[Rules] = {"start_date": rules.required_day, "end_date": rules.required_day, "due_date": rules.day}


@transaction.atomic
def start_run(
    *,
    start_date: date,
    end_date: date,
    due_date: date | None = None,
    is_dry: bool = False,
    is_prorated: bool = True,
    sends: bool = True,
    customer_ids: Sequence[int] = (),
    tag: str = "",
    by: Actor,
    now: datetime,
) -> InvoiceRun:
    """Notes whom to bill, and lets workers begin once this is committed: all customers, or those of `customer_ids`, or
    those who have the `tag` now.

    `is_prorated`: incomplete months cost their share in days; without it the period has to be whole months.
    """
    values = clean(_RULES, {"start_date": start_date, "end_date": end_date, "due_date": due_date})
    errors = list(_contradictions(values, is_prorated=is_prorated, now=now)) or list(_unknown(customer_ids, tag))
    if errors:
        raise InvalidInput(*errors)
    _require_template()
    run = InvoiceRun.objects.create(
        **values,
        is_dry=is_dry,
        is_prorated=is_prorated,
        sends=sends,
        customer_ids=sorted(set(customer_ids)),
        tag=tag,
        currency=current_config().invoice.currency,
        created_at=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, _asked(run))
    if not finish(run_id=run.pk, now=now):
        start_working(run.pk)
    detail = {"is_dry": is_dry, **({"tag": tag} if tag else {})}
    record(action=Action.RUN_STARTED, by=by, target=run_target(run), detail=detail, now=now)
    run.refresh_from_db()
    return run


@transaction.atomic
def cancel_run(*, run_id: int, by: Actor, now: datetime) -> InvoiceRun:
    """Stops a run: what is issued stays issued, and who waits is not invoiced. Raises WrongState for one that is over.

    Rows that a worker holds at this moment are finished by it.
    """
    run = locked(InvoiceRun.objects, run_id)
    if run.finished_at or run.cancelled_at:
        raise WrongState(_("The run is over."))
    run.cancelled_at = now
    run.save(update_fields=["cancelled_at"])
    waiting = run.rows.filter(state=RowState.WAITING).select_for_update(skip_locked=True)
    RunRow.objects.filter(pk__in=waiting.values("pk")).update(state=RowState.CANCELLED)
    record(action=Action.RUN_CANCELLED, by=by, target=run_target(run), now=now)
    return run


def finish(*, run_id: int, now: datetime) -> bool:
    """Ends a run of which nobody waits any more, and says whether it is over. In a cancelled one nobody waits."""
    RunRow.objects.filter(run=run_id, run__cancelled_at__isnull=False, state=RowState.WAITING).update(
        state=RowState.CANCELLED
    )
    if RunRow.objects.filter(run=run_id, state=RowState.WAITING).exists():
        return False
    InvoiceRun.objects.filter(pk=run_id, finished_at=None).update(finished_at=now)
    return True


def resume_runs(*, now: datetime) -> None:
    """Ends what is done, and lets workers go on with the rest, whose chain of jobs may have broken."""
    for run_id in InvoiceRun.objects.filter(finished_at=None).values_list("pk", flat=True):
        if not finish(run_id=run_id, now=now):
            start_working(run_id)


def _contradictions(values: dict[str, Any], *, is_prorated: bool, now: datetime) -> Iterator[FieldError]:
    start, end = values["start_date"], values["end_date"]
    if error := next(rules.period_errors(start, end), None):
        yield error
        return
    period = Days(start=start, end=end)
    if len(period) > MAX_DAYS:
        yield FieldError(field="end_date", message=_("A period has at most %(limit)d days.") % {"limit": MAX_DAYS})
    elif not is_prorated and not months_of(period)[-1].is_whole:
        message = _("The period is not whole months; end it later, or charge incomplete months by days.")
        yield FieldError(field="end_date", message=message)
    yield from due_date_errors(values["due_date"], today=local_day(now))


def _asked(run: InvoiceRun) -> dict[str, Any]:
    period = {"start": run.start_date, "end": run.end_date}
    return {"run": run.pk, **period, "only": run.customer_ids, "tag": run.tag}


def _unknown(customer_ids: Sequence[int], tag: str) -> Iterator[FieldError]:
    if tag and not Customer.objects.filter(tags__contains=[tag]).exists():
        yield FieldError(field="tag", message=_("No customer has this tag."))
    known = set(Customer.objects.filter(pk__in=customer_ids).values_list("pk", flat=True))
    for index, customer_id in enumerate(customer_ids):
        if customer_id not in known:
            yield FieldError(field=f"customer_ids[{index}]", message=_("There is no such customer."))


def _require_template() -> None:
    """A broken template is told once, before any invoice is issued."""
    try:
        check_template()
    except InvalidTemplate as error:
        raise InvalidInput(FieldError(field="template", message=str(error))) from None


_ROWS = """
INSERT INTO invoices_runrow (run_id, customer_id, state, reason, reasons, net_amount, total_tax, total_amount)
SELECT %(run)s, service.customer_id, 'waiting', '', '[]', 0, 0, 0
FROM invoices_recurringcharge AS charge
JOIN customers_service AS service ON service.id = charge.service_id
WHERE service.state = 'active'
    AND charge.start_date <= %(end)s AND (charge.end_date IS NULL OR charge.end_date >= %(start)s)
    AND (%(only)s::bigint[] = '{}' OR service.customer_id = ANY(%(only)s::bigint[]))
    AND (%(tag)s = '' OR service.customer_id IN (
        SELECT id FROM customers_customer WHERE tags @> ARRAY[%(tag)s]::varchar[]
    ))
GROUP BY service.customer_id
ORDER BY service.customer_id
"""
