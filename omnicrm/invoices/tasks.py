"""The room's jobs: work on invoice runs, remind of overdue invoices, and sweep files that belong to none."""

from datetime import UTC, datetime
from typing import Final

from asgiref.sync import sync_to_async
from django.db import transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from omnicrm.invoices.days import local_day
from omnicrm.invoices.pdf_sweeping import sweep_pdfs
from omnicrm.invoices.reminder_steps import hour_has_come, leave_on
from omnicrm.invoices.reminders import remind_all
from omnicrm.invoices.run_tasks import QUEUE, WORK, continue_working
from omnicrm.invoices.run_work import work_on
from omnicrm.invoices.runs import finish, resume_runs

REMINDED_AT_ONCE: Final = 500
"""Customers per job, so that a worker that is to stop is not held up."""


@app.task(name=WORK, queue=QUEUE)
def work_on_run(run_id: int, chain: int) -> None:
    """Bills some customers. The next job is deferred in the same transaction: a crash takes both back."""
    now = datetime.now(UTC)
    with transaction.atomic():
        if work_on(run_id=run_id, now=now):
            continue_working(run_id, chain)
            return
    finish(run_id=run_id, now=now)


@app.periodic(cron="* * * * *")
@app.task(name="invoices.look_after_runs", queue=QUEUE, queueing_lock="invoices.look_after_runs", pass_context=True)
async def look_after_runs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives the minute
    """Begins broken chains again, and forgets jobs whose worker was lost: their rows wait for any other."""
    for job in await context.app.job_manager.get_stalled_jobs(queue=QUEUE):
        await context.app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
    await sync_to_async(resume_runs)(now=datetime.now(UTC))


@app.periodic(cron="* * * * *")
@app.task(name="invoices.remind", queue=QUEUE, queueing_lock="invoices.remind")
def remind(timestamp: int) -> None:  # noqa: ARG001 - a job that waited in the queue looks at the clock of now
    """From the configured hour to midnight: what a stopped worker missed is made up for on the same day."""
    now = datetime.now(UTC)
    if hour_has_come(now) and leave_on(local_day(now)):
        remind_all(limit=REMINDED_AT_ONCE, now=now)


@app.periodic(cron="7 4 * * *")
@app.task(name="invoices.sweep_pdfs", queue=QUEUE, queueing_lock="invoices.sweep_pdfs")
def sweep(timestamp: int) -> None:
    sweep_pdfs(now=datetime.fromtimestamp(timestamp, UTC))
