"""What a check of templates tells: each thing with its place and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum

from omnicrm.mailjet.language import Phrase


class Level(StrEnum):
    """An error costs recipients the email or its use; a warning costs quality; a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """`where` is a file, or a template's number and part. Lines and columns count from 1; 0 means the whole of it."""

    level: Level
    section: str
    language: str
    where: str
    line: int = 0
    column: int = 0
    what: Phrase
    mend: Phrase

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}:{self.column}" if self.line else self.where
        return f"{place}: {self.level}: {self.what}; {self.mend}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A finding before it is known whose it is: the place is within one source."""

    level: Level
    what: Phrase
    mend: Phrase
    line: int = 0
    column: int = 0
