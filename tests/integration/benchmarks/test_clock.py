"""No figure without proof: a run counts only if every message arrived once and was recorded."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from benchmarks.clock import POLL_SECONDS
from benchmarks.context import Context, NotMeasured
from benchmarks.peer import Command, run
from benchmarks.services import Service

SENDER = """
import sys, time
from http.client import HTTPConnection
from urllib.parse import urlsplit
from benchmarks import emails
from benchmarks.clock import POLL_SECONDS
from benchmarks.context import Context
from benchmarks.peer import wait_to_be_measured

connection = HTTPConnection(urlsplit(Context.from_environment().sink_url).netloc)
for numbers in emails.batches(int(sys.argv[1])):
    connection.request("POST", "/v3.1/send", body=emails.body(numbers))
    connection.getresponse().read()
if "fail" in sys.argv:
    sys.exit("out of stamps")
wait_to_be_measured()
"""


@dataclass
class Sender:
    """Sends `more` messages than it is asked to; `recorded` answers `remaining`, one after the other."""

    more: int = 0
    arguments: Sequence[str] = ()
    recorded: list[int] = field(default_factory=lambda: [0])
    per_second: Mapping[float, int] = field(default_factory=lambda: {0.0: 500})

    def prepare(self, _context: Context, count: int) -> Sequence[Command]:
        return [[sys.executable, "-c", SENDER, str(count + self.more), *self.arguments]]

    def remaining(self, _context: Context) -> int:
        return self.recorded.pop(0) if len(self.recorded) > 1 else self.recorded[0]


ContextFor = Callable[[Service], Context]


def test_a_run_counts_its_messages_its_time_and_its_cpu(sink: Service, context_for: ContextFor) -> None:
    measured = run(Sender(), context_for(sink))
    assert measured.messages == 500
    assert 0 < measured.seconds < 10
    assert set(measured.cpu) == {"workers", "postgresql"}
    assert measured.per_second == 500 / measured.seconds


def test_the_clock_runs_until_everything_is_recorded(sink: Service, context_for: ContextFor) -> None:
    polls_before_the_last = 50
    measured = run(Sender(recorded=[1] * polls_before_the_last + [0]), context_for(sink))
    assert measured.seconds > polls_before_the_last * POLL_SECONDS


def test_a_message_sent_twice_is_no_figure(sink: Service, context_for: ContextFor) -> None:
    with pytest.raises(NotMeasured, match="500 messages were queued, the sink counted 550"):
        run(Sender(more=50, recorded=[1] * 20 + [0]), context_for(sink))


def test_a_worker_that_dies_is_told_with_its_last_words(sink: Service, context_for: ContextFor) -> None:
    with pytest.raises(NotMeasured, match=r"a worker ended with status 1(.|\n)*out of stamps"):
        run(Sender(more=-50, arguments=["fail"]), context_for(sink))
