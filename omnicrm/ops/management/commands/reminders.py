from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from omnicrm.invoices.days import local_day
from omnicrm.invoices.reminder_plan import CustomerPlan, plans
from omnicrm.invoices.reminder_steps import leave_on
from omnicrm.invoices.reminders import remind_all
from omnicrm.ops.startup import require_migrated


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Reminds customers of overdue invoices."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        run: ArgumentParser = actions.add_parser("run", help="send what is due today; workers do so by themselves")
        run.add_argument("--dry-run", action="store_true", help="list who would get what, and why others would not")
        run.add_argument("--json", action="store_true", help="for a script")

    def handle(self, *_args: Any, dry_run: bool, json: bool, **_options: Any) -> None:  # noqa: ANN401 - Django's signature
        require_migrated()
        now = datetime.now(UTC)
        with override("en"):  # as all that the command line says
            if dry_run:
                self._list(now, as_json=json)
            else:
                self._run(now, as_json=json)

    def _run(self, now: datetime, *, as_json: bool) -> None:
        if not leave_on(local_day(now)):
            raise CommandError("no reminders leave today: reminders.working_days_only is set, and it is none")
        done = remind_all(now=now)
        facts = {"customers": done.customers, "invoices": done.invoices, "failed": list(done.failed)}
        told = f"{done.customers} customers were reminded of {done.invoices} invoices"
        self.stdout.write(orjson.dumps(facts).decode() if as_json else told)
        if done.failed:
            raise CommandError(f"{len(done.failed)} customers could not be reminded; the log says why")

    def _list(self, now: datetime, *, as_json: bool) -> None:
        rows = [row for plan in plans(now=now) for row in _rows(plan)]
        if as_json:
            self.stdout.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
        else:
            self.stdout.write("\n".join(map(_line, rows)) or "no invoice is overdue")


def _rows(plan: CustomerPlan) -> Iterator[dict[str, Any]]:
    to = ", ".join(contact.email for contact in plan.contacts)
    for decision in plan.decisions:
        yield {
            "customer_id": plan.customer.pk,
            "customer_name": plan.customer.customer_name,
            "invoice_number": decision.invoice.number,
            "days_overdue": decision.days_overdue,
            "step": decision.step,
            "to": to if decision.step is not None else "",
            "why_not": decision.why_not,
        }


def _line(row: dict[str, Any]) -> str:
    what = f"step {row['step']} to {row['to']}" if row["step"] is not None else f"nothing: {row['why_not']}"
    about = f"customer {row['customer_id']} ({row['customer_name']}), {row['invoice_number']}"
    return f"{about}, {row['days_overdue']} days overdue: {what}"
