"""An integrator's view of the API: JSON in, JSON out, under one key."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from django.http import HttpResponse
from django.test import Client

from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role

NOW = datetime.now(UTC).replace(microsecond=0)
JSON = "application/json"
PROBLEM = "application/problem+json"
MARTIN = {
    "customer_name": "Boulangerie Martin",
    "contacts": [{"first_name": "Hélène", "last_name": "Martin", "email": "helene@example.com"}],
}


class Integrator:
    """Calls the API with one key. Every method returns Django's response."""

    def __init__(self, plain_key: str) -> None:
        self.plain_key = plain_key
        self._client = Client()

    def get(self, path: str, **query: object) -> HttpResponse:
        return self._client.get(f"/crm{path}", query, headers={"X-API-KEY": self.plain_key})

    def post(self, path: str, body: object = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, b"" if body is None else orjson.dumps(body), **headers)

    def patch(self, path: str, body: object) -> HttpResponse:
        return self.send("PATCH", path, orjson.dumps(body))

    def delete(self, path: str) -> HttpResponse:
        return self.send("DELETE", path, b"")

    def send(self, method: str, path: str, body: bytes, content_type: str = JSON, **headers: str) -> HttpResponse:
        """Any bytes. Headers are named with underscores: `Idempotency_Key`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(
            method, f"/crm{path}", body, content_type, headers={"X-API-KEY": self.plain_key, **named}
        )

    def create(self, body: object = MARTIN) -> dict[str, Any]:
        """Creates a customer and returns it."""
        created = self.post("/customer", body)
        assert created.status_code == 201, created.content
        customer: dict[str, Any] = created.json()
        return customer


@pytest.fixture
def integrator(db: None) -> Callable[[Role], Integrator]:
    """Makes integrators by their role."""
    return lambda role: Integrator(create_api_key(name=f"shop {role}", role=role, now=NOW).plain_key)


@pytest.fixture
def api(integrator: Callable[[Role], Integrator]) -> Integrator:
    """An integrator who may do anything."""
    return integrator(Role.ADMIN)


def wrong_fields(response: HttpResponse) -> dict[str, str]:
    """The messages of a refused request by field."""
    assert response.status_code == 422, response.content
    return {error["field"]: error["message"] for error in response.json()["errors"]}
