"""The jobs of onboarding: mail that a sign-up waits for, and forgetting sign-ups nobody confirmed."""

from datetime import UTC, datetime
from uuid import UUID

from django.utils.timezone import now
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from omnicrm.accounts.operations.resets import QUEUE
from omnicrm.onboarding import sign_up


@app.task(name=sign_up.SEND_PROOF, queue=QUEUE, retry=RetryStrategy(max_attempts=10, exponential_wait=2))
def send_proof(sign_up_id: str) -> None:
    sign_up.send_proof(sign_up_id=UUID(sign_up_id), now=now())


@app.periodic(cron="52 3 * * *")
@app.task(name="onboarding.forget_old", queue=QUEUE, queueing_lock="onboarding.forget_old")
def forget_old(timestamp: int) -> None:
    sign_up.forget_old(now=datetime.fromtimestamp(timestamp, UTC))
