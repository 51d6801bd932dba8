"""Balances over the API: intake in its three forms, CGRateS, and what an integrator may read and set."""

from base64 import b64encode
from typing import Any

import orjson
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client

from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role
from omnicrm.balances.models import Balance, BalanceEvent, Quarantined
from omnicrm.customers.models import Service
from omnicrm.customers.operations import update_service
from tests.integration.api.conftest import Integrator
from tests.integration.balances.conftest import NOW, balance_of
from tests.unit.balances.payloads import SERVICE, account, account_update, balance, summary

NDJSON = "application/x-ndjson"


@pytest.fixture
def api(db: None) -> Integrator:
    return Integrator(create_api_key(name="ocs", role=Role.SUPPORT, now=NOW).plain_key)


def said(service: Service, value: object = 40, **fields: Any) -> dict[str, Any]:
    return {
        "service_uuid": str(service.service_uuid),
        "balance_id": "bundle",
        "balance_type": "data",
        "value": value,
        "initial_value": 20,
        "unit": "GB",
        "expiry": "2026-06-30T22:00:00Z",
        "event_id": "ocs-1",
        **fields,
    }


def rows_of(response: HttpResponse) -> list[dict[str, Any]]:
    assert isinstance(response, StreamingHttpResponse)
    body = b"".join(response)  # type: ignore[arg-type]  # a sync stream under WSGI
    rows: list[dict[str, Any]] = orjson.loads(body) if body[:1] == b"[" else list(map(orjson.loads, body.splitlines()))
    return rows


def test_one_event_is_answered_by_its_result(api: Integrator, service: Service) -> None:
    answer = api.post("/balance_event", said(service, 3.8))
    assert (answer.status_code, answer.json()) == (200, {"status": "applied", "reason": ""})
    assert balance_of(service, "bundle").value == 3_800_000_000


def test_one_event_sent_again_changes_nothing(api: Integrator, service: Service) -> None:
    api.post("/balance_event", said(service))
    assert api.post("/balance_event", said(service)).json()["status"] == "repeated"
    assert BalanceEvent.objects.count() == 1


def test_an_array_is_answered_as_an_array_row_by_row(api: Integrator, service: Service) -> None:
    wrong = said(service, "lots", event_id="ocs-2", colour="red")
    rows = rows_of(api.post("/balance_event", [said(service), wrong, said(service, 30, event_id="ocs-3")]))
    assert [(row["row"], row["status"]) for row in rows] == [(1, "applied"), (2, "error"), (3, "applied")]
    assert [error["field"] for error in rows[1]["errors"]] == ["colour"]


def test_ndjson_is_answered_as_ndjson(api: Integrator, service: Service) -> None:
    lines = b"\n".join([orjson.dumps(said(service)), b"{", b"", orjson.dumps(said(service, event_id="ocs-2"))])
    rows = rows_of(api.send("POST", "/balance_event", lines, NDJSON))
    assert [(row["row"], row["status"]) for row in rows] == [(1, "applied"), (2, "error"), (4, "applied")]
    assert "not JSON" in rows[1]["errors"][0]["message"]


def test_an_empty_array_is_answered_by_one(api: Integrator) -> None:
    assert rows_of(api.post("/balance_event", [])) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": None}, "value"),
        ({"value": True}, "value"),
        ({"value": "1e40"}, "value"),
        ({"unit": "parsec"}, "unit"),
        ({"balance_id": " "}, "balance_id"),
        ({"balance_id": "x" * 101}, "balance_id"),
        ({"event_id": "a\x00b"}, "event_id"),
        ({"initial_value": -1}, "initial_value"),
        ({"service_uuid": "1"}, "service_uuid"),
        ({"balance_type": "petrol"}, "balance_type"),
        ({"event_time": "2026-05-31T12:00:00"}, "event_time"),
        ({"valeu": 4}, "valeu"),
    ],
    ids=str,
)
def test_a_wrong_event_is_refused_with_the_field_at_fault(
    api: Integrator, service: Service, fields: dict[str, Any], field: str
) -> None:
    answer = api.post("/balance_event", said(service, **fields))
    assert answer.status_code == 422, answer.content
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert not Balance.objects.exists()


@pytest.mark.parametrize("body", [b"{", b"", b"7", b'"x"', b"{\xff}"], ids=str)
def test_what_is_no_event_is_refused(api: Integrator, body: bytes) -> None:
    answer = api.send("POST", "/balance_event", body)
    if isinstance(answer, StreamingHttpResponse):
        assert all(row["status"] == "error" for row in rows_of(answer))
    else:
        assert answer.status_code in {400, 422}


def test_an_unlimited_value_and_an_expiry_that_never_comes(api: Integrator, service: Service) -> None:
    api.post("/balance_event", said(service, "unlimited", expiry="*unlimited"))
    known = balance_of(service, "bundle")
    assert (known.is_unlimited, known.expiry) == (True, None)


def test_an_event_without_id_and_time_is_named_by_the_idempotency_key(api: Integrator, service: Service) -> None:
    nameless = said(service)
    del nameless["event_id"]
    for _ in range(2):
        api.post("/balance_event", nameless, Idempotency_Key="k1")
        rows_of(api.post("/balance_event", [nameless, nameless], Idempotency_Key="k2"))
    assert sorted(BalanceEvent.objects.values_list("event_id", flat=True)) == ["k1:1", "k2:1", "k2:2"]


