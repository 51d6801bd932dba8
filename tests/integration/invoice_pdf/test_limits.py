"""What a template, a file or a process can do wrong, and that it costs one invoice."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from omnicrm.invoices.document import InvoiceDocument
from omnicrm.invoices.jobs import Limits
from omnicrm.invoices.rendering import Renderers, check_template
from omnicrm.invoices.samples import sample_document
from omnicrm.invoices.template_files import InvalidTemplate, RenderError, Template
from tests.integration.invoice_pdf.conftest import PACKAGED_TEMPLATE, Written, texts

SAMPLE = sample_document("fr")
BOMB = "BOMB"


@pytest.fixture
def strict() -> Iterator[Renderers]:
    """Processes with little patience."""
    with Renderers(processes=2, limits=Limits(template_seconds=0.2, seconds=1, memory_mb=512)) as renderers:
        yield renderers


def numbered(count: int, *, bomb: int = -1) -> Iterator[InvoiceDocument]:
    return (replace(SAMPLE, invoice_number=BOMB if number == bomb else f"N-{number}") for number in range(count))


def refused(renderers: Renderers, template: Template) -> str:
    """What is said of a template, without its folder."""
    with pytest.raises(InvalidTemplate) as error:
        renderers.render(SAMPLE, template=template)
    return str(error.value).replace(f"{template.folders[0]}/", "")


def test_a_loop_without_an_end_is_stopped_at_its_line(strict: Renderers, written: Written) -> None:
    loops = "\n{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    assert refused(strict, written(loops)) == "own.html:2: this takes more than 0.2 s; look for a loop without an end"


def test_memory_without_an_end_is_stopped_at_its_line(strict: Renderers, written: Written) -> None:
    assert refused(strict, written('\n{{ "x"|center(1000000000) }}')) == (
        "own.html:2: it needs more memory than an invoice may take"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n<img src='file:///etc/passwd'>", "own.html:2: file:///etc/passwd is outside the template's folder; "),
        (
            "\n<img src='http://127.0.0.1:9/x.png'>",
            "own.html:2: http://127.0.0.1:9/x.png is outside the template's folder",
        ),
        ("<link rel=stylesheet href='//127.0.0.1:9/x.css'>", "own.html: template://127.0.0.1:9/x.css is outside"),
        ("<style>@import url(file:///etc/passwd);</style>", "own.html:1: file:///etc/passwd is outside"),
        ("<p style='background: url(https://127.0.0.1/x.png)'>x", "own.html:1: https://127.0.0.1/x.png is outside"),
        (
            "<style>@font-face {font-family: x; src: url(/etc/x.ttf)} p {font-family: x}</style><p>x",
            "own.html:1: there is no etc/x.ttf in",
        ),
        ("<img src='../../../../etc/passwd'>", "own.html:1: etc/passwd is no file that can be shown; use one of .css "),
        ("<img src='..%2fsecret.png'>", "own.html:1: ../secret.png is not the name of a file in "),
        ("<svg><image href='file:///etc/passwd'/></svg>", "own.html:1: file:///etc/passwd is outside"),
        ("\n<img src='nothing.png'>", "own.html:2: there is no nothing.png in "),
        ("\n<img src='broken.png'>", "own.html:2: Unable to load image 'broken.png'"),
        ("\n<img src='nested.svg'>", "own.html: file:///etc/hostname is outside the template's folder"),
    ],
    ids=["file", "http", "host", "import", "style", "font", "up", "encoded", "svg", "missing", "broken", "nested"],
)
def test_nothing_but_the_template_s_own_files_can_be_loaded(
    renderers: Renderers, written: Written, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path.parent / "secret.png").touch()
    nested = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><image href='file:///etc/hostname'/></svg>"
    template = written(text, **{"broken.png": b"no image", "nested.svg": nested})
    assert refused(renderers, template).startswith(said)


def test_a_font_that_is_none_is_refused_by_name(renderers: Renderers, written: Written, tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "own.ttf").write_bytes(b"no font")
    assert refused(renderers, written("x")).startswith("fonts/own.ttf is not a font that can be read: ")


def test_pages_come_in_the_order_of_their_documents(renderers: Renderers) -> None:
    pages = [
        texts(pdf)[0]
        for pdf in renderers.render_many(numbered(9), template=PACKAGED_TEMPLATE)
        if isinstance(pdf, bytes)
    ]
    assert [f"Facture N-{number} " in page for number, page in enumerate(pages)] == [True] * 9


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("{{ nobody }}", "own.html:1: there is no nobody"),
        ("{{ '<' * 3 }}" + "<div>" * 20_000, "drawing it takes more than 1 s of processor time"),
    ],
    ids=["template", "ended by the kernel"],
)
def test_one_that_cannot_be_drawn_harms_none_of_its_neighbours(
    strict: Renderers, written: Written, fault: str, said: str
) -> None:
    template = written(f'{{% if invoice_number == "{BOMB}" %}}{fault}{{% endif %}}<p>{{{{ invoice_number }}}}')
    outcomes = list(strict.render_many(numbered(8, bomb=3), template=template))
    assert [number for number, outcome in enumerate(outcomes) if isinstance(outcome, RenderError)] == [3]
    assert said in str(outcomes[3])
    assert [texts(pdf) for pdf in outcomes if isinstance(pdf, bytes)] == [[f"N-{n}"] for n in range(8) if n != 3]


def test_a_process_that_was_ended_between_two_invoices_costs_none(written: Written) -> None:
    template = written("<p>{{ invoice_number }}")
    with Renderers(processes=1) as renderers:
        renderers.render(SAMPLE, template=template)
        (child,) = own_children()
        child.kill()
        child.wait()
        assert texts(renderers.render(SAMPLE, template=template)) == ["INV-2026-000042"]


def test_an_answer_nobody_waited_for_is_never_given_to_the_next(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when Ctrl-C comes while an invoice is being drawn."""
    template = written("<p>{{ invoice_number }}")
    with Renderers(processes=1) as renderers:
        with monkeypatch.context() as patched:
            patched.setattr("multiprocessing.connection.Connection.poll", interrupted)
            with pytest.raises(KeyboardInterrupt):
                renderers.render(replace(SAMPLE, invoice_number="the first"), template=template)
        assert texts(renderers.render(replace(SAMPLE, invoice_number="the next"), template=template)) == ["the next"]


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_documents_are_taken_no_faster_than_they_are_drawn(renderers: Renderers, written: Written) -> None:
    taken = 0

    def documents() -> Iterator[InvoiceDocument]:
        nonlocal taken
        for document in numbered(50):
            taken += 1
            yield document

    drawn = renderers.render_many(documents(), template=written("<p>{{ invoice_number }}"))
    for _ in range(10):
        next(drawn)
    assert 10 <= taken <= 10 + renderers.processes * 2
    drawn.close()  # type: ignore[attr-defined]  # it is a generator
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("invoices")]


