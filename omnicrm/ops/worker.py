"""The worker process: procrastinate's jobs and the outbox, until a signal; it outlives a database that goes away."""

import asyncio
import signal
from datetime import UTC, datetime

import structlog
from asgiref.sync import sync_to_async
from django.db import OperationalError
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException

from omnicrm.config import Config
from omnicrm.outbox.partitions import ensure_partitions
from omnicrm.outbox.runtime import Outbox, running_outbox
from omnicrm.outbox.tasks import RUNTIME

log = structlog.get_logger()

RESTART_SECONDS = 2.0


async def run_worker(config: Config, *, concurrency: int) -> None:
    """Works until SIGTERM or SIGINT, then finishes the calls in flight and returns."""
    async with running_outbox(config, clock=lambda: datetime.now(UTC)) as outbox:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        log.info("worker_started", concurrency=concurrency)
        while not stop.is_set():
            try:
                await _work(outbox, stop, concurrency=concurrency)
            except (ConnectorException, OperationalError) as error:
                log.warning("worker_waits_for_database", error=str(error))
                await asyncio.sleep(RESTART_SECONDS)
        log.info("worker_stopped")


async def _work(outbox: Outbox, stop: asyncio.Event, *, concurrency: int) -> None:
    worker_app = app.with_connector(DjangoConnector().get_worker_connector())
    async with worker_app.open_async():
        await sync_to_async(ensure_partitions)(now=outbox.clock())
        jobs = asyncio.create_task(
            worker_app.run_worker_async(
                concurrency=concurrency,
                install_signal_handlers=False,
                delete_jobs="successful",
                additional_context={RUNTIME: outbox},
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({jobs, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not jobs.done():
            outbox.stop()
            jobs.cancel()
        stopping.cancel()
        try:
            await jobs
        except asyncio.CancelledError:
            return
