"""What staff do about thresholds: plans and their steps, and a service's own.

Each raises InvalidInput for what cannot be accepted, and the model's DoesNotExist for an id nobody has. New thresholds
hold from the next event of each balance on. The audit log tells what changed; what changes nothing is not noted.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from omnicrm.audit.models import Action, TargetKind
from omnicrm.audit.operations import SYSTEM, Actor, Target, record
from omnicrm.balances.models import Plan, ServiceAlerts
from omnicrm.balances.thresholds import Steps, checked_steps, written_step
from omnicrm.customers.errors import AlreadyTaken, FieldError, InvalidInput
from omnicrm.customers.models import Service
from omnicrm.customers.operations import locked
from omnicrm.customers.rules import text

StepsGiven = Mapping[str, Iterable[object]]
"""By type of balance or "*": steps such as "20%", "500 MB", "2.50"."""

_NAME = text(200, required=True)


@transaction.atomic
def create_plan(*, name: str, steps: StepsGiven, by: Actor = SYSTEM, now: datetime) -> Plan:
    plan = Plan()
    _save(plan, name=name, steps=steps)
    detail = _changes({}, plan.steps)
    record(action=Action.PLAN_CREATED, by=by, target=_target(plan), detail=detail, now=now)
    return plan


@transaction.atomic
def update_plan(
    *, plan_id: int, name: str | None = None, steps: StepsGiven | None = None, by: Actor = SYSTEM, now: datetime
) -> Plan:
    """Changes what is given."""
    plan = locked(Plan.objects, plan_id)
    old_name, old_steps = plan.name, plan.steps
    _save(plan, name=name, steps=steps)
    detail = {**_change("name", old_name, plan.name), **_changes(old_steps, plan.steps)}
    if detail:
        record(action=Action.PLAN_CHANGED, by=by, target=_target(plan), detail=detail, now=now)
    return plan


@transaction.atomic
def remove_plan(*, plan_id: int, by: Actor = SYSTEM, now: datetime) -> None:
    """Removes a plan that no service has."""
    plan = locked(Plan.objects, plan_id)
    if count := plan.services.count():
        message = _("%(count)d services have this plan; give them another first.") % {"count": count}
        raise InvalidInput(FieldError(field="plan", message=message))
    detail = _changes(plan.steps, {})
    record(action=Action.PLAN_REMOVED, by=by, target=_target(plan), detail=detail, now=now)
    plan.delete()


@transaction.atomic
def set_service_alerts(
    *, service_id: int, plan_id: int | None, steps: StepsGiven, by: Actor = SYSTEM, now: datetime
) -> ServiceAlerts:
    """Gives a service a plan, thresholds of its own, both, or neither."""
    service = locked(Service.objects, service_id)
    plan = Plan.objects.filter(pk=plan_id).first() if plan_id is not None else None
    if plan is None and plan_id is not None:
        raise InvalidInput(FieldError(field="plan_id", message=_("There is no such plan.")))
    checked = _checked(steps)
    before = ServiceAlerts.objects.select_related("plan").filter(service=service).first()
    own, _created = ServiceAlerts.objects.update_or_create(
        service=service, defaults={"plan_id": plan_id, "steps": checked}
    )
    changes = {
        **_change("plan", before.plan.name if before and before.plan else None, plan.name if plan else None),
        **_changes(before.steps if before else {}, checked),
    }
    if changes:
        _note(service, changes, by=by, now=now)
    return own


def _note(service: Service, changes: Mapping[str, object], *, by: Actor, now: datetime) -> None:
    """Under the customer, with whom it is forgotten."""
    customer = service.customer
    target = Target(kind=TargetKind.CUSTOMER, id=customer.pk, name=customer.customer_name)
    detail = {"service": service.service_name, **changes}
    record(action=Action.THRESHOLDS_CHANGED, by=by, target=target, detail=detail, now=now)


def _save(plan: Plan, *, name: str | None, steps: StepsGiven | None) -> None:
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


def _checked(steps: StepsGiven) -> dict[str, list[str]]:
    try:
        return checked_steps(steps)
    except InvalidInput as error:
        raise InvalidInput(
            *(FieldError(field=f"steps.{each.field}", message=each.message) for each in error.errors)
        ) from None


def _target(plan: Plan) -> Target:
    return Target(kind=TargetKind.PLAN, id=plan.pk, name=plan.name)


def _changes(before: Steps, after: Steps) -> dict[str, object]:
    """What changed, by type of balance: texts as people write them, "" for never low, None for not set."""
    told: dict[str, object] = {}
    for kind in dict.fromkeys((*before, *after)):
        told |= _change(kind, _written(kind, before), _written(kind, after))
    return told


def _change(name: str, before: str | None, after: str | None) -> dict[str, object]:
    return {} if before == after else {name: {"from": before, "to": after}}


def _written(kind: str, steps: Steps) -> str | None:
    return ", ".join(written_step(kind, key) for key in steps[kind]) if kind in steps else None
