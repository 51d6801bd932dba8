"""The room's jobs: notice what expires, post alerts to the webhook, take events out of quarantine, forget."""

from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from procrastinate.contrib.django import app

from omnicrm.balances import posts
from omnicrm.balances.expiry import look_for_expired
from omnicrm.balances.posts import QUEUE
from omnicrm.balances.replaying import replay_quarantine
from omnicrm.balances.retention import forget_old
from omnicrm.config import current_config


@app.periodic(cron="* * * * *")
@app.task(name="balances.look_for_expired", queue=QUEUE, queueing_lock="balances.look_for_expired")
def look(timestamp: int) -> None:  # noqa: ARG001 - a job that waited in the queue looks with the clock of now
    look_for_expired(now=datetime.now(UTC))


@app.periodic(cron="* * * * *")
@app.task(name=posts.JOB, queue=QUEUE)
async def post_alerts(timestamp: int) -> None:  # noqa: ARG001 - as above
    """Posts what is due, until nothing is. A worker that dies in between leaves it to the lease's end."""
    webhook = current_config().balances.webhook
    while webhook and (claimed := await sync_to_async(posts.claim)(now=datetime.now(UTC))):
        errors = await posts.post_all(claimed, webhook=webhook, now=datetime.now(UTC))
        for post, error in zip(claimed, errors, strict=True):
            await sync_to_async(posts.record)(post, error, now=datetime.now(UTC))


@app.periodic(cron="*/5 * * * *")
@app.task(name="balances.replay_quarantine", queue=QUEUE, queueing_lock="balances.replay_quarantine")
def replay(timestamp: int) -> None:  # noqa: ARG001 - as above
    replay_quarantine(now=datetime.now(UTC))


@app.periodic(cron="37 2 * * *")
@app.task(name="balances.forget_old", queue=QUEUE, queueing_lock="balances.forget_old")
def forget(timestamp: int) -> None:
    forget_old(now=datetime.fromtimestamp(timestamp, UTC))
