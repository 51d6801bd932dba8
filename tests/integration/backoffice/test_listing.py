"""Lists stay quick: counted up to a limit, read under a time limit, in a fixed number of queries."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse

from omnicrm.backoffice import listing
from tests.integration.backoffice.scene import customer

CUSTOMERS = reverse("admin:customers_customer_changelist")
MESSAGES = reverse("admin:outbox_message_changelist")


@pytest.fixture(params=[CUSTOMERS, MESSAGES])
def address(request: pytest.FixtureRequest, db: None) -> str:
    for number in range(7):
        customer(f"Customer {number}", email=f"c{number}@example.com")
    return str(request.param)


def test_counts_exactly_below_the_limit(admin: Client, address: str) -> None:
    assert admin.get(address).context["cl"].result_count == 7


def test_ends_at_the_limit_and_says_that_there_is_more(
    admin: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNT_LIMIT", 5)
    response = admin.get(address)
    assert response.context["cl"].result_count == 5
    assert "the first 5 of more: search or filter to see others" in response.content.decode()


def test_a_page_beyond_the_last_leads_back(admin: Client, address: str) -> None:
    assert admin.get(address, {"p": "999"}, follow=True).status_code == 200


@contextmanager
def occupied(table: str) -> Iterator[None]:
    """Nobody else can read the table meanwhile."""
    other = connection.copy()
    with closing(other), transaction_of(other), other.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def transaction_of(other: BaseDatabaseWrapper) -> Iterator[None]:
    other.set_autocommit(False)
    yield
    other.rollback()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "table"), [(CUSTOMERS, "customers_customer"), (MESSAGES, "outbox_message")], indirect=["address"]
)
def test_what_takes_too_long_is_given_up_with_a_word(
    admin: Client, address: str, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SECONDS_TO_READ", 0.1)
    with occupied(table):
        response = admin.get(address)
    assert response.status_code == 200
    assert [str(message) for message in response.context["messages"]] == [
        "That takes too long to look up. Choose a shorter period, or search."
    ]
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.parametrize("extra", [0, 30])
def test_costs_the_same_however_many_rows(
    admin: Client, address: str, extra: int, django_assert_max_num_queries: object
) -> None:
    for number in range(extra):
        customer(f"More {number}", email=f"more{number}@example.com", tags=["a", "b"], sites=[{"name": "S"}])
    with django_assert_max_num_queries(9):  # type: ignore[operator]  # a fixture of pytest-django
        admin.get(address)


@pytest.mark.parametrize("rows", [1, 15])
def test_a_customers_page_costs_the_same_however_much_it_has(
    admin: Client, rows: int, django_assert_max_num_queries: object
) -> None:
    contacts = [{"email": f"c{number}@example.com"} for number in range(rows)]
    owner = customer(contacts=contacts, sites=[{"name": f"S{number}"} for number in range(rows)])
    with django_assert_max_num_queries(20):  # type: ignore[operator]  # a fixture of pytest-django
        admin.get(reverse("admin:customers_customer_change", args=[owner.pk]))
