"""WeasyPrint on a finished page: `python -m benchmarks.peers.weasyprint_invoice PAGE FOLDER ROUNDS`.

Prints the processor time of one PDF, in seconds, the best of ROUNDS. Its fonts and the packaged ones are loaded before
the clock starts, and kept: without that it takes longer still.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

FACES = """
@font-face { font-family: Roboto; font-weight: 400; src: url(fonts/Roboto-Regular.ttf) }
@font-face { font-family: Roboto; font-weight: 700; src: url(fonts/Roboto-Bold.ttf) }
"""


def main() -> None:
    page, folder, rounds = Path(sys.argv[1]).read_text(encoding="utf-8"), Path(sys.argv[2]), int(sys.argv[3])
    fonts = FontConfiguration()
    faces = CSS(string=FACES, base_url=f"{folder}/", font_config=fonts)

    def draw() -> bytes:
        pdf: bytes = HTML(string=page, base_url=f"{folder}/").write_pdf(stylesheets=[faces], font_config=fonts)
        assert pdf.startswith(b"%PDF")
        return pdf

    draw()
    print(min(timed(draw) for _ in range(rounds)))


def timed(draw: Callable[[], bytes]) -> float:
    started = time.process_time()
    draw()
    return time.process_time() - started


if __name__ == "__main__":
    main()
