"""The audit log tells who changed thresholds, and what became of events in quarantine."""

from uuid import UUID

import orjson
import pytest

from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role
from omnicrm.audit.models import Action, ActorKind, Entry
from omnicrm.balances.models import Plan, Quarantined
from omnicrm.balances.operations import create_plan, set_service_alerts
from omnicrm.balances.replaying import replay_quarantine
from omnicrm.customers.errors import InvalidInput
from omnicrm.customers.models import Service
from omnicrm.customers.operations import add_service
from tests.integration.api.conftest import Integrator
from tests.integration.balances.conftest import NOW, accept, event

UNKNOWN = UUID("6f1c2d3e-9a41-4d0c-8b55-0e7a3f1f2c11")
OURS = (
    *(Action.PLAN_CREATED, Action.PLAN_CHANGED, Action.PLAN_REMOVED, Action.THRESHOLDS_CHANGED),
    *(Action.QUARANTINE_REPLAYED, Action.QUARANTINE_DISCARDED),
)


@pytest.fixture
def api(db: None) -> Integrator:
    return Integrator(create_api_key(name="ocs", role=Role.SUPPORT, now=NOW).plain_key)


def noted() -> list[Entry]:
    return list(Entry.objects.filter(action__in=OURS).order_by("id"))


def test_what_an_api_key_changes_is_noted_under_its_name(api: Integrator, service: Service) -> None:
    plan = api.post("/plan", {"name": "Prepaid 20", "steps": {"data": ["500 MB"]}}).json()["plan_id"]
    api.patch(f"/plan/{plan}", {"name": "Prepaid 30"})
    api.send("PUT", f"/service/{service.pk}/thresholds", orjson.dumps({"plan_id": plan}))
    api.send("PUT", f"/service/{service.pk}/thresholds", b"{}")
    api.delete(f"/plan/{plan}")
    assert [entry.action for entry in noted()] == [
        *(Action.PLAN_CREATED, Action.PLAN_CHANGED),
        *(Action.THRESHOLDS_CHANGED, Action.THRESHOLDS_CHANGED, Action.PLAN_REMOVED),
    ]
    assert {(entry.actor_kind, entry.actor_name) for entry in noted()} == {(ActorKind.API_KEY, "ocs")}
    assert noted()[0].detail == {"data": {"from": None, "to": "500 MB"}}
    assert noted()[3].detail == {"service": "Mobile 20 Go", "plan": {"from": "Prepaid 30", "to": None}}


def test_an_api_keys_replay_and_discard_are_noted(api: Integrator, service: Service) -> None:
    accept(event(UNKNOWN, 40), event(UNKNOWN, None, service_uuid=None, account="nobody"))
    add_service(customer_id=service.customer_id, service_name="Late", service_uuid=UNKNOWN, now=NOW)
    assert api.post("/balance_quarantine/replay").json() == {"replayed": 1}
    api.delete(f"/balance_quarantine/{Quarantined.objects.get().pk}")
    assert [(entry.action, entry.actor_name) for entry in noted()] == [
        (Action.QUARANTINE_REPLAYED, "ocs"),
        (Action.QUARANTINE_DISCARDED, "ocs"),
    ]


def test_a_replay_of_nothing_is_not_noted(db: None) -> None:
    accept(event(UNKNOWN, 40))
    assert replay_quarantine(now=NOW).count == 0
    assert noted() == []


def test_what_the_jobs_replay_is_noted_as_the_systems(service: Service) -> None:
    accept(event(UNKNOWN, 40))
    add_service(customer_id=service.customer_id, service_name="Late", service_uuid=UNKNOWN, now=NOW)
    replay_quarantine(now=NOW)
    assert [entry.actor_kind for entry in noted()] == [ActorKind.SYSTEM]


def test_a_refused_change_is_not_noted(service: Service) -> None:
    with pytest.raises(InvalidInput):
        create_plan(name="Prepaid", steps={"data": ["500 bananas"]}, now=NOW)
    with pytest.raises(InvalidInput):
        set_service_alerts(service_id=service.pk, plan_id=77, steps={}, now=NOW)
    assert noted() == []
    assert not Plan.objects.exists()
