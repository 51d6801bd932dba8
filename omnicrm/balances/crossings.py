"""When a balance is told to be low: the one rule, as a fold over the balance's events in their order.

A step is *told* at the first event below its threshold, and then not again until the balance has risen: by more than
the margin above the lowest it was since. Then the step is *armed* once more; the very event that armed it does not
tell.

Why the order of arrival does not matter. Whether an event lies below the threshold, and whether one event has risen
above another by the margin, depends on these events alone. The fold picks the longest possible chain "below, risen,
below, risen, ..." because it always takes the earliest next link. A chain in some of the events is a chain in all of
them, so an event more, wherever it belongs, can lengthen the longest chain but never shorten it. Hence the *number* of
times a step was told only grows as late events come in, and ends at what the ordered run has: an alert is known by
(balance, step, ordinal), and whoever sees the number grow tells exactly the ordinals that are new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from omnicrm.balances.thresholds import Step

UNLIMITED: Final = None
"""The value of a balance without end."""


class Told(NamedTuple):
    """How often a step was told, and the lowest value since; no `low` when it is armed."""

    times: int
    low: Decimal | None


State = Mapping[str, Told]
"""By the step's key. A key that is missing was never told."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one event says, in the unit we keep. `threshold` is the charging system's own."""

    value: Decimal | None
    initial_value: Decimal
    threshold: Decimal | None = None


class Crossed(NamedTuple):
    """The balance fell below a step for the `ordinal`th time."""

    step: Step
    ordinal: int
    threshold: Decimal


NOTHING: Final[State] = {}
_NEVER: Final = Told(0, None)


def advance(
    state: State, reading: Reading, steps: Sequence[Step], *, margin_percent: Decimal
) -> tuple[State, list[Crossed]]:
    """The state after one more event, and the steps it crossed. Steps that are no longer asked for keep theirs."""
    margin = reading.initial_value * margin_percent / 100
    after: dict[str, Told] | None = None
    crossed: list[Crossed] = []
    for step in steps:
        times, low = before = state.get(step.key, _NEVER)
        threshold = step.threshold(reading.initial_value, reading.threshold)
        if low is not None:
            has_risen = reading.value is UNLIMITED or reading.value > low + margin
            now = Told(times, None if has_risen else min(low, reading.value))  # type: ignore[type-var]  # risen if None
        elif reading.value is not UNLIMITED and threshold is not None and reading.value < threshold:
            now = Told(times + 1, reading.value)
            crossed.append(Crossed(step, times + 1, threshold))
        else:
            continue
        if now != before:
            after = after if after is not None else dict(state)
            after[step.key] = now
    return (state if after is None else after), crossed


def to_json(state: State) -> dict[str, list[object]]:
    return {key: [told.times, None if told.low is None else str(told.low)] for key, told in state.items()}


def from_json(stored: Mapping[str, Sequence[object]]) -> State:
    return {
        key: Told(int(str(times)), None if low is None else Decimal(str(low))) for key, (times, low) in stored.items()
    }
