"""Invoices as PDF: how many per second one core draws, beside WeasyPrint, and the memory of a long run.

`python -m benchmarks.ours.invoices [--quick]`; `make bench` runs it. WeasyPrint gets the finished HTML of the same
invoice, and its fonts stay loaded; ours has to fill the template in as well. Of both the best round counts: the one
that other processes disturbed least.
"""

import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import psutil

from omnicrm.invoices.document import InvoiceDocument
from omnicrm.invoices.rendering import Renderers
from omnicrm.invoices.samples import sample_document
from omnicrm.invoices.template_files import PACKAGED, Template
from omnicrm.invoices.templating import write_html

TEMPLATE = Template(folders=(PACKAGED,), name="invoice.html")
LINES = 20
WARM_UP, ROUND = 200, 100
ROUNDS, QUICK_ROUNDS, PEER_ROUNDS = 20, 5, 20
LEAST_PER_SECOND, LEAST_RATIO, MOST_GROWTH = 150, 25, 1.10


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """`milliseconds` are of processor time for one invoice, of the drawing process and of ours; memory is in MiB."""

    count: int
    milliseconds: float
    memory_before: float
    memory_after: float


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short run, less exact")
    drawn = draw(rounds=QUICK_ROUNDS if parser.parse_args().quick else ROUNDS)
    per_second, growth = 1000 / drawn.milliseconds, drawn.memory_after / drawn.memory_before
    print(f"invoice of {LINES} lines: {per_second:,.0f} PDFs/s per core ", end="")
    print(f"({drawn.milliseconds:.1f} ms each; at least {LEAST_PER_SECOND}/s)")
    print(f"memory: {drawn.memory_before:.0f} MiB after {WARM_UP}, {drawn.memory_after:.0f} MiB after ", end="")
    print(f"{WARM_UP + drawn.count:,} invoices (ratio {growth:.2f}, at most {MOST_GROWTH:.2f})")
    if find_spec("weasyprint") is None:
        sys.exit("WeasyPrint is left out: install requirements-bench.lock")
    milliseconds = peer_milliseconds()
    print(f"WeasyPrint: {milliseconds:.0f} ms each: {milliseconds / drawn.milliseconds:.0f} times ours ", end="")
    print(f"(at least {LEAST_RATIO})")


def draw(*, rounds: int) -> Drawn:
    """Draws different invoices in one process, after the first few have loaded what stays loaded."""
    with Renderers(processes=1) as renderers:
        drain(renderers.render_many(documents(WARM_UP), template=TEMPLATE))
        (child,) = psutil.Process().children()
        before = child.memory_info().rss
        fastest = min(one_round(renderers, child) for _ in range(rounds))
        return Drawn(
            count=rounds * ROUND,
            milliseconds=fastest / ROUND * 1000,
            memory_before=before / 2**20,
            memory_after=child.memory_info().rss / 2**20,
        )


def one_round(renderers: Renderers, child: psutil.Process) -> float:
    used = processor_time(child)
    drain(renderers.render_many(documents(ROUND), template=TEMPLATE))
    return processor_time(child) - used


def documents(count: int) -> Iterator[InvoiceDocument]:
    sample = sample_document("fr", lines=LINES)
    return (replace(sample, invoice_number=f"INV-2026-{number:06}") for number in range(count))


def drain(drawn: Iterator[bytes | Exception]) -> None:
    for pdf in drawn:
        assert isinstance(pdf, bytes), pdf


def processor_time(child: psutil.Process) -> float:
    times = child.cpu_times()
    return time.process_time() + times.user + times.system


def peer_milliseconds() -> float:
    """Of processor time, per invoice."""
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(write_html(next(documents(1)), template=TEMPLATE))
        file.flush()
        command = [sys.executable, "-m", "benchmarks.peers.weasyprint_invoice", file.name, str(PACKAGED)]
        run = subprocess.run([*command, str(PEER_ROUNDS)], check=True, stdout=subprocess.PIPE, cwd=Path.cwd())
    return float(run.stdout) * 1000


if __name__ == "__main__":
    main()
