"""The files a template of invoices is made of, and the only ones that drawing an invoice may read.

Each is looked for in `invoice_templates/` beside crm_config.yaml, then among those that come with OmniCRM: an operator
replaces one file, such as `invoice.css`, and keeps the others.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

PACKAGED: Final = Path(__file__).parent / "packaged_templates"
LARGEST_BYTES: Final = 10 * 1024 * 1024
"""Of one file. A font with Chinese, Japanese and Korean comes near it."""
_LOGOS: Final = ("logo.svg", "logo.png", "logo.jpg")


class RenderError(Exception):
    """An invoice could not be drawn; the text says why, in one line."""


class InvalidTemplate(RenderError):
    """The template is at fault; the text begins with the file, and with the line where it is known."""


@dataclass(frozen=True, slots=True)
class Template:
    """The file `name` in the first of `folders` that has it; so are all files that it asks for."""

    folders: tuple[Path, ...]
    name: str

    @property
    def path(self) -> Path:
        """Raises InvalidTemplate where there is no such file."""
        return self.find(self.name)

    @property
    def logo(self) -> str:
        """The name of the company's logo among the files, or nothing."""
        return next((name for name in _LOGOS if any((folder / name).is_file() for folder in self.folders)), "")

    def find(self, name: str) -> Path:
        """Raises InvalidTemplate for a file that is not there, or is not in one of the folders."""
        parts = PurePosixPath(name).parts
        if not parts or "\0" in name or ".." in parts or name.startswith("/"):
            raise InvalidTemplate(f"{name} is not the name of a file in {self._looked_in}")
        for folder in self.folders:
            path = folder.joinpath(*parts)
            if path.is_file():
                return self._kept_inside(path, folder)
        raise InvalidTemplate(f"there is no {name} in {self._looked_in}")

    def read(self, name: str) -> bytes:
        """Raises InvalidTemplate, as `find`, and for what cannot be read."""
        path = self.find(name)
        try:
            if path.stat().st_size > LARGEST_BYTES:
                raise InvalidTemplate(f"{path} is larger than {LARGEST_BYTES // 2**20} MB; make it smaller")
            return path.read_bytes()
        except OSError as error:
            raise InvalidTemplate(f"{path} cannot be read: {error.strerror}") from None

    def text(self, name: str) -> str:
        """Raises InvalidTemplate, as `read`, and for what is not UTF-8."""
        try:
            return self.read(name).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidTemplate(f"{self.find(name)} is not UTF-8 text; save it as UTF-8") from None

    def place_of(self, words: str) -> str:
        """The file and line of the first place where the words stand, else the template itself."""
        beside = (path for folder in self.folders for kind in ("*.html", "*.css") for path in sorted(folder.glob(kind)))
        for path in (self.path, *beside):
            for number, line in enumerate(_lines(path), start=1):
                if words in line:
                    return f"{path}:{number}"
        return str(self.path)

    @property
    def _looked_in(self) -> str:
        return " or ".join(map(str, self.folders))

    def _kept_inside(self, path: Path, folder: Path) -> Path:
        """A link may lead from file to file, as those of a mounted Kubernetes config do, yet not out of the folder."""
        if not path.resolve().is_relative_to(folder.resolve()):
            raise InvalidTemplate(f"{path} is a link out of {folder}; put the file itself there")
        return path


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
