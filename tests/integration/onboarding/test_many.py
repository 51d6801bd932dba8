"""Registering many customers at once."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoAssertNumQueries

from omnicrm.customers.fields import NewCustomer
from omnicrm.customers.models import Contact, Customer, Site
from omnicrm.onboarding.operations import CHUNK, RowResult, register_customers
from omnicrm.outbox.models import Message
from tests.integration.onboarding.conftest import NOW

pytestmark = pytest.mark.django_db


def row(number: int) -> NewCustomer:
    return {
        "customer_name": f"Customer {number}",
        "contacts": [{"email": f"c{number}@example.com"}],
        "sites": [{"name": "Home"}],
    }


def register(*rows: NewCustomer, send_welcome: bool = True) -> list[RowResult]:
    return list(register_customers(rows=rows, now=NOW, send_welcome=send_welcome))


def test_each_row_becomes_a_customer_with_a_welcome() -> None:
    results = register(*map(row, range(3)))
    assert [Customer.objects.get(pk=result.customer_id).customer_name for result in results] == [
        "Customer 0",
        "Customer 1",
        "Customer 2",
    ]
    for number, result in enumerate(results):
        assert Contact.objects.get(customer_id=result.customer_id).email == f"c{number}@example.com"
        assert Site.objects.get(customer_id=result.customer_id).name == "Home"
        message = Message.objects.get(customer_id=result.customer_id)
        assert (message.to_email, message.key) == (f"c{number}@example.com", f"customer:{result.customer_id}:welcome")


def test_a_wrong_row_fails_alone() -> None:
    wrong: NewCustomer = {"customer_name": "", "contacts": [{"email": "no"}]}
    first, second, third = register(row(1), wrong, row(2))
    assert (second.customer_id, [error.field for error in second.errors]) == (
        None,
        ["customer_name", "contacts[0].email"],
    )
    assert None not in {first.customer_id, third.customer_id}
    assert Customer.objects.count() == Message.objects.count() == 2


def test_a_row_without_an_address_is_not_welcomed_and_says_so() -> None:
    (result,) = register({"customer_name": "Martin"})
    assert result.customer_id
    assert result.no_welcome == "No contact of the customer has an email address."


def test_customers_who_know_the_operator_already_need_no_welcome() -> None:
    (result,) = register(row(1), send_welcome=False)
    assert (result.errors, result.no_welcome) == ((), "")
    assert not Message.objects.exists()


def test_nothing_but_wrong_rows_is_no_trouble() -> None:
    assert [bool(result.errors) for result in register({"customer_name": ""}, {"customer_name": "x" * 201})] == [
        True,
        True,
    ]
    assert register() == []


def test_rows_are_taken_and_answered_chunk_by_chunk() -> None:
    taken = 0

    def rows() -> Iterator[NewCustomer]:
        nonlocal taken
        for taken in range(1, 3 * CHUNK):
            yield {"customer_name": f"Customer {taken}"}

    results = register_customers(rows=rows(), now=NOW, send_welcome=False)
    next(results)
    assert taken == CHUNK
    assert Customer.objects.count() == CHUNK


def test_many_cost_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(20):
        register(*map(row, range(200)))
