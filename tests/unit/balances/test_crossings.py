"""The rule of crossings: counted over the events in their order, it cannot be led astray by the order of arrival."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnicrm.balances.crossings import NOTHING, Reading, State, Told, advance, from_json, to_json
from omnicrm.balances.thresholds import step

MARGIN = Decimal(5)
STEPS = [step("50%"), step("20%"), step("3")]
VALUES = st.one_of(st.none(), st.integers(-2, 110).map(Decimal))
INITIAL_VALUES = st.sampled_from([Decimal(100), Decimal(40), Decimal(0)])
WALK = st.lists(st.builds(Reading, VALUES, INITIAL_VALUES), max_size=25)


def told(readings: Sequence[Reading]) -> State:
    state: State = NOTHING
    for reading in readings:
        state, _crossed = advance(state, reading, STEPS, margin_percent=MARGIN)
    return state


def times(readings: Sequence[Reading]) -> dict[str, int]:
    state = told(readings)
    return {each.key: state.get(each.key, Told(0, None)).times for each in STEPS}


@given(WALK, st.data())
def test_an_event_more_never_makes_fewer_crossings(walk: list[Reading], data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(walk), max_size=len(walk)))
    some = times([reading for reading, is_kept in zip(walk, kept, strict=True) if is_kept])
    every = times(walk)
    assert all(some[key] <= every[key] for key in every)


@given(WALK)
def test_the_ordinals_of_a_walk_count_up_without_a_gap(walk: list[Reading]) -> None:
    seen: dict[str, list[int]] = {each.key: [] for each in STEPS}
    state: State = NOTHING
    for reading in walk:
        state, crossed = advance(state, reading, STEPS, margin_percent=MARGIN)
        for each in crossed:
            seen[each.step.key].append(each.ordinal)
    assert {key: list(range(1, count + 1)) for key, count in times(walk).items()} == seen


@given(WALK)
def test_the_state_survives_storage(walk: list[Reading]) -> None:
    state = told(walk)
    stored = {key: (times_, None if low is None else str(low)) for key, (times_, low) in state.items()}
    assert from_json(to_json(state)) == state == from_json(stored)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([100, 19], 1),
        ([100, 20], 0),
        ([19, 24], 1),
        ([19, 24, 19], 1),
        ([19, 24.5, 19], 2),
        ([19, 100, 19], 2),
        ([2, 8, 7], 2),
        ([2, 8], 1),
        ([-3, 100, -3], 2),
    ],
    ids=str,
)
def test_a_walk_crosses_twenty_percent_so_often(values: list[float], expected: int) -> None:
    assert times([Reading(Decimal(str(value)), Decimal(100)) for value in values])["20%"] == expected
