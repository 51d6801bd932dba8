"""How much, and how often."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from omnicrm.accounts.roles import Role
from omnicrm.api import limits
from omnicrm.api.limits import MAX_BODY_BYTES, count_request
from omnicrm.api.models import RateWindow
from omnicrm.api.problems import Problem
from tests.integration.api.conftest import JSON, NOW, PROBLEM, Integrator


def test_a_body_has_at_most_a_megabyte(api: Integrator) -> None:
    body = b'{"customer_name": "Martin"}'
    assert api.send("POST", "/customer", body.ljust(MAX_BODY_BYTES)).status_code == 201
    refused = api.send("POST", "/customer", body.ljust(MAX_BODY_BYTES + 1))
    assert (refused.status_code, refused["Content-Type"]) == (413, PROBLEM)
    assert "1000000" in refused.json()["detail"]


def test_a_body_says_how_long_it_is(api: Integrator) -> None:
    refused = api.send("POST", "/customer", b"", JSON, Transfer_Encoding="chunked")
    assert (refused.status_code, refused["Content-Type"]) == (411, PROBLEM)


@pytest.fixture
def only_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REQUESTS_PER_MINUTE", 3)


def test_too_many_requests_in_a_minute_are_refused_until_the_next(only_three: None, db: None) -> None:
    minute = NOW.replace(second=0)
    for second in range(3):
        count_request(1, now=minute + timedelta(seconds=second))
    with pytest.raises(Problem) as refusal:
        count_request(1, now=minute + timedelta(seconds=45))
    assert (refusal.value.status, refusal.value.headers) == (429, {"Retry-After": "15"})
    count_request(1, now=minute + timedelta(seconds=60))


def test_each_key_has_a_limit_of_its_own(only_three: None, db: None) -> None:
    for key in (1, 2):
        for _ in range(3):
            count_request(key, now=NOW)


def test_a_refused_caller_reads_how_long_to_wait(only_three: None, integrator: Callable[[Role], Integrator]) -> None:
    api, other = integrator(Role.ADMIN), integrator(Role.SUPPORT)
    RateWindow.objects.all().delete()
    answers = [api.get("/customer") for _ in range(8)]
    refused = answers[-1]
    assert (refused.status_code, refused["Content-Type"]) == (429, PROBLEM)
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert other.get("/customer").status_code == 200


def test_the_health_check_is_never_refused(only_three: None, api: Integrator) -> None:
    assert {api.get("/health").status_code for _ in range(3)} == {200}
