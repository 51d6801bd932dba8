"""How runs are worked on by any number of workers: chains of jobs, of which each bills some customers and defers the
next. A chain that breaks, as its worker was lost, is begun again within a minute."""

from typing import Final

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

QUEUE: Final = "invoices"
WORK: Final = "invoices.work_on_run"
CHAINS: Final = 4
"""Per run, over all workers. One draws while the others prepare, queue and commit."""


def start_working(run_id: int) -> None:
    for chain in range(CHAINS):
        continue_working(run_id, chain)


def continue_working(run_id: int, chain: int) -> None:
    """Defers the chain's next job in the caller's transaction, unless it waits in the queue already."""
    try:
        with transaction.atomic():
            app.configure_task(WORK, queue=QUEUE, queueing_lock=f"{WORK}:{run_id}:{chain}", priority=-1).defer(
                run_id=run_id, chain=chain
            )
    except AlreadyEnqueued:
        return
