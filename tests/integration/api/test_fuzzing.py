"""Whatever fits or breaks the documented schema, nothing makes the server fail."""

import orjson
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error

from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role
from tests.integration.api.conftest import NOW, Integrator

schema = schemathesis.openapi.from_wsgi("/crm/openapi.json", get_wsgi_application())


@schemathesis.serializer("application/x-ndjson")
def as_it_is(_context: object, value: object) -> bytes:
    return value.encode(errors="surrogatepass") if isinstance(value, str) else orjson.dumps(value, default=str)


@pytest.fixture
def plain_key(transactional_db: None) -> str:
    """A key that opens everything, with a customer to work on."""
    plain_key = create_api_key(name="shop", role=Role.ADMIN, now=NOW).plain_key
    Integrator(plain_key).create()
    return plain_key


@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_makes_the_server_fail(case: schemathesis.Case, plain_key: str) -> None:
    case.call_and_validate(checks=[not_a_server_error], headers={"X-API-KEY": plain_key})
