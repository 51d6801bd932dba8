"""A POST sent again does nothing again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from omnicrm.accounts.models import ApiKey
from omnicrm.accounts.operations import create_api_key
from omnicrm.accounts.roles import Role
from omnicrm.api.idempotency import forget_old_answers
from omnicrm.api.models import StoredAnswer
from omnicrm.customers.models import Contact, Customer
from omnicrm.outbox.models import Message
from tests.integration.api.conftest import MARTIN, NOW, PROBLEM, Integrator


def test_the_same_request_gets_the_first_answer_again(api: Integrator) -> None:
    first = api.post("/customer", MARTIN, Idempotency_Key="order-1")
    again = api.post("/customer", MARTIN, Idempotency_Key="order-1")
    assert (again.status_code, again.content, again["Content-Type"]) == (201, first.content, first["Content-Type"])
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert Customer.objects.count() == Message.objects.count() == 1


def test_another_key_is_another_request(api: Integrator) -> None:
    api.post("/customer", MARTIN, Idempotency_Key="order-1")
    api.post("/customer", MARTIN, Idempotency_Key="order-2")
    assert Customer.objects.count() == 2


def test_the_same_key_with_another_body_is_refused(api: Integrator) -> None:
    api.post("/customer", MARTIN, Idempotency_Key="order-1")
    refused = api.post("/customer", {"customer_name": "Durand"}, Idempotency_Key="order-1")
    assert (refused.status_code, refused["Content-Type"]) == (422, PROBLEM)
    assert "use a new one" in refused.json()["detail"]


def test_the_same_key_on_another_path_is_refused(api: Integrator) -> None:
    customer_id = api.post("/customer", MARTIN, Idempotency_Key="order-1").json()["customer_id"]
    assert api.post(f"/customer/{customer_id}/site", MARTIN, Idempotency_Key="order-1").status_code == 422


def test_keys_of_one_caller_mean_nothing_to_another(integrator: Callable[[Role], Integrator]) -> None:
    first, other = integrator(Role.ADMIN), integrator(Role.SUPPORT)
    first.post("/customer", MARTIN, Idempotency_Key="order-1")
    assert "Idempotent-Replayed" not in other.post("/customer", {"customer_name": "Durand"}, Idempotency_Key="order-1")
    assert Customer.objects.count() == 2


def test_a_refusal_is_repeated_as_well(api: Integrator) -> None:
    first = api.post("/customer", {"customer_name": ""}, Idempotency_Key="order-1")
    again = api.post("/customer", {"customer_name": ""}, Idempotency_Key="order-1")
    assert (first.status_code, again.status_code, again["Content-Type"]) == (422, 422, PROBLEM)
    assert again["Idempotent-Replayed"] == "true"


def test_a_missing_permission_is_not_remembered(integrator: Callable[[Role], Integrator]) -> None:
    api = integrator(Role.READ_ONLY)
    api.post("/customer", MARTIN, Idempotency_Key="order-1")
    assert not StoredAnswer.objects.exists()


def test_a_failure_of_ours_is_not_remembered_and_leaves_nothing(api: Integrator) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'internal_error'; END $$"
        )
        cursor.execute("CREATE TRIGGER fails BEFORE INSERT ON outbox_message FOR EACH ROW EXECUTE FUNCTION fails()")
    assert api.post("/customer", MARTIN, Idempotency_Key="order-1").status_code == 500
    assert not Customer.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER fails ON outbox_message")
    assert api.post("/customer", MARTIN, Idempotency_Key="order-1").status_code == 201


@pytest.mark.parametrize("key", ["", "é", "a\tb", "x" * 256])
def test_a_key_that_cannot_be_kept_is_refused(api: Integrator, key: str) -> None:
    assert api.post("/customer", MARTIN, Idempotency_Key=key).status_code == 400
    assert not Customer.objects.exists()


def test_every_post_honours_the_key(api: Integrator) -> None:
    customer_id = api.create()["customer_id"]
    for _ in range(2):
        api.post(f"/customer/{customer_id}/contact", {"email": "paul@example.com"}, Idempotency_Key="c")
        api.post(f"/customer/{customer_id}/welcome_email", Idempotency_Key="w")
    assert (Contact.objects.count(), Message.objects.count()) == (2, 2)


def test_reading_has_no_use_for_a_key(api: Integrator) -> None:
    api.send("GET", "/customer", b"", Idempotency_Key="r")
    assert not StoredAnswer.objects.exists()


def test_answers_are_kept_for_a_day(api: Integrator) -> None:
    api.post("/customer", MARTIN, Idempotency_Key="order-1")
    now = timezone.now()
    assert forget_old_answers(now=now + timedelta(hours=23, minutes=59)) == 0
    assert forget_old_answers(now=now + timedelta(hours=24, minutes=1)) == 1
    assert "Idempotent-Replayed" not in api.post("/customer", MARTIN, Idempotency_Key="order-1")


def test_a_request_that_is_still_being_answered_is_a_conflict(api: Integrator) -> None:
    caller = f"key:{ApiKey.objects.get().pk}"
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"{caller} order-1"])
        refused = api.post("/customer", MARTIN, Idempotency_Key="order-1")
    other.close()
    assert (refused.status_code, refused["Content-Type"], refused["Retry-After"]) == (409, PROBLEM, "1")
    assert not Customer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_time_one_does_the_work() -> None:
    plain_key = create_api_key(name="shop", role=Role.ADMIN, now=NOW).plain_key

    def post(_number: int) -> int:
        try:
            return Integrator(plain_key).post("/customer", MARTIN, Idempotency_Key="order-1").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        statuses = set(threads.map(post, range(8)))
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert Customer.objects.count() == Message.objects.count() == 1
