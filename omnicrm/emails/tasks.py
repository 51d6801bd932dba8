"""The nightly look at the templates: a drift is found before a customer finds it."""

from datetime import UTC, datetime

import structlog
from procrastinate import JobContext
from procrastinate.contrib.django import app

from omnicrm.config import current_config
from omnicrm.emails.designs import InvalidDesign
from omnicrm.emails.templates.account import Account
from omnicrm.emails.templates.folder import own_designs
from omnicrm.emails.templates.operations import check_drift
from omnicrm.emails.templates.targets import NothingChosen, NumberUsedTwice
from omnicrm.mailjet.errors import MailjetError
from omnicrm.outbox.tasks import RUNTIME

log = structlog.get_logger()


@app.periodic(cron="41 2 * * *")
@app.task(name="emails.watch_templates", queueing_lock="emails.watch_templates", pass_context=True)
async def watch_templates(context: JobContext, timestamp: int) -> None:
    """Warns of every template that is out of step with ours, and keeps the states for the dashboard."""
    account, now = Account(context.additional_context[RUNTIME]), datetime.fromtimestamp(timestamp, UTC)
    try:
        drifted = await check_drift(account, config=current_config(), folder=own_designs(), now=now)
    except NothingChosen:
        return
    except (InvalidDesign, MailjetError, NumberUsedTwice) as error:
        log.warning("templates_not_checked", error=str(error))
        return
    for each in drifted:
        target = each.target
        log.warning("template_drift", template_id=target.template_id, template=str(target), state=each.state.value)