def test_an_event_of_an_unknown_service_waits_in_quarantine(api: Integrator, service: Service) -> None:
    answer = api.post("/balance_event", said(service, service_uuid=SERVICE))
    assert answer.json() == {"status": "quarantined", "reason": "There is no service with this UUID."}
    (held,) = api.get("/balance_quarantine").json()["items"]
    assert (held["reason"], held["service_uuid"]) == ("unknown_service", SERVICE)
    update_service(service_id=service.pk, service_uuid=SERVICE, now=NOW)  # type: ignore[typeddict-item]  # as a text
    assert api.post("/balance_quarantine/replay").json() == {"replayed": 1}
    assert balance_of(service, "bundle").value == 40_000_000_000


def test_what_is_held_can_be_thrown_away(api: Integrator, service: Service) -> None:
    api.post("/balance_event", said(service, service_uuid=SERVICE))
    assert api.delete(f"/balance_quarantine/{Quarantined.objects.get().pk}").status_code == 204
    assert not Quarantined.objects.exists()


def test_cgrates_posts_an_account_with_the_key_in_its_url(api: Integrator, service: Service) -> None:
    post = account({"*data": [balance("bundle", 5e9)]}, ID=f"cgrates.org:{service.service_uuid}")
    secret = b64encode(f"cgrates:{api.plain_key}".encode()).decode()
    answer = Client().post(
        "/crm/ocs/cgrates", orjson.dumps(post), "application/json", headers={"Authorization": f"Basic {secret}"}
    )
    assert (answer.status_code, answer.json()) == (200, {"results": [{"status": "applied", "reason": ""}]})
    assert balance_of(service, "data:bundle").value == 5_000_000_000


@pytest.mark.parametrize("secret", ["cgrates:wrong", "cgrates", ""], ids=str)
def test_cgrates_with_a_wrong_key_is_refused(db: None, secret: str) -> None:
    headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"}
    answer = Client().post("/crm/ocs/cgrates", b"{}", "application/json", headers=headers)
    assert answer.status_code == 401


def test_a_key_in_the_url_opens_nothing_else(api: Integrator) -> None:
    secret = b64encode(f"cgrates:{api.plain_key}".encode()).decode()
    assert Client().get("/crm/balance", headers={"Authorization": f"Basic {secret}"}).status_code == 401


def test_cgrates_posts_an_event_again_and_it_counts_once(api: Integrator, service: Service) -> None:
    post = account_update([summary("bundle", "*data", 5e9)], APIOpts={"*accountID": str(service.service_uuid)})
    statuses = [api.post("/ocs/cgrates", post).json()["results"][0]["status"] for _ in range(2)]
    assert statuses == ["applied", "repeated"]


def test_cgrates_posts_an_account_nobody_knows(api: Integrator) -> None:
    answer = api.post("/ocs/cgrates", account({"*sms": [balance("a", 1)]}, ID="cgrates.org:1001"))
    assert answer.json()["results"][0] == {"status": "quarantined", "reason": "The account's name is no service UUID."}


def test_cgrates_posts_something_else(api: Integrator) -> None:
    assert api.post("/ocs/cgrates", account(None)).json() == {"results": [{"status": "ignored", "reason": ""}]}
    assert api.post("/ocs/cgrates", {"hello": 1}).status_code == 422


def test_balances_their_course_and_their_alerts_can_be_read(api: Integrator, service: Service) -> None:
    for number, value in enumerate((10, 3)):
        api.post("/balance_event", said(service, value, event_id=f"e{number}", expiry=None))
    (shown,) = api.get("/balance", service_id=service.pk).json()["items"]
    assert (shown["value"], shown["unit"], shown["percent_left"]) == ("3000000000", "B", "15")
    assert api.get(f"/balance/{shown['id']}").json() == shown
    course = api.get(f"/balance/{shown['id']}/course").json()["items"]
    assert [entry["event_id"] for entry in course] == ["e1", "e0"]
    (alert,) = api.get("/balance_alert", customer_id=service.customer_id, kind="low").json()["items"]
    assert (alert["step"], alert["ordinal"], alert["outcome"]) == ("20%", 1, "emailed")
    assert alert["explanation"] == "The email is queued."


def test_a_plan_and_a_services_own_thresholds_can_be_set(api: Integrator, service: Service) -> None:
    plan = api.post("/plan", {"name": "Prepaid 20", "steps": {"data": ["500 MB", "20%"]}})
    assert (plan.status_code, plan.json()["steps"]) == (201, {"data": ["20%", "500000000"]})
    assert api.post("/plan", {"name": "Prepaid 20"}).status_code == 409
    plan_id = plan.json()["plan_id"]
    changed = api.patch(f"/plan/{plan_id}", {"steps": {"*": ["abc%"]}})
    assert changed.json()["errors"] == [{"field": "steps.*", "message": "Give a number."}]
    own = api.send("PUT", f"/service/{service.pk}/thresholds", orjson.dumps({"plan_id": plan_id}))
    assert own.json() == {"service_id": service.pk, "plan_id": plan_id, "steps": {}}
    assert api.delete(f"/plan/{plan_id}").status_code == 422
    api.send("PUT", f"/service/{service.pk}/thresholds", b"{}")
    assert api.delete(f"/plan/{plan_id}").status_code == 204


def test_reading_and_writing_need_their_permissions(service: Service) -> None:
    marketing = Integrator(create_api_key(name="shop", role=Role.MARKETING, now=NOW).plain_key)
    reader = Integrator(create_api_key(name="bi", role=Role.READ_ONLY, now=NOW).plain_key)
    assert marketing.get("/balance").status_code == 403
    assert reader.get("/balance").status_code == 200
    assert reader.post("/balance_event", said(service)).status_code == 403
    assert reader.post("/ocs/cgrates", {}).status_code == 403
