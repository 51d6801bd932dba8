"""The process that draws invoices: `python -m omnicrm.invoices.renderer FD`, started by `rendering`.

It has no environment, no database and no way to write a file, and ends with the process that started it. Each job is
limited in processor time and memory, and what goes wrong with it is its answer.
"""

import os
import re
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import FrameType
from typing import Final

import orjson

from omnicrm.invoices.drawing import BASE, draw
from omnicrm.invoices.fonts import use_fonts, without_glyph
from omnicrm.invoices.jobs import Job, Limits
from omnicrm.invoices.template_files import InvalidTemplate, Template
from omnicrm.invoices.templating import write_html

_SHOWN: Final = 200
_QUOTED: Final = re.compile("'(.*?)'")
_MOST_WARNED: Final = 64 * 1024
_AGAIN_SECONDS: Final = 1
"""In case the first alarm was lost in code that swallows exceptions."""


class _TooSlow(Exception):
    """The template's time is over."""


def main() -> None:
    connection = Connection(int(sys.argv[1]))
    limits, folders = connection.recv()
    try:
        drawable, fault = use_fonts(folders), None
    except InvalidTemplate as error:
        drawable, fault = frozenset(), error
    warnings = _lock_in(limits)
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        said, pdf = _refusal(fault) if fault else _answer(job, limits=limits, drawable=drawable)
        if (warning := _latest(warnings)) and pdf:
            said, pdf = _refusal(_complaint(warning, job.template))
        connection.send_bytes(orjson.dumps(said) + b"\n" + pdf)


def _lock_in(limits: Limits) -> int:
    """Takes away what drawing does not need; returns where the engine's warnings can be read."""
    memory = limits.memory_mb * 2**20
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    warnings, written = os.pipe2(os.O_NONBLOCK)  # full, it loses what comes, and blocks nobody
    os.dup2(written, sys.stderr.fileno())
    return warnings


def _latest(warnings: int) -> str:
    try:
        lines = os.read(warnings, _MOST_WARNED).decode(errors="replace").splitlines()
    except BlockingIOError:
        return ""
    return next((line.removeprefix("WARNING: ") for line in lines if line.startswith("WARNING: ")), "")


def _complaint(warning: str, template: Template) -> InvalidTemplate:
    warning = warning.replace(BASE, "")
    name = _QUOTED.search(warning)
    return InvalidTemplate(f"{template.place_of(name[1]) if name else template.path}: {warning:.{_SHOWN}}")


def _answer(job: Job, *, limits: Limits, drawable: frozenset[int]) -> tuple[dict[str, object], bytes]:
    try:
        _allow(limits.seconds)
        with _alarm(limits.template_seconds):
            html = write_html(job.document, template=job.template)
        pdf = draw(html, document=job.document, template=job.template)
        return {"without_glyph": without_glyph(html, drawable)}, pdf
    except _TooSlow as error:  # where the template's own code did not meet it
        return _refusal(InvalidTemplate(f"{job.template.path}: {error}"))
    except Exception as error:  # whatever it is, the next invoice can be drawn
        return _refusal(error)


def _refusal(error: Exception) -> tuple[dict[str, object], bytes]:
    is_template = isinstance(error, InvalidTemplate)
    return {
        "problem": str(error) if is_template else f"{type(error).__name__}: {error}",
        "is_template": is_template,
    }, b""


def _allow(seconds: int) -> None:
    """The kernel ends this process when it has worked so much longer."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, most))


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raises in the midst of whatever Python the template is running, so that the line is known."""

    def ring(_: int, __: FrameType | None) -> None:
        raise _TooSlow(f"this takes more than {seconds:g} s; look for a loop without an end")

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    main()
