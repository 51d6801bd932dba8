"""JSON, indented and coloured."""

import re
from collections.abc import Iterator
from typing import Final

import orjson
from markupsafe import Markup, escape

TOKEN: Final = re.compile(r'(?P<key>"(?:[^"\\]|\\.)*+"(?=:))|(?P<string>"(?:[^"\\]|\\.)*+")|(?P<literal>[\w.+-]++)')
COLOURED: Final = 300_000
"""Characters; longer JSON is shown plain."""


def coloured_json(value: object) -> Markup:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return Markup("").join(_spans(text)) if len(text) <= COLOURED else escape(text)


def _spans(text: str) -> Iterator[Markup]:
    at = 0
    for token in TOKEN.finditer(text):
        yield escape(text[at : token.start()])
        yield Markup('<span class="{}">{}</span>').format(f"json-{token.lastgroup}", token[0])
        at = token.end()
    yield escape(text[at:])