def test_a_process_has_no_secrets_and_ends_with_its_owner(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILJET_API_SECRET", "secret")
    with Renderers(processes=1) as renderers:
        renderers.render(SAMPLE, template=written("<p>x"))
        (child,) = own_children()
        assert set(child.environ()) <= {"PYTHONPATH", "LC_CTYPE"}
    assert not child.is_running()


def own_children() -> list[psutil.Process]:
    """The newest process that draws for this one; one that has just ended has no command line."""
    mine = [each for each in psutil.process_iter(["ppid", "cmdline"]) if each.info["ppid"] == os.getpid()]
    drawing = [child for child in mine if "omnicrm.invoices.renderer" in (child.info["cmdline"] or [])]
    return sorted(drawing, key=psutil.Process.create_time)[-1:]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ invoice_number }}{% if kind == 'credit_note' %}{{ nobody }}{% endif %}", "own.html:1: there is no nobody"),
        ("{% if language == 'en' %}{{ nobody }}{% endif %}x", "own.html:1: there is no nobody"),
        ("{{ due_date|date }}", "own.html:1: the filter date needs a number or a date, and this is empty"),
    ],
    ids=["credit note", "English", "draft"],
)
def test_a_check_draws_every_kind_in_every_language(written: Written, text: str, said: str) -> None:
    template = written(text)
    with pytest.raises(InvalidTemplate) as error:
        check_template(template)
    assert str(error.value).replace(f"{template.folders[0]}/", "").startswith(said)


def test_the_packaged_template_passes_its_check() -> None:
    check_template(PACKAGED_TEMPLATE)
