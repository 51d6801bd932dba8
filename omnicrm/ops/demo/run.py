"""The demo from start to end: local Mailjet, database, worker, server, sample data, and what came of it."""

import argparse
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType

import django
from django.core.management import call_command
from rich.console import Console
from rich.table import Column, Table

from mailjet_sandbox.control import SandboxControl
from mailjet_sandbox.process import start_sandbox
from omnicrm.config import current_config
from omnicrm.ops.demo.accounts import invite_colleague
from omnicrm.ops.demo.billing import bill_and_alert
from omnicrm.ops.demo.processes import DemoFailedError, free_port, running, wait_for_port
from omnicrm.ops.demo.reading import open_some
from omnicrm.ops.demo.scenario import (
    Api,
    Sent,
    announce_maintenance,
    await_arrivals,
    await_outcomes,
    create_customers,
)
from omnicrm.ops.demo.setting import write_config

ADMIN = "admin@example.com"
CUSTOMER = "sean@obrien.example.com"


def run_demo(argv: Sequence[str]) -> int:
    """Runs the demo; with --exit returns 0 only if every email has arrived, and the CRM was told so."""
    parser = argparse.ArgumentParser(prog="omnicrm demo", description=__doc__)
    parser.add_argument("--exit", action="store_true", help="run once on empty data, print what was sent, and stop")
    parser.add_argument("--home", type=Path, help="folder of its state (default var/demo, or var/demo-exit)")
    options = parser.parse_args(argv)
    home = (options.home or Path("var/demo-exit" if options.exit else "var/demo")).absolute()
    out = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as Ctrl-C: whatever was started is stopped
    try:
        return _run(home, once=options.exit, out=out)
    except DemoFailedError as error:
        out.print(f"[red]{error}[/red]")
        return 1


def _run(home: Path, *, once: bool, out: Console) -> int:
    if once:
        shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        with out.status("starting the local Mailjet and the database"):
            mailjet = stack.enter_context(start_sandbox(port=free_port(8025), state=home / "sandbox.json"))
            port = free_port(8000)
            config = write_config(home, sandbox_url=mailjet.url, port=port)
            sandbox = SandboxControl(mailjet.url)
            password, key = _prepare(config, sandbox)
        with out.status("starting worker and server"):
            stack.enter_context(running("worker", config=config))
            server = stack.enter_context(running("serve", "--port", str(port), config=config))
            wait_for_port(port, server, log=home / "serve.log")
        with out.status("creating sample customers and waiting for their emails"):
            api = Api(url=f"http://127.0.0.1:{port}", key=key)
            create_customers(api)
            announce_maintenance(api)
            bill_and_alert(api, outside_invoice=_inside().outside_invoice)
            _inside().notice_expired(now=datetime.now(UTC))
            invite_colleague(api, sandbox)
            customer_password = _inside().customer_password(CUSTOMER, now=datetime.now(UTC))
            await_arrivals(api, sandbox)
            open_some(api, sandbox)
            sent = await_outcomes(api, sandbox)
        _tell_sent(out, sent)
        base = f"http://localhost:{port}"
        places = {
            "Inbox of the local Mailjet": f"{mailjet.url}/",
            "Back office": f"{base}/backoffice/",
            "  sign in as": f"{ADMIN}  {password}",
            "Self-care": f"{base}/self-care/",
            "  sign in as ": f"{CUSTOMER}  {customer_password}",
            "API and its documentation": f"{base}/crm/docs",
            "  X-API-KEY": key,
            "State and logs": str(home),
        }
        for place, address in places.items():
            out.print(f"{place:<28}{address}", soft_wrap=True, highlight=False)
        if once:
            return 0 if sent and all(message.has_arrived and message.is_told for message in sent) else 1
        out.print("[bold green]Ready[/bold green] (Ctrl-C stops everything)")
        while server.poll() is None:
            time.sleep(0.5)
        raise DemoFailedError(f"the server ended; its log is {home / 'serve.log'}")


def _prepare(config: Path, sandbox: SandboxControl) -> tuple[str, str]:
    """Makes the tables and the templates, and a password and an API key for this run; returns the two."""
    os.environ["OMNICRM_CONFIG"] = str(config)
    os.environ["DJANGO_SETTINGS_MODULE"] = "omnicrm.settings"
    django.setup()
    call_command("migrate", verbosity=0)
    inside, now = _inside(), datetime.now(UTC)
    inside.put_templates(sandbox, config=current_config())
    inside.register_webhook(current_config())
    return inside.fresh_password(ADMIN, now=now), inside.fresh_api_key(now=now)


def _inside() -> ModuleType:
    """Not before its time: it needs the config, and Django set up."""
    return import_module("omnicrm.ops.demo.inside")


def _tell_sent(out: Console, sent: Sequence[Sent]) -> None:
    folded = [Column(name, overflow="fold") for name in ("to", "subject", "state")]
    table = Table("email", *folded, "in the inbox")
    for message in sent:
        state = f"{message.state}\n{message.reason}".strip()
        table.add_row(message.email, message.to, message.subject, state, "yes" if message.has_arrived else "NO")
    out.print(table)
    counts = ", ".join(f"{count} {state}" for state, count in Counter(each.state for each in sent).most_common())
    out.print(f"{counts}; invoices and announcements were opened, and an address that bounced gets nothing more")
