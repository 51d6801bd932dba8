"""The API's job: to forget what it need not remember."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from omnicrm.api.idempotency import forget_old_answers


@app.periodic(cron="23 * * * *")
@app.task(name="api.forget_old_answers", queueing_lock="api.forget_old_answers")
def forget(timestamp: int) -> None:
    forget_old_answers(now=datetime.fromtimestamp(timestamp, UTC))
