"""Customers over HTTP, and what belongs to them."""

import uuid
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from omnicrm.customers.models import Customer
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State
from tests.integration.api.conftest import MARTIN, Integrator, wrong_fields


def test_a_created_customer_is_answered_whole(api: Integrator) -> None:
    body: dict[str, Any] = {
        "customer_name": " Boulangerie Martin ",
        "customer_account_type": "Business",
        "customer_payment_type": "Prepaid",
        "language": "en",
        "attributes": {"segment": "pro", "rating": 4.5},
        "tags": ["fibre"],
        "contacts": [{"contact_type": "billing", "email": "Helene@EXAMPLE.com", "phone": None}],
        "sites": [{"name": "Fournil", "city": "Lille", "country": "France"}],
    }
    customer = api.create(body)
    assert {name: customer[name] for name in body if name not in {"contacts", "sites"}} == {
        **{name: value for name, value in body.items() if name not in {"contacts", "sites"}},
        "customer_name": "Boulangerie Martin",
    }
    (contact,), (site,) = customer["contacts"], customer["sites"]
    assert (contact["customer_id"], contact["contact_type"]) == (customer["customer_id"], "billing")
    assert (contact["email"], contact["phone"], contact["first_name"]) == ("Helene@example.com", "", "")
    assert isinstance(contact["contact_id"], int)
    assert (site["name"], site["city"], site["address"], site["customer_id"]) == (
        "Fournil",
        "Lille",
        "",
        customer["customer_id"],
    )
    assert customer["services"] == []
    assert customer["created_at"] == customer["updated_at"]
    assert customer["created_at"].endswith("Z")


def test_a_created_customer_is_welcomed_in_the_same_moment(api: Integrator) -> None:
    customer = api.create()
    message = Message.objects.get(customer_id=customer["customer_id"])
    assert customer["welcome"] == {"message_id": str(message.id), "reason": ""}


def test_a_customer_without_an_address_is_created_and_told_why_there_is_no_welcome(api: Integrator) -> None:
    customer = api.create({"customer_name": "Martin"})
    assert customer["welcome"] == {"message_id": None, "reason": "No contact of the customer has an email address."}


def test_a_refused_customer_leaves_nothing(api: Integrator) -> None:
    refused = api.post("/customer", {**MARTIN, "tags": ["\x00"]})
    assert wrong_fields(refused) == {"tags": "Remove the control character U+0000."}
    assert not Customer.objects.exists()
    assert not Message.objects.exists()


def test_a_customer_is_read_as_it_was_created(api: Integrator) -> None:
    created = api.create()
    del created["welcome"]
    assert api.get(f"/customer/{created['customer_id']}").json() == created


def test_a_change_touches_only_what_it_names(api: Integrator) -> None:
    created = api.create({**MARTIN, "attributes": {"a": 1}, "tags": ["x"]})
    changed = api.patch(f"/customer/{created['customer_id']}", {"language": "en"}).json()
    differing = {name for name in changed if changed[name] != created[name]}
    assert differing == {"language", "updated_at"}


def test_a_change_is_checked_like_a_creation(api: Integrator) -> None:
    path = f"/customer/{api.create()['customer_id']}"
    assert set(wrong_fields(api.patch(path, {"customer_name": " "}))) == {"customer_name"}
    assert set(wrong_fields(api.patch(path, {"customer_name": None}))) == {"customer_name"}
    assert set(wrong_fields(api.patch(path, {"contacts": []}))) == {"contacts"}


def test_deleting_erases_the_customer_and_what_its_messages_say(api: Integrator) -> None:
    customer = api.create()
    path = f"/customer/{customer['customer_id']}"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.delete(path).status_code == 404
    message = api.get(f"/message/{customer['welcome']['message_id']}").json()
    assert (message["state"], message["to_email"], message["variables"], message["customer_id"]) == (
        "cancelled",
        "",
        {},
        None,
    )


def test_an_export_is_a_file_of_all_that_is_stored(api: Integrator) -> None:
    customer = api.create()
    export = api.get(f"/customer/{customer['customer_id']}/export")
    assert export["Content-Disposition"] == f'attachment; filename="customer-{customer["customer_id"]}.json"'
    stored = export.json()
    assert stored["customer"]["customer_name"] == "Boulangerie Martin"
    assert stored["contacts"][0]["email"] == stored["messages"][0]["to_email"] == "helene@example.com"
    assert api.get("/customer/0/export").status_code == 404


def test_a_contact_is_added_read_changed_and_removed(api: Integrator) -> None:
    customer_id = api.create({"customer_name": "Martin"})["customer_id"]
    added = api.post(f"/customer/{customer_id}/contact", {"email": "paul@example.com", "contact_type": "technical"})
    assert added.status_code == 201
    path = f"/contact/{added.json()['contact_id']}"
    assert api.get(path).json() == added.json()
    assert api.patch(path, {"first_name": "Paul"}).json()["first_name"] == "Paul"
    assert wrong_fields(api.patch(path, {"email": "no"})).keys() == {"email"}
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert not Message.objects.exists()


