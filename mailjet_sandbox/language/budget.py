"""How much work one rendering may cost: a hostile template must end soon, whatever it loops over."""

from typing import Final

from mailjet_sandbox.language.errors import BudgetError

STEPS: Final = 500_000
"""Nodes rendered and operands computed; an invoice of a thousand lines needs some twenty thousand."""
OUTPUT: Final = 10_000_000
"""Characters written."""
CHARACTERS_PER_STEP: Final = 64
"""Work on long text counts by its length."""


class Budget:
    def __init__(self) -> None:
        self._steps = STEPS
        self._output = OUTPUT

    def spend(self, *, at: int, characters: int = 0) -> None:
        """One step, and more for long text. `at` is where the template stands, for the error."""
        self._steps -= 1 + characters // CHARACTERS_PER_STEP
        if self._steps < 0:
            raise BudgetError(f"Template needs more than {STEPS} steps", start=at, end=at, shows_source=False)

    def write(self, *, at: int, characters: int) -> None:
        self._output -= characters
        if self._output < 0:
            raise BudgetError(f"Output is longer than {OUTPUT} characters", start=at, end=at, shows_source=False)
