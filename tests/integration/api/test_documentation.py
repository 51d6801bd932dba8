"""The documentation: complete, and served by ourselves."""

import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from omnicrm.api.callers import SIGNING_IN
from omnicrm.api.openapi import WEBHOOK
from omnicrm.api.urls import api as crm_api


@pytest.fixture
def document(db: None) -> dict[str, Any]:
    answer: dict[str, Any] = Client().get("/crm/openapi.json").json()
    return answer


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_the_routes_of_the_contract_are_there(document: dict[str, Any]) -> None:
    assert set(operations(document)) >= {
        "POST /crm/customer",
        "GET /crm/customer",
        "GET /crm/customer/{customer_id}",
        "PATCH /crm/customer/{customer_id}",
        "DELETE /crm/customer/{customer_id}",
        "GET /crm/customer/{customer_id}/export",
        "POST /crm/customer/{customer_id}/contact",
        "POST /crm/customer/{customer_id}/site",
        "POST /crm/customer/{customer_id}/service",
        "POST /crm/customer/bulk",
        "GET /crm/contact/{contact_id}",
        "PATCH /crm/contact/{contact_id}",
        "DELETE /crm/contact/{contact_id}",
        "GET /crm/message",
        "POST /crm/message",
        "GET /crm/message/stats",
        "GET /crm/message/{message_id}",
        "POST /crm/message/{message_id}/resend",
        "POST /crm/mailjet/events",
        "GET /crm/health",
    }


def test_every_operation_tells_how_it_fails_and_who_may_call_it(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        assert "application/problem+json" in operation["responses"]["default"]["content"], name
        assert operation["summary"], name
        if name != "GET /crm/health" and SIGNING_IN not in name and WEBHOOK not in name:
            assert operation["security"] == [{"ApiKey": []}, {"Session": []}], name


def test_every_post_may_be_repeated_but_those_that_begin_and_end_sessions(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        headers = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"]
        is_repeatable = name.startswith("POST") and SIGNING_IN not in name and WEBHOOK not in name
        assert headers == (["Idempotency-Key"] if is_repeatable else []), name


def test_the_webhook_is_called_with_user_and_password(document: dict[str, Any]) -> None:
    assert operations(document)[f"POST {WEBHOOK}"]["security"] == [{"Webhook": []}]
    assert document["components"]["securitySchemes"]["Webhook"] == {"type": "http", "scheme": "basic"}


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(re.findall(r'"\$ref": "([^"]+)"', str(document).replace("'", '"'))) <= known


def test_the_document_shows_examples_and_limits(document: dict[str, Any]) -> None:
    customer = document["components"]["schemas"]["CustomerIn"]
    assert customer["example"]["contacts"][0]["email"] == "helene@example.com"
    assert customer["properties"]["customer_name"]["maxLength"] == 200
    assert customer["additionalProperties"] is False


def test_a_change_has_no_defaults(document: dict[str, Any]) -> None:
    properties = document["components"]["schemas"]["CustomerPatch"]["properties"]
    assert not any("default" in described for described in properties.values())


@pytest.mark.django_db
def test_the_page_loads_nothing_from_elsewhere_and_runs_no_inline_script() -> None:
    page = Client().get("/crm/docs").content.decode()
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    for source in sources:
        assert source.startswith("/static/"), source
        assert finders.find(source.removeprefix("/static/")), source
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert "/crm/openapi.json" in page


def test_a_route_that_names_no_permission_is_for_administrators_only() -> None:
    assert [auth.permission for auth in crm_api.auth] == ["accounts.manage"]  # type: ignore[union-attr]  # ours
