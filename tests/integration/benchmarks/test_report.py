"""The table says how we compare, and hides neither a failure nor a doubt."""

import io

from rich.console import Console

from benchmarks.context import Measured
from benchmarks.report import Report, Result


def result(name: str, latency: float, *, per_second: float = 100, **more: float) -> Result:
    measured = Measured(messages=1000, seconds=1000 / per_second, cpu={"workers": 2.0, "redis": 0.5}, **more)
    return Result(name=name, group="Queues", latency=latency, measured=measured)


def rows(report: Report) -> dict[str, str]:
    console = Console(file=io.StringIO(), width=120)
    console.print(report.table())
    assert isinstance(console.file, io.StringIO)
    lines = (line.strip() for line in console.file.getvalue().splitlines())
    return {line.split("  ")[0]: " ".join(line.split()) for line in lines if line}


def report(*results: Result, left_out: tuple[str, ...] = ()) -> Report:
    return Report(ours="ours", results=results, left_out=left_out)


def test_a_row_shows_both_latencies_the_cpu_of_all_parts_and_how_we_compare() -> None:
    table = rows(
        report(
            result("ours", 0.0, per_second=18_000),
            result("ours", 0.1, per_second=1_200),
            result("theirs", 0.0, per_second=1_000),
            result("theirs", 0.1, per_second=800),
        )
    )
    assert table["theirs"] == "theirs 1,000 800 2.500 / 2.500 18× / 1.5×"


def test_without_our_own_figure_nothing_is_compared() -> None:
    assert rows(report(result("theirs", 0.0)))["theirs"] == "theirs 100 2.500"


def test_a_run_that_failed_has_no_figure_and_a_line_that_says_why() -> None:
    failed = Result(name="theirs", group="Queues", latency=0.1, measured=None, problem="a worker died")
    shown = report(result("theirs", 0.0), failed)
    assert rows(shown)["theirs"] == "theirs 100 2.500"
    assert shown.notes() == ["theirs at 100 ms was not measured: a worker died"]


def test_what_was_left_out_is_said() -> None:
    assert report(left_out=("celery is left out",)).notes() == ["celery is left out"]


def test_a_figure_from_a_busy_machine_or_a_busy_sink_is_doubted() -> None:
    doubted = report(result("theirs", 0.0, per_second=1000, other_cores=0.6, sink_cpu=0.9), result("theirs", 0.1))
    assert doubted.notes() == [
        "theirs at 0 ms: other processes took 0.6 cores meanwhile",
        "theirs at 0 ms: the sink was busy 90% of the time",
    ]