def test_a_site_is_added_read_changed_and_removed(api: Integrator) -> None:
    customer_id = api.create()["customer_id"]
    added = api.post(f"/customer/{customer_id}/site", {"name": "Dépôt"})
    assert added.status_code == 201
    path = f"/site/{added.json()['site_id']}"
    assert api.patch(path, {"postcode": "59000"}).json() == {**added.json(), "postcode": "59000"}
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_a_service_is_added_read_changed_and_removed(api: Integrator) -> None:
    customer_id = api.create()["customer_id"]
    service_uuid = str(uuid.uuid4())
    added = api.post(f"/customer/{customer_id}/service", {"service_name": "Fibre", "service_uuid": service_uuid})
    assert added.status_code == 201
    assert (added.json()["service_uuid"], added.json()["state"], added.json()["activated_at"]) == (
        service_uuid,
        "pending",
        None,
    )
    path = f"/service/{added.json()['service_id']}"
    assert api.get(path).json() == added.json()
    assert api.patch(path, {"state": "suspended"}).json()["state"] == "suspended"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.parametrize("way", ["POST", "PATCH", "activate"])
def test_a_service_that_becomes_active_welcomes_a_customer_who_never_was(api: Integrator, way: str) -> None:
    customer_id = api.create({"customer_name": "Martin"})["customer_id"]
    api.post(f"/customer/{customer_id}/contact", {"email": "paul@example.com"})
    path = f"/customer/{customer_id}/service"
    if way == "POST":
        service = api.post(path, {"service_name": "Fibre", "state": "active"}).json()
    else:
        pending = f"/service/{api.post(path, {'service_name': 'Fibre'}).json()['service_id']}"
        answer = api.patch(pending, {"state": "active"}) if way == "PATCH" else api.post(f"{pending}/activate")
        service = answer.json()
    assert (service["state"], service["activated_at"] is None) == ("active", False)
    assert Message.objects.get(customer_id=customer_id).state == State.QUEUED


def test_a_services_uuid_that_is_taken_is_a_conflict(api: Integrator) -> None:
    path = f"/customer/{api.create()['customer_id']}/service"
    body = {"service_name": "Fibre", "service_uuid": str(uuid.uuid4())}
    api.post(path, body)
    refused = api.post(path, body)
    assert refused.status_code == 409
    assert refused.json()["errors"] == [{"field": "service_uuid", "message": "Another service has this UUID."}]


def test_nothing_is_added_to_a_customer_who_does_not_exist(api: Integrator) -> None:
    assert api.post("/customer/1/contact", {"email": "a@example.com"}).status_code == 404
    assert api.post("/customer/1/site", {"name": "a"}).status_code == 404
    assert api.post("/customer/1/service", {"service_name": "a"}).status_code == 404


def test_staff_may_welcome_again(api: Integrator) -> None:
    customer_id = api.create()["customer_id"]
    again = api.post(f"/customer/{customer_id}/welcome_email")
    assert again.status_code == 201
    assert (again.json()["to_email"], again.json()["state"]) == ("helene@example.com", "queued")
    assert Message.objects.filter(customer_id=customer_id).count() == 2


def test_nobody_is_welcomed_without_an_address(api: Integrator) -> None:
    refused = api.post(f"/customer/{api.create({'customer_name': 'Martin'})['customer_id']}/welcome_email")
    assert refused.status_code == 409
    assert refused.json()["detail"] == "No contact of the customer has an email address."


def test_a_list_is_counted_and_comes_in_pages_newest_first(api: Integrator) -> None:
    ids = [api.create({"customer_name": f"Customer {number}"})["customer_id"] for number in range(5)]
    listed = api.get("/customer", limit=2, offset=1).json()
    assert listed["count"] == 5
    assert [customer["customer_id"] for customer in listed["items"]] == [ids[3], ids[2]]
    assert api.get("/customer", offset=99).json() == {"count": 5, "items": []}


@pytest.mark.parametrize(
    ("name", "value"), [("limit", 0), ("limit", 501), ("limit", "x"), ("offset", -1), ("offset", 10**30), ("limit", "")]
)
def test_a_page_has_its_limits(api: Integrator, name: str, value: object) -> None:
    assert set(wrong_fields(api.get("/customer", **{name: value}))) == {name}


def test_a_list_is_filtered(api: Integrator) -> None:
    martin = api.create({**MARTIN, "tags": ["vip"], "customer_account_type": "Business"})["customer_id"]
    durand = api.create({"customer_name": "Durand", "language": "en"})["customer_id"]

    def found(**query: object) -> list[int]:
        return [customer["customer_id"] for customer in api.get("/customer", **query).json()["items"]]

    assert found(search="mart") == found(search="HELENE@example.com") == found(tag="vip") == [martin]
    assert found(customer_account_type="Business") == found(language="fr") == [martin]
    assert found(language="en") == found(search="durand") == [durand]
    assert found(language="en", tag="vip") == []


@pytest.mark.parametrize("query", [{"search": "a\x00b"}, {"tag": "\x00"}, {"language": "de"}, {"search": "x" * 201}])
def test_a_filter_that_cannot_be_is_refused(api: Integrator, query: dict[str, str]) -> None:
    assert wrong_fields(api.get("/customer", **query)).keys() == query.keys()


def test_a_long_list_costs_no_more_queries_than_a_short_one(
    api: Integrator, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        api.create({**MARTIN, "customer_name": f"Customer {number}", "sites": [{"name": "a"}, {"name": "b"}]})
    with django_assert_max_num_queries(8):
        assert len(api.get("/customer", search="customer").json()["items"]) == 10
