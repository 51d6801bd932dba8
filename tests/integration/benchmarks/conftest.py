import os
from collections.abc import Callable, Iterator

import pytest

from benchmarks.context import Context
from benchmarks.services import Service, running_sink


@pytest.fixture
def sink() -> Iterator[Service]:
    with running_sink(0) as service:
        yield service


@pytest.fixture
def slow_sink() -> Iterator[Service]:
    with running_sink(0.1) as service:
        yield service


@pytest.fixture
def context_for() -> Callable[[Service], Context]:
    """A context for senders that need no queue: our own process stands for PostgreSQL's."""

    def build(sink: Service) -> Context:
        return Context(
            sink_url=sink.url,
            sink_pid=sink.pid,
            dsn="",
            postmaster_pid=os.getpid(),
            redis_url="",
            redis_pid=None,
            latency=0.0,
            seconds=1,
        )

    return build
