"""Measures our outbox, its peers and the floor: `python -m benchmarks.run [--quick] [--only NAME …] [--json FILE]`."""

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from benchmarks.context import Context, NotMeasured, Runner
from benchmarks.report import Report, Result
from benchmarks.runners import OURS, RUNNERS
from benchmarks.services import Service, new_database, running_redis, running_sink

SECONDS, QUICK_SECONDS = 8.0, 1.5
TABLE_WIDTH = 100
"""Where the output is no terminal."""
DIRECTORY = Path("var", "benchmark").resolve()


def main() -> None:
    options = _options()
    runners = _chosen(options.only)
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    with running_redis(DIRECTORY) as redis:
        left_out = {runner.name: why for runner in runners if (why := _why_not(runner, redis))}
        results = [
            _result(runner, latency, redis=redis, seconds=QUICK_SECONDS if options.quick else SECONDS, console=console)
            for runner in runners
            if runner.name not in left_out
            for latency in runner.latencies
        ]
    report = Report(ours=OURS.name, results=tuple(results), left_out=tuple(left_out.values()))
    if options.json:
        options.json.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
    if results:
        Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(report.table())
    for note in report.notes():
        console.print(note, style="yellow", markup=False)
    sys.exit(any(result.measured is None for result in results))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short runs: about two minutes, less exact")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[], help="rows whose name contains one of these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured to FILE too")
    return parser.parse_args()


def _chosen(only: Sequence[str]) -> list[Runner]:
    """Without names: everything. A name that fits nothing is an error."""
    for name in only:
        if not any(name.lower() in runner.name.lower() for runner in RUNNERS):
            sys.exit(f"--only {name}: no such row; there are: {'; '.join(runner.name for runner in RUNNERS)}")
    return [runner for runner in RUNNERS if not only or any(name.lower() in runner.name.lower() for name in only)]


def _why_not(runner: Runner, redis: Service | None) -> str:
    missing = [package for package in runner.packages if find_spec(package) is None]
    if missing:
        return f"{runner.name} is left out: install requirements-bench.lock for {', '.join(missing)}"
    if runner.needs_redis and redis is None:
        return f"{runner.name} is left out: there is no redis-server on the PATH"
    return ""


def _result(runner: Runner, latency: float, *, redis: Service | None, seconds: float, console: Console) -> Result:
    known = {"name": runner.name, "group": runner.group, "latency": latency}
    with (
        console.status(f"{runner.name}, {latency * 1000:.0f} ms"),
        running_sink(latency) as sink,
        new_database(DIRECTORY / "postgresql") as database,
    ):
        context = Context(
            sink_url=sink.url,
            sink_pid=sink.pid,
            dsn=database.url,
            postmaster_pid=database.pid,
            redis_url=redis.url if redis else "",
            redis_pid=redis.pid if redis else None,
            latency=latency,
            seconds=seconds,
        )
        try:
            measured = runner.run(context)
        except NotMeasured as error:
            return Result(**known, measured=None, problem=str(error))
    console.print(
        f"{runner.name}, {latency * 1000:.0f} ms: {measured.messages:,} messages in {measured.seconds:.1f} s",
        style="dim",
    )
    return Result(**known, measured=measured)


if __name__ == "__main__":
    main()
