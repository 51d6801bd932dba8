"""The colours of the account pages can be told apart, in light and dark (WCAG 2.2, AA)."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

CSS = Path(str(finders.find("accounts/account.css"))).read_text(encoding="utf-8")
TEXT, CONTROL = 4.5, 3.0
PAIRS = [
    *(
        (front, back, TEXT)
        for front in ("text", "quiet", "accent", "accent-strong", "bad")
        for back in ("ground", "surface")
    ),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("text", "good-ground", TEXT),
    ("good", "good-ground", TEXT),
    ("text", "bad-ground", TEXT),
    ("bad", "bad-ground", TEXT),
    *((front, back, CONTROL) for front in ("control", "accent", "bad") for back in ("ground", "surface")),
]


def palettes() -> dict[str, dict[str, str]]:
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", part)) for part in CSS.split("@media", 2)[:2])
    return {"light": light, "dark": light | dark}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_what_is_to_be_read_stands_out(scheme: str, front: str, back: str, least: float) -> None:
    palette = palettes()[scheme]
    darker, lighter = sorted((luminance(palette[front]), luminance(palette[back])))
    assert (lighter + 0.05) / (darker + 0.05) >= least
