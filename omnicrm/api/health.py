"""Route of the health check: for load balancers, so without a key and without anything about customers."""

# ruff: noqa: ARG001 - ninja hands every route its request
from datetime import datetime
from http import HTTPStatus
from typing import Literal

import structlog
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from pydantic import BaseModel, Field

from omnicrm.outbox.models import Message
from omnicrm.outbox.queries import pause_in_force
from omnicrm.outbox.states import Lane, State

log = structlog.get_logger()
router = Router(tags=["Health"])


class Health(BaseModel):
    """`down` comes with status 503: this process cannot serve. `paused`: email waits, all else works."""

    status: Literal["ok", "paused", "down"]
    database: Literal["ok", "down"]
    migrations: Literal["ok", "pending", "unknown"]
    oldest_due_message_seconds: float | None = Field(None, description="How long the longest waiting email is overdue")
    paused_until: datetime | None = Field(None, description="No call to Mailjet before this moment")
    pause_reason: str = ""


@router.get("/health", auth=None, response={200: Health, 503: Health})
def get_health(request: HttpRequest) -> Status[Health]:
    """Whether this server can do its work, and whether email flows."""
    try:
        health = _health(now=timezone.now())
    except DatabaseError as error:
        log.warning("health_check_failed", error=str(error))
        health = Health(status="down", database="down", migrations="unknown")
    return Status(HTTPStatus.SERVICE_UNAVAILABLE if health.status == "down" else HTTPStatus.OK, health)


def _health(*, now: datetime) -> Health:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return Health(status="down", database="ok", migrations="pending")
    pause = pause_in_force(now=now)
    due_since = _oldest_due(now=now)
    return Health(
        status="paused" if pause else "ok",
        database="ok",
        migrations="ok",
        oldest_due_message_seconds=(now - due_since).total_seconds() if due_since else None,
        paused_until=pause.until if pause else None,
        pause_reason=pause.reason if pause else "",
    )


def _oldest_due(*, now: datetime) -> datetime | None:
    """Asked lane by lane, because that is how the index lies."""
    due = Message.objects.filter(state=State.QUEUED, not_before__lte=now).order_by("not_before")
    firsts = [due.filter(lane=lane).values_list("not_before", flat=True).first() for lane in Lane]
    return min(filter(None, firsts), default=None)
