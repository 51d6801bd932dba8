"""What staff and jobs do about balances: plans and their thresholds, a service's own, the quarantine.

Each raises InvalidInput for what cannot be accepted, and the model's DoesNotExist for an id nobody has. New thresholds
hold from the next event of each balance on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from omnicrm.balances import quarantine
from omnicrm.balances.events import IncomingEvent
from omnicrm.balances.intake import accept_events
from omnicrm.balances.models import Plan, ServiceAlerts, Source
from omnicrm.balances.thresholds import checked_steps
from omnicrm.customers.errors import AlreadyTaken, FieldError, InvalidInput
from omnicrm.customers.models import Service
from omnicrm.customers.operations import locked
from omnicrm.customers.rules import text

StepsGiven = Mapping[str, Iterable[object]]
"""By type of balance or "*": steps such as "20%", "500 MB", "2.50"."""

_NAME = text(200, required=True)


@transaction.atomic
def create_plan(*, name: str, steps: StepsGiven) -> Plan:
    return _saved(Plan(), name=name, steps=steps)


@transaction.atomic
def update_plan(*, plan_id: int, name: str | None = None, steps: StepsGiven | None = None) -> Plan:
    """Changes what is given."""
    return _saved(locked(Plan.objects, plan_id), name=name, steps=steps)


@transaction.atomic
def remove_plan(*, plan_id: int) -> None:
    """Removes a plan that no service has."""
    plan = locked(Plan.objects, plan_id)
    if count := plan.services.count():
        message = _("%(count)d services have this plan; give them another first.") % {"count": count}
        raise InvalidInput(FieldError(field="plan", message=message))
    plan.delete()


@transaction.atomic
def set_service_alerts(*, service_id: int, plan_id: int | None, steps: StepsGiven) -> ServiceAlerts:
    """Gives a service a plan, thresholds of its own, both, or neither."""
    service = locked(Service.objects, service_id)
    if plan_id is not None and not Plan.objects.filter(pk=plan_id).exists():
        raise InvalidInput(FieldError(field="plan_id", message=_("There is no such plan.")))
    own, _created = ServiceAlerts.objects.update_or_create(
        service=service, defaults={"plan_id": plan_id, "steps": _checked(steps)}
    )
    return own


def replay_quarantine(*, now: datetime) -> int:
    """Applies every event in quarantine whose obstacle is gone; returns how many. Each chunk is durable by itself."""
    replayed = last = 0
    while True:
        with transaction.atomic():
            released = quarantine.release(now=now, after=last)
            by_source: dict[Source, list[IncomingEvent]] = defaultdict(list)
            for _pk, source, event in released:
                by_source[source].append(event)
            for source, events in by_source.items():
                accept_events(events, source=source, now=now)
        if not released:
            return replayed
        replayed += len(released)
        last = released[-1][0]


def _saved(plan: Plan, *, name: str | None, steps: StepsGiven | None) -> Plan:
    changes: dict[str, Any] = {}
    errors: list[FieldError] = []
    if name is not None:
        try:
            changes["name"] = _NAME(name)
        except ValueError as error:
            errors.append(FieldError(field="name", message=str(error)))
    if steps is not None:
        try:
            changes["steps"] = _checked(steps)
        except InvalidInput as error:
            errors += error.errors
    if errors:
        raise InvalidInput(*errors)
    if Plan.objects.filter(name=changes.get("name", "")).exclude(pk=plan.pk).exists():
        raise AlreadyTaken(FieldError(field="name", message=_("Another plan has this name.")))
    for field, value in changes.items():
        setattr(plan, field, value)
    plan.save()
    return plan


def _checked(steps: StepsGiven) -> dict[str, list[str]]:
    try:
        return checked_steps(steps)
    except InvalidInput as error:
        raise InvalidInput(
            *(FieldError(field=f"steps.{each.field}", message=each.message) for each in error.errors)
        ) from None
