"""The outbox's jobs on procrastinate: drain what is due, look after what hangs, make room for the next months."""

from datetime import UTC, datetime

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from omnicrm.outbox.partitions import ensure_partitions

QUEUE = "outbox"
RUNTIME = "outbox"
"""Key of the worker's additional context under which the process's Outbox lies."""


def wake(at: datetime | None = None) -> None:
    """Defers a drain in the caller's transaction: its commit wakes a worker by NOTIFY, or at `at`.

    Every enqueue defers one, so a wake-up is never lost; one drain takes all that is due and the rest find nothing.
    """
    drain.configure(schedule_at=at).defer()


@app.task(name="outbox.drain", queue=QUEUE, pass_context=True)
async def drain(context: JobContext) -> None:
    await context.additional_context[RUNTIME].dispatcher.drain()


@app.periodic(cron="* * * * * */10")
@app.task(name="outbox.look_after", queue=QUEUE, queueing_lock="outbox.look_after", pass_context=True)
async def look_after(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives the minute
    await context.additional_context[RUNTIME].look_after()


@app.periodic(cron="17 3 * * *")
@app.task(name="outbox.make_room", queue=QUEUE, queueing_lock="outbox.make_room")
def make_room(timestamp: int) -> None:
    ensure_partitions(now=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="*/10 * * * *")
@app.task(name="outbox.tidy", queue=QUEUE, queueing_lock="outbox.tidy", pass_context=True)
async def tidy(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives the minute
    """Removes what nobody needs: calls that no longer count, and jobs whose worker was lost (their work goes on)."""
    await context.additional_context[RUNTIME].budget.forget_old_calls()
    for job in await context.app.job_manager.get_stalled_jobs(queue=QUEUE):
        await context.app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
