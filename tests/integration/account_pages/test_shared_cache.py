"""The cache in which attempts are counted: shared by all processes, exact when two write at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils.timezone import now

from omnicrm.accounts.pages.shared_cache import tidy


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shared_cache")
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("db")
class TestEntries:
    def test_keep_what_was_set_last(self) -> None:
        cache.set("a", [1.5, "é"])
        cache.set("a", {"b": None})
        assert cache.get("a") == {"b": None}

    def test_are_added_once(self) -> None:
        assert cache.add("a", 1)
        assert not cache.add("a", 2)
        assert cache.get("a") == 1

    def test_are_added_again_once_expired(self) -> None:
        cache.set("a", 1, timeout=-1)
        assert cache.add("a", 2)
        assert cache.get("a") == 2

    def test_last_longer_when_touched(self) -> None:
        cache.set("a", 1, timeout=1)
        assert cache.touch("a", 60)
        assert not cache.touch("b", 60)

    def test_may_last_for_ever(self) -> None:
        cache.set("a", 1, timeout=None)
        tidy(now=now() + timedelta(days=10_000))
        assert cache.get("a") == 1

    def test_go_when_deleted(self) -> None:
        cache.set("a", 1)
        assert cache.delete("a")
        assert not cache.delete("a")

    def test_are_tidied_away_when_expired(self) -> None:
        cache.set("a", 1, timeout=60)
        cache.set("b", 1, timeout=3600)
        assert tidy(now=now() + timedelta(minutes=2)) == 1
        assert rows() == 1

    def test_each_cost_one_statement(self, django_assert_num_queries: object) -> None:
        with django_assert_num_queries(3):  # type: ignore[operator]  # pytest-django's fixture carries no public type
            cache.set("a", 1)
            cache.add("a", 1)
            cache.get("a")


@pytest.mark.django_db(transaction=True)
def test_of_many_that_add_at_once_one_wins() -> None:
    def add(number: int) -> bool:
        try:
            return cache.add("a", number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(add, range(24))) == 1
