"""Templates made to hurt. Each must end soon, say what is wrong, and keep the source in sight."""

import time
from collections.abc import Callable

import pytest

from mailjet_sandbox.language import Rendered

Output = Callable[..., str]
RenderWith = Callable[..., Rendered]

MEGABYTE = 1_000_000
SOURCES = {
    "openers": "{{" * MEGABYTE,
    "statement openers": "{%" * MEGABYTE,
    "legacy openers": "[[" * MEGABYTE,
    "legacy tags without end": "[[var:x:" * 250_000,
    "legacy paths": "[[var:" + "a." * MEGABYTE,
    "tags": "{{1}}" * 400_000,
    "undefined names": "{{var:x}}" * 200_000,
    "open blocks": "{% if true %}" * 150_000,
    "parentheses": "{{" + "(" * MEGABYTE,
    "negations": "{{" + "not " * 500_000,
    "signs": "{{" + "-" * MEGABYTE,
    "terms": "{{" + "1+" * MEGABYTE + "1}}",
    "calls": "{{" + "Upper(" * 300_000,
    "an endless string": '{{"' + "x" * 2 * MEGABYTE,
    "an endless name": "{{" + "x" * 2 * MEGABYTE,
    "an endless path": "{{var:" + "x." * MEGABYTE,
    "digits": "{{" + "9" * 2 * MEGABYTE + "}}",
    "lines": "{{var:x}}\n" * 200_000,
    "spaces": "{{" + " " * 2 * MEGABYTE,
}
LOOPS = {
    "nested": "{% for a in var:l %}{% for b in var:l %}{% for c in var:l %}{% endfor %}{% endfor %}{% endfor %}",
    "growing text": '{% set t = "ab" %}{% for a in var:l %}{% set t = t + t %}{{Upper(t)}}{% endfor %}',
    "growing number": "{% set n = 3 %}{% for a in var:l %}{% set n = n * n %}{% endfor %}",
    "much output": "{% for a in var:l %}{% for b in var:l %}{{var:long}}{% endfor %}{% endfor %}",
    "encoding": "{% for a in var:l %}{% for b in var:l %}{% set t = UrlEncode(var:long) %}{% endfor %}{% endfor %}",
    "comparing": "{% for a in var:l %}{% for b in var:l %}{% set t = var:long = var:same %}{% endfor %}{% endfor %}",
    "failing": "{% for a in var:l %}{% for b in var:l %}{{var:nope}}" + "x" * 1000 + "{% endfor %}{% endfor %}",
}
SECONDS = 30
"""Of processor time, and far more than any of them takes; what is not bounded takes minutes."""


@pytest.mark.parametrize("name", SOURCES)
def test_two_megabytes_of_malice_end_soon(rendering: RenderWith, name: str) -> None:
    started = time.process_time()
    rendered = rendering(SOURCES[name])
    assert time.process_time() - started < SECONDS
    assert len(rendered.output) <= max(len(SOURCES[name]), 20)
    assert len(rendered.errors) <= 100


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_without_end_is_stopped(rendering: RenderWith, name: str) -> None:
    started = time.process_time()
    long = "é" * 900_000
    rendered = rendering(LOOPS[name], l=list(range(1000)), long=long, same="é" * 900_000)
    assert time.process_time() - started < SECONDS
    assert rendered.errors
    assert len(rendered.output) <= 10_000_000


@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("{{" + "(" * 30 + "1" + ")" * 30 + "}}", "Expression nested too deeply"),
        ("{% if true %}" * 65 + "{% endif %}" * 65, "not valid template"),
        ("{{1}}" * 50_001, "Template has more than 50000 tags"),
        ("{{" + "1+" * 6000 + "1}}", "Expression too long"),
    ],
)
def test_what_is_beyond_measure_is_an_error(rendering: RenderWith, source: str, detail: str) -> None:
    assert detail in rendering(source).errors[0]


def test_what_people_write_stays_within_measure(output: Output) -> None:
    lines = [{"title": f"Line {number}", "price": number} for number in range(1000)]
    source = "{% for line in var:lines %}<td>{{line.title}}</td><td>{{Round(line.price * 1.2, 2)}}</td>{% endfor %}"
    assert "<td>Line 999</td><td>1198.8</td>" in output(source, lines=lines)


def test_a_deep_value_that_cannot_be_printed_is_an_error(rendering: RenderWith) -> None:
    deep: list[object] = []
    for _ in range(2000):
        deep = [deep]
    assert "Value cannot be printed" in rendering("{{var:deep}}", deep=deep).errors[0]


@pytest.mark.parametrize("value", [10**400, float("inf"), float("nan")])
def test_a_number_beyond_numbers_is_an_error(rendering: RenderWith, value: object) -> None:
    assert "Floating point overflow" in rendering("{{var:n}}", n=value).errors[0]
