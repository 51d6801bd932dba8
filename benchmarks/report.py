"""The results as a table for people and as JSON for scripts."""

import os
import platform
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks.context import LATENCIES, Measured

DISTURBED_CORES = 0.25
SINK_CORES = 0.7
WHOLE_RATIO = 10


class Result(BaseModel):
    """One run: `measured`, or the `problem` that kept it from being measured. `latency` is in seconds."""

    model_config = ConfigDict(frozen=True)

    name: str
    group: str
    latency: float
    measured: Measured | None
    problem: str = ""


class Report(BaseModel):
    """`ours` is the name of the rows that the others are compared with."""

    model_config = ConfigDict(frozen=True)

    ours: str
    results: tuple[Result, ...]
    left_out: tuple[str, ...]
    cores: int = os.cpu_count() or 1
    machine: str = platform.platform()
    python: str = platform.python_version()

    def table(self) -> Table:
        title = f"Messages per second on {self.cores} cores, at each latency of the sink"
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
        table.add_column("")
        for latency in LATENCIES:
            table.add_column(_ms(latency), justify="right")
        for heading in ("CPU ms/message", "sink's cores", f"{self.ours} does"):
            table.add_column(heading, justify="right")
        for group in dict.fromkeys(result.group for result in self.results):
            table.add_row(f"[bold]{group}")
            for name in dict.fromkeys(result.name for result in self.results if result.group == group):
                table.add_row(f"  {name}", *self._cells(name))
        return table

    def notes(self) -> Sequence[str]:
        """One line for each run that failed, was left out, or deserves less trust."""
        failed = [
            f"{result.name} at {_ms(result.latency)} was not measured: {result.problem}"
            for result in self.results
            if result.measured is None
        ]
        return [*failed, *self.left_out, *self._doubts()]

    def _cells(self, name: str) -> list[str]:
        measured = [self._measured(name, latency) for latency in LATENCIES]
        return [
            *(f"{one.per_second:,.0f}" if one else "" for one in measured),
            " / ".join(f"{one.cpu_ms_per_message:.3f}" for one in measured if one),
            " / ".join(f"{one.sink_cores:.2f}" for one in measured if one and one.sink_cpu),
            " / ".join(filter(None, (self._ratio(name, latency) for latency in LATENCIES))),
        ]

    def _ratio(self, name: str, latency: float) -> str:
        ours, theirs = self._measured(self.ours, latency), self._measured(name, latency)
        if name == self.ours or ours is None or theirs is None:
            return ""
        ratio = ours.per_second / theirs.per_second
        return f"{ratio:,.0f}×" if ratio >= WHOLE_RATIO else f"{ratio:.1f}×"

    def _measured(self, name: str, latency: float) -> Measured | None:
        found = (one.measured for one in self.results if (one.name, one.latency) == (name, latency))
        return next(found, None)

    def _doubts(self) -> list[str]:
        doubts = []
        for result in self.results:
            where = f"{result.name} at {_ms(result.latency)}"
            if result.measured and result.measured.other_cores > DISTURBED_CORES:
                doubts.append(f"{where}: other processes took {result.measured.other_cores:.1f} cores meanwhile")
            if result.measured and result.measured.sink_cores > SINK_CORES:
                doubts.append(f"{where}: the sink was busy {result.measured.sink_cores:.0%} of the time")
        return doubts


def _ms(latency: float) -> str:
    return f"{latency * 1000:.0f} ms"
