"""The nightly end of the oldest entries."""

from datetime import UTC, datetime

from procrastinate.contrib.django import app

from omnicrm.audit.operations import drop_older
from omnicrm.config import current_config


@app.periodic(cron="23 3 * * *")
@app.task(name="audit.drop_older", queueing_lock="audit.drop_older")
def drop_older_entries(timestamp: int) -> None:
    drop_older(than=current_config().security.audit_retention, now=datetime.fromtimestamp(timestamp, UTC))
