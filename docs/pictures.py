"""Draws docs/images/emails: every email of the catalogue with sample data, on a desktop and on a phone in dark mode.

Run it after changing a design: `.venv/bin/python docs/pictures.py`. It needs Chromium and the development group.
With OMNICRM_CONFIG it draws the emails of another company than the one in pictures.yaml.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from pathlib import Path

import django
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from mailjet_sandbox.language import render
from omnicrm.config import current_config

DOCS = Path(__file__).parent
PICTURES = DOCS / "images" / "emails"
FRAMES = ((700, "light"), (390, "dark"))
"""Width and colour scheme of what is drawn side by side: a desktop's window, a phone."""
GAP = 16
COLOURS = 64
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_OPTIONS = ("--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run")
_FIT_HEIGHT = "frames => frames.forEach(f => f.style.height = f.contentDocument.documentElement.scrollHeight + 'px')"


def main() -> None:
    os.environ.setdefault("OMNICRM_CONFIG", str(DOCS / "pictures.yaml"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "omnicrm.settings"
    django.setup()
    PICTURES.mkdir(parents=True, exist_ok=True)
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        for name, html in rendered_emails():
            draw(html, PICTURES / f"{name}.png", browser=chromium)
        chromium.close()


def rendered_emails() -> Iterator[tuple[str, str]]:
    """Every email in every language, as "<section>.<language>" and the HTML that a recipient would get."""
    from omnicrm.emails.catalogue import CATALOGUE  # noqa: PLC0415 - needs Django, which `main` sets up
    from omnicrm.emails.designs import compile_design  # noqa: PLC0415 - as above
    from omnicrm.emails.formats import LOCALES  # noqa: PLC0415 - as above

    for section, email in CATALOGUE.items():
        for language in LOCALES:
            design = compile_design(section, language, company=current_config().company)
            variables = email.sample(language).variables(language)
            yield f"{section}.{language}", render(design.html, variables=variables, now=datetime.now(UTC)).output


def draw(html: str, path: Path, *, browser: Browser) -> None:
    width = sum(width for width, _ in FRAMES) + GAP * (len(FRAMES) + 1)
    page = browser.new_page(viewport={"width": width, "height": GAP}, color_scheme="null")
    frames = "".join(
        f'<iframe style="width: {width}px; border: 0; color-scheme: {scheme}" srcdoc="{escape(html)}"></iframe>'
        for width, scheme in FRAMES
    )
    page.set_content(
        "<!doctype html><body style='display: flex; align-items: start; background: #9ca3af; margin: 0; "
        f"gap: {GAP}px; padding: {GAP}px'>{frames}</body>"
    )
    page.eval_on_selector_all("iframe", _FIT_HEIGHT)
    picture = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    page.close()


if __name__ == "__main__":
    main()
