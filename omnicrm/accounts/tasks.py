"""The jobs of accounts: resets that were asked for, and tidying up."""

from datetime import UTC, datetime

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from omnicrm.accounts import proofs, throttle
from omnicrm.accounts.operations.resets import QUEUE, SEND_RESET, answer_reset_request


@app.task(name=SEND_RESET, queue=QUEUE, retry=RetryStrategy(max_attempts=10, exponential_wait=2))
def send_reset(address: str, asked_at: str) -> None:
    answer_reset_request(address=address, asked_at=datetime.fromisoformat(asked_at))


@app.periodic(cron="* * * * *")
@app.task(name="accounts.rescue", queue=QUEUE, queueing_lock="accounts.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Runs the jobs again whose worker was lost: each can be repeated."""
    for job in await context.app.job_manager.get_stalled_jobs(queue=QUEUE):
        await context.app.job_manager.retry_job(job, retry_at=datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="47 3 * * *")
@app.task(name="accounts.tidy", queue=QUEUE, queueing_lock="accounts.tidy")
def tidy(timestamp: int) -> None:
    """Deletes proofs that were over long ago, and counts of tries that no longer count."""
    now = datetime.fromtimestamp(timestamp, UTC)
    proofs.drop_old(now=now)
    throttle.drop_ended(now=now)
