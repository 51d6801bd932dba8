"""What a run is given, what it hands back, and what a runner is."""

import os
from collections.abc import Mapping
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict

LATENCIES = (0.0, 0.1)
"""Seconds from a request's last byte to its answer: as near as it gets, and as far as an API over the Internet."""
_VARIABLE = "BENCHMARK_CONTEXT"


class Context(BaseModel):
    """Everything one run needs, ready and empty: a sink that has counted nothing, a new database, a flushed Redis.

    `latency` is the sink's, in seconds; `seconds` is how long the run should last; `redis_url` is empty where there is
    none. Child processes get it all through the environment.
    """

    model_config = ConfigDict(frozen=True)

    sink_url: str
    sink_pid: int
    dsn: str
    postmaster_pid: int
    redis_url: str
    redis_pid: int | None
    latency: float
    seconds: float

    def environment(self) -> dict[str, str]:
        return os.environ | {_VARIABLE: self.model_dump_json()}

    @classmethod
    def from_environment(cls) -> Self:
        return cls.model_validate_json(os.environ[_VARIABLE])

    def count(self, per_second: Mapping[float, int]) -> int:
        """How many messages to send so that a run lasts about `seconds`, if it does `per_second` at its latency."""
        return max(50, round(per_second[self.latency] * self.seconds / 50) * 50)


class NotMeasured(Exception):
    """The run proved nothing: a worker died, it took for ever, or the sink counted something else than was sent."""


class Measured(BaseModel):
    """`messages` in `seconds` of wall time.

    `cpu` is the CPU time, in seconds by part, of everything that a user of it would run too: its workers and its
    servers, not the sink. `other_cores` is what processes that have nothing to do with it used meanwhile.
    """

    model_config = ConfigDict(frozen=True)

    messages: int
    seconds: float
    cpu: dict[str, float]
    sink_cpu: float = 0.0
    other_cores: float = 0.0
    note: str = ""

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_ms_per_message(self) -> float:
        return 1000 * sum(self.cpu.values()) / self.messages

    @property
    def sink_cores(self) -> float:
        return self.sink_cpu / self.seconds


class Runner(Protocol):
    """One row of the table, under the heading `group`.

    It is left out where `packages` cannot all be imported, or where it `needs_redis` and there is none.
    """

    @property
    def name(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def packages(self) -> tuple[str, ...]: ...
    @property
    def latencies(self) -> tuple[float, ...]: ...
    @property
    def needs_redis(self) -> bool: ...

    def run(self, context: Context) -> Measured:
        """Raises NotMeasured."""
