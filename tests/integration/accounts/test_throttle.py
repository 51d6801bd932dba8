"""Limits hold over all processes, also for tries at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from omnicrm.accounts.errors import TooOften
from omnicrm.accounts.models import Throttle
from omnicrm.accounts.throttle import Limit, drop_ended
from tests.integration.accounts.conftest import NOW

THREE = Limit(name="test", tries=3, per=timedelta(minutes=10))


def is_free(subject: str, *, after: timedelta = timedelta(0), limit: Limit = THREE) -> bool:
    try:
        limit.take(subject, now=NOW + after)
    except TooOften:
        return False
    return True


@pytest.mark.django_db
def test_one_too_many_is_refused_until_the_window_ends() -> None:
    assert [is_free("a") for _ in range(4)] == [True, True, True, False]
    assert not is_free("a", after=timedelta(minutes=10) - timedelta(seconds=1))
    assert is_free("a", after=timedelta(minutes=10))


@pytest.mark.django_db
def test_refused_tries_do_not_make_the_window_longer() -> None:
    for minute in range(10):
        is_free("a", after=timedelta(minutes=minute))
    assert is_free("a", after=timedelta(minutes=10))


@pytest.mark.django_db
def test_subjects_and_limits_are_counted_apart_and_case_is_not() -> None:
    other = Limit(name="other", tries=3, per=timedelta(minutes=10))
    assert [is_free("a") for _ in range(4)][-1] is False
    assert is_free("b")
    assert is_free("a", limit=other)
    assert not is_free("A")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("left", "words"), [(1, "1 second"), (59, "59 seconds"), (61, "2 minutes"), (600, "10 minutes")]
)
def test_the_refusal_says_how_long_to_wait(left: int, words: str) -> None:
    for _ in range(3):
        THREE.take("a", now=NOW)
    with pytest.raises(TooOften, match=f"in {words}"):
        THREE.take("a", now=NOW + timedelta(minutes=10) - timedelta(seconds=left))


@pytest.mark.django_db
def test_no_address_is_kept() -> None:
    THREE.take("helene@example.com", now=NOW)
    assert "helene" not in str(Throttle.objects.values().get())


@pytest.mark.django_db
def test_what_no_longer_counts_is_deleted() -> None:
    THREE.take("a", now=NOW)
    THREE.take("b", now=NOW + timedelta(minutes=1))
    assert drop_ended(now=NOW + timedelta(minutes=10)) == 1
    assert Throttle.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_tries_at_once_no_more_get_through() -> None:
    def attempt(_number: int) -> bool:
        try:
            return is_free("a")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(24))) == 3
