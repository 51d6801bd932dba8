"""Routes of balances, their alerts, the quarantine, and the thresholds of plans and services."""

# ruff: noqa: ARG001 - ninja hands every route its request
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from omnicrm.accounts.roles import Permission
from omnicrm.api.actors import actor_of
from omnicrm.api.balance_schemas import (
    AlertOut,
    AlertQuery,
    BalanceOut,
    BalanceQuery,
    PlanIn,
    PlanOut,
    PlanPatch,
    QuarantinedOut,
    QuarantineQuery,
    ReadingOut,
    Replayed,
    ServiceThresholdsIn,
    ServiceThresholdsOut,
)
from omnicrm.api.callers import Needs, visible
from omnicrm.api.shapes import Page, Paging, page
from omnicrm.balances import operations, replaying
from omnicrm.balances.explaining import explain_alerts
from omnicrm.balances.models import Balance, Plan, ServiceAlerts
from omnicrm.balances.queries import course, find_alerts, find_balances, find_quarantined

router = Router(tags=["Balances"])
READ = Needs(Permission.READ_BALANCES)
READ_OWN = Needs(Permission.READ_BALANCES, or_own=True)
WRITE = Needs(Permission.WRITE_BALANCES)
OWNER = "service__customer_id"


@router.get("/balance", auth=READ_OWN, response=Page[BalanceOut])
def list_balances(request: HttpRequest, query: Query[BalanceQuery]) -> Page[BalanceOut]:
    found = find_balances(
        customer_id=query.customer_id, service_id=query.service_id, balance_type=query.balance_type or ""
    )
    return page(visible(found, request, owner=OWNER), query, Page[BalanceOut])


@router.get("/balance/{int:id}", auth=READ_OWN, response=BalanceOut)
def get_balance(request: HttpRequest, id: int) -> Balance:  # noqa: A002 - the resource's own name for it
    return visible(find_balances(), request, owner=OWNER).get(pk=id)


@router.get("/balance/{int:id}/course", auth=READ_OWN, response=Page[ReadingOut])
def list_course(request: HttpRequest, id: int, query: Query[Paging]) -> Page[ReadingOut]:  # noqa: A002 - as above
    """The events of a balance as far as they are kept, newest first."""
    balance = visible(find_balances(), request, owner=OWNER).get(pk=id)
    return page(course(balance), query, Page[ReadingOut])


@router.get("/balance_alert", auth=READ_OWN, response=Page[AlertOut])
def list_alerts(request: HttpRequest, query: Query[AlertQuery]) -> Page[AlertOut]:
    """What was decided about each crossing and expiry, newest first, and why."""
    found = find_alerts(
        customer_id=query.customer_id,
        service_id=query.service_id,
        kind=query.kind or "",
        outcome=query.outcome or "",
    )
    found = visible(found, request)
    explained = explain_alerts(found[query.offset : query.offset + query.limit])
    return Page[AlertOut](count=found.count(), items=[AlertOut.of(each) for each in explained])


@router.get("/balance_quarantine", auth=READ, response=Page[QuarantinedOut])
def list_quarantine(request: HttpRequest, query: Query[QuarantineQuery]) -> Page[QuarantinedOut]:
    """Events that could not be applied, newest first."""
    found = find_quarantined(source=query.source or "", reason=query.reason or "")
    return page(found, query, Page[QuarantinedOut])


@router.post("/balance_quarantine/replay", auth=WRITE, response=Replayed)
def replay_quarantine(request: HttpRequest) -> dict[str, int]:
    """Applies every event in quarantine whose obstacle is gone. It also happens by itself every five minutes."""
    return {"replayed": replaying.replay_quarantine(by=actor_of(request), now=timezone.now()).count}


@router.delete("/balance_quarantine/{int:quarantined_id}", auth=WRITE, response={204: None})
def discard_quarantined(request: HttpRequest, quarantined_id: int) -> None:
    """Throws an event away."""
    replaying.discard(quarantined_id=quarantined_id, by=actor_of(request), now=timezone.now())


@router.post("/plan", auth=WRITE, response={201: PlanOut})
def create_plan(request: HttpRequest, body: PlanIn) -> Plan:
    return operations.create_plan(name=body.name, steps=body.steps, by=actor_of(request), now=timezone.now())


@router.get("/plan", auth=READ, response=Page[PlanOut])
def list_plans(request: HttpRequest, query: Query[Paging]) -> Page[PlanOut]:
    return page(Plan.objects.all(), query, Page[PlanOut])


@router.patch("/plan/{int:plan_id}", auth=WRITE, response=PlanOut)
def update_plan(request: HttpRequest, plan_id: int, body: PlanPatch) -> Plan:
    """Changes what is given. New thresholds hold from the next event of each balance on."""
    return operations.update_plan(plan_id=plan_id, by=actor_of(request), now=timezone.now(), **body.given())


@router.delete("/plan/{int:plan_id}", auth=WRITE, response={204: None})
def remove_plan(request: HttpRequest, plan_id: int) -> None:
    """Removes a plan that no service has."""
    operations.remove_plan(plan_id=plan_id, by=actor_of(request), now=timezone.now())


@router.put("/service/{int:service_id}/thresholds", auth=WRITE, response=ServiceThresholdsOut)
def set_thresholds(request: HttpRequest, service_id: int, body: ServiceThresholdsIn) -> ServiceAlerts:
    """Gives a service a plan, thresholds of its own, both, or neither."""
    return operations.set_service_alerts(
        service_id=service_id,
        plan_id=body.plan_id,
        steps=body.steps,
        by=actor_of(request),
        now=timezone.now(),
    )
