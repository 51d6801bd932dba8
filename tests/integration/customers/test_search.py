"""Finding customers."""

import pytest
from django.db import connection

from omnicrm.customers.models import Customer
from omnicrm.customers.operations import create_customer
from omnicrm.customers.queries import find_customers
from tests.integration.customers.conftest import NOW


@pytest.fixture
def durand(db: None) -> Customer:
    return create_customer(
        customer_name="Durand & Fils",
        customer_account_type="Business",
        language="en",
        tags=["vip", "fibre pro"],
        contacts=[{"email": "paul.durand@telco-example.com", "phone": "+33 (0)1.99-00 12"}],
        now=NOW,
    )


@pytest.mark.parametrize(
    "search",
    ["durand", "DUR", "fils dur", "paul", "telco", "telco-example.com", "paul.durand@telco-example.com", "+33", "99"],
)
def test_a_customer_is_found_by_beginnings_of_its_words(durand: Customer, search: str) -> None:
    assert durand in find_customers(search=search)


def test_a_customer_is_not_found_by_what_is_inside_of_words(martin: Customer) -> None:
    assert not find_customers(search="artin").exists()


def test_all_words_must_be_found(martin: Customer, durand: Customer) -> None:
    assert not find_customers(search="durand martin").exists()


def test_a_number_is_an_id_as_well(martin: Customer, durand: Customer) -> None:
    assert durand in find_customers(search=f" {durand.pk} ")


@pytest.mark.parametrize("hostile", ["'", "' & !x | <-> :*", "\\", "%", "&", "()", "9" * 200, "٣", "_", "a'b\\c:*"])
def test_no_search_text_breaks_the_search(martin: Customer, hostile: str) -> None:
    assert martin not in find_customers(search=hostile)


def test_filters_narrow_down_together(martin: Customer, durand: Customer) -> None:
    assert list(find_customers(tag="fibre pro")) == [durand]
    assert list(find_customers(tag="fibre")) == []
    assert list(find_customers(account_type="Individual")) == [martin]
    assert list(find_customers(language="en", tag="vip", search="durand")) == [durand]
    assert list(find_customers(language="fr", tag="vip")) == []


def test_the_newest_come_first(martin: Customer, durand: Customer) -> None:
    assert list(find_customers()) == [durand, martin]


@pytest.mark.django_db
def test_search_uses_its_indexes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = find_customers(search="durand").explain()
    assert "customer_words" in plan
    assert "contact_words" in plan
