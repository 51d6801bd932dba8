"""Invoices as PDF, drawn in processes of their own: one that hangs, crashes or takes all memory costs one invoice.

`render_invoice` draws one, `render_many` a run of any length on all processors, and `check_template` says what is wrong
with a template before any invoice is issued with it.
"""

import atexit
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from multiprocessing import Pipe
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Final, Self

import orjson
import structlog

from omnicrm.invoices.document import InvoiceDocument
from omnicrm.invoices.jobs import Job, Limits
from omnicrm.invoices.samples import LANGUAGES, sample_credit_note, sample_document, sample_draft
from omnicrm.invoices.template_choice import configured_template
from omnicrm.invoices.template_files import InvalidTemplate, RenderError, Template

_AHEAD: Final = 2
"""Invoices in work or waiting per process: enough that none waits for us, few enough that memory stays flat."""
_LARGEST_BYTES: Final = 256 * 1024 * 1024
_ENDS_WITHIN: Final = 10
"""Seconds for a process to end after its line was cut or it was killed."""

log = structlog.get_logger()


def render_invoice(document: InvoiceDocument, *, template: Template | None = None) -> bytes:
    """The PDF, by the configured template or another. The same document and files make the same bytes.

    Raises InvalidTemplate where the template is at fault, else RenderError.
    """
    return renderers().render(document, template=template or configured_template())


def render_many(
    documents: Iterable[InvoiceDocument], *, template: Template | None = None
) -> Iterator[bytes | RenderError]:
    """The PDFs in the order of the documents, which are taken only as fast as PDFs are; on all processors."""
    return renderers().render_many(documents, template=template or configured_template())


def check_template(template: Template | None = None) -> None:
    """Draws samples of all kinds in all languages. Raises InvalidTemplate at the first that cannot be drawn."""
    template = template or configured_template()
    samples = (
        sample(language) for language in LANGUAGES for sample in (sample_document, sample_credit_note, sample_draft)
    )
    for drawn in render_many(samples, template=template):
        if isinstance(drawn, InvalidTemplate):
            raise drawn
        if isinstance(drawn, RenderError):
            raise InvalidTemplate(f"{template.path}: {drawn}")


@cache
def renderers() -> "Renderers":
    """Those of this process, for as long as it lives."""
    shared = Renderers()
    atexit.register(shared.close)
    return shared


class Renderers:
    """Processes that draw invoices, started when they are needed. Any thread may use them."""

    def __init__(self, *, processes: int | None = None, limits: Limits | None = None) -> None:
        self.processes = processes or os.cpu_count() or 1
        self._limits = limits or Limits()
        self._places = BoundedSemaphore(self.processes)
        self._lock = Lock()
        self._idle: list[_Renderer] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def render(self, document: InvoiceDocument, *, template: Template) -> bytes:
        with self._places:
            renderer = self._take(template.folders)
            try:
                return renderer.render(Job(document=document, template=template))
            finally:
                self._give_back(renderer)

    def render_many(self, documents: Iterable[InvoiceDocument], *, template: Template) -> Iterator[bytes | RenderError]:
        """As the module's; the documents are taken in the thread of the caller."""
        waiting: deque[Future[bytes | RenderError]] = deque()
        threads = ThreadPoolExecutor(self.processes, thread_name_prefix="invoices")
        try:
            for document in documents:
                waiting.append(threads.submit(self._outcome, document, template))
                if len(waiting) >= self.processes * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            threads.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Ends the processes that have nothing to do."""
        while self._idle:
            self._idle.pop().close()

    def _outcome(self, document: InvoiceDocument, template: Template) -> bytes | RenderError:
        try:
            return self.render(document, template=template)
        except RenderError as error:
            return error

    def _take(self, folders: tuple[Path, ...]) -> "_Renderer":
        """One that fits, or a new one in place of those that do not."""
        with self._lock:
            while self._idle:
                renderer = self._idle.pop()
                if renderer.is_ready and renderer.folders == folders:
                    return renderer
                renderer.close()
        try:
            return _Renderer(folders, self._limits)
        except OSError as error:
            raise RenderError(f"no process can be started to draw it: {error.strerror}") from None

    def _give_back(self, renderer: "_Renderer") -> None:
        if not renderer.is_ready:
            renderer.close()
            return
        with self._lock:
            self._idle.append(renderer)


class _Renderer:
    """One process and the line to it, for one thread at a time."""

    def __init__(self, folders: tuple[Path, ...], limits: Limits) -> None:
        self.folders = folders
        self._limits = limits
        self._owes_answer = False
        self._line, theirs = Pipe()
        with theirs:
            self._line.send((limits, folders))
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-P", "-m", "omnicrm.invoices.renderer", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
            )

    @property
    def is_ready(self) -> bool:
        """False after an answer was not waited for: the next to ask would get the invoice of somebody else."""
        return not self._owes_answer and not self._line.closed and self._process.poll() is None

    def render(self, job: Job) -> bytes:
        said, _, pdf = self._ask(job).partition(b"\n")
        answer = orjson.loads(said)
        if "problem" in answer:
            raise (InvalidTemplate if answer["is_template"] else RenderError)(answer["problem"])
        if missing := answer["without_glyph"]:
            log.warning("invoice_without_glyph", invoice_number=job.document.invoice_number, characters=missing)
        return pdf

    def close(self) -> None:
        self._line.close()
        if self._owes_answer:
            self._process.kill()
        try:
            self._process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, job: Job) -> bytes:
        self._owes_answer = True
        try:
            self._line.send(job)
            if not self._line.poll(self._limits.wait_seconds):
                raise RenderError(f"drawing it takes more than {self._limits.wait_seconds:g} s")
            answer = self._line.recv_bytes(_LARGEST_BYTES)
        except (EOFError, OSError):
            raise RenderError(self._death()) from None
        self._owes_answer = False
        return answer

    def _death(self) -> str:
        self._owes_answer = False  # its own end says more than ours would
        self.close()
        if self._process.returncode == -signal.SIGXCPU:
            return f"drawing it takes more than {self._limits.seconds} s of processor time"
        if self._process.returncode == -signal.SIGABRT:
            return f"drawing it takes more than {self._limits.memory_mb} MB of memory, or has met a fault of the engine"
        return f"the process that drew it has ended with status {self._process.returncode}"
