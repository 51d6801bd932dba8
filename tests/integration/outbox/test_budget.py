"""The budget: never more calls than allowed in any window, over all processes, and no burst that uses it up."""

import asyncio
import time
from datetime import timedelta
from itertools import chain, pairwise

import pytest
from psycopg_pool import AsyncConnectionPool

from omnicrm.mailjet.errors import RateLimited
from omnicrm.outbox.budget import Budget, Grant, Wait
from omnicrm.outbox.models import Call, Pause
from omnicrm.outbox.runtime import conninfo

pytestmark = pytest.mark.django_db(transaction=True)


def open_pool() -> AsyncConnectionPool:
    return AsyncConnectionPool(conninfo(), min_size=1, max_size=2, open=False, kwargs={"autocommit": True})


async def make_calls(budget: Budget, count: int, *, each_lasts: float = 0) -> list[float]:
    """Makes calls as soon as the budget allows; returns the moments at which they ended."""
    ends: list[float] = []
    while len(ends) < count:
        grant = await budget.wait(asyncio.Event())
        assert grant is not None
        await asyncio.sleep(each_lasts)
        ends.append(time.monotonic())
        await budget.finish(grant)
    return ends


def test_no_window_ever_holds_more_calls_than_the_limit() -> None:
    async def run() -> list[float]:
        async with open_pool() as one, open_pool() as two:
            budgets = (Budget(one, calls=8, window=0.8), Budget(two, calls=8, window=0.8))
            ends = await asyncio.gather(*(make_calls(budget, 10, each_lasts=0.05) for budget in budgets))
            return sorted(chain.from_iterable(ends))

    ends = asyncio.run(run())
    assert all(later - earlier >= 0.8 for earlier, later in zip(ends, ends[8:], strict=False))


def test_calls_keep_a_distance_so_that_a_place_is_never_far() -> None:
    async def run() -> None:
        async with open_pool() as pool:
            await make_calls(Budget(pool, calls=10, window=1), 6)

    asyncio.run(run())
    granted = Call.objects.order_by("granted_at").values_list("granted_at", flat=True)
    assert len(granted) == 6
    assert all(later - earlier >= timedelta(seconds=0.1) for earlier, later in pairwise(granted))


def test_a_call_given_back_frees_its_place() -> None:
    async def run() -> None:
        async with open_pool() as pool:
            budget = Budget(pool, calls=1)
            first = await budget.ask()
            assert isinstance(first, Grant)
            assert isinstance(await budget.ask(), Wait)
            await budget.give_back(first)
            assert isinstance(await budget.ask(), Grant)

    asyncio.run(run())


def test_a_call_counts_for_a_window_after_its_end() -> None:
    async def run() -> Wait | Grant:
        async with open_pool() as pool:
            budget = Budget(pool, calls=1, window=60)
            grant = await budget.ask()
            assert isinstance(grant, Grant)
            await budget.finish(grant)
            return await budget.ask()

    answer = asyncio.run(run())
    assert isinstance(answer, Wait)
    assert 59 < answer.seconds <= 60


def test_the_budget_outlives_the_process() -> None:
    async def run() -> Wait | Grant:
        async with open_pool() as pool:
            await Budget(pool, calls=1).ask()
        async with open_pool() as pool:
            return await Budget(pool, calls=1).ask()

    assert isinstance(asyncio.run(run()), Wait)


def test_a_pause_holds_every_process_back() -> None:
    async def run() -> Wait | Grant:
        async with open_pool() as one, open_pool() as two:
            await Budget(one, calls=None).pause(RateLimited("too many requests", retry_after=30))
            return await Budget(two, calls=None).ask()

    answer = asyncio.run(run())
    assert isinstance(answer, Wait)
    assert (round(answer.seconds), answer.why) == (30, "too many requests")


def test_without_a_limit_calls_are_granted_in_numbers_and_not_counted() -> None:
    async def run() -> Wait | Grant:
        async with open_pool() as pool:
            return await Budget(pool, calls=None).ask(wanted=16)

    assert asyncio.run(run()) == Grant(calls=16)
    assert not Call.objects.exists()


async def end_pause(pool: AsyncConnectionPool) -> None:
    async with pool.connection() as connection:
        await connection.execute("UPDATE outbox_pause SET until = clock_timestamp()")


def failures_told(*, in_between: bool, over: bool) -> int:
    """Failures counted after two calls failed; `in_between` somebody asks for another, `over`: the pause had ended."""

    async def run() -> None:
        async with open_pool() as pool:
            budget = Budget(pool, calls=None)
            await budget.pause(RateLimited("too many requests"))
            if over:
                await end_pause(pool)
            if in_between:
                await budget.ask()
            await budget.pause(RateLimited("too many requests"))

    asyncio.run(run())
    return Pause.objects.get().failures


@pytest.mark.parametrize("in_between", [False, True])
def test_calls_that_were_under_way_when_the_pause_came_are_one_failure(*, in_between: bool) -> None:
    assert failures_told(in_between=in_between, over=False) == 1


@pytest.mark.parametrize("in_between", [False, True])
def test_a_failure_after_the_pause_is_one_more_in_a_row(*, in_between: bool) -> None:
    assert failures_told(in_between=in_between, over=True) == 2


def test_a_call_that_was_under_way_before_the_trouble_does_not_end_it() -> None:
    async def run() -> None:
        async with open_pool() as pool:
            budget = Budget(pool, calls=None)
            early = await budget.ask()
            assert isinstance(early, Grant)
            await budget.pause(RateLimited("too many requests"))
            await end_pause(pool)
            await budget.resume(early)
            probe = await budget.ask()
            assert probe == Grant(calls=1, is_probe=True)
            await budget.resume(probe)

    asyncio.run(run())
    assert not Pause.objects.exists()
