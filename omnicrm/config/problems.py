"""What can be wrong with the configuration.

ConfigError
├── ConfigNotFound   there is no file
└── ConfigInvalid    the file has mistakes, all of them listed
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One mistake: its place, what it is, and how to mend it.

    Lines and columns count from 1; a mistake of the whole file has 0. `where` is the dotted path of a key, or "".
    """

    file: str
    line: int
    column: int
    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        fault = f"{self.what}; {self.mend}" if self.mend else self.what
        return ": ".join(filter(None, (place, self.where, fault)))


class ConfigError(Exception):
    """The configuration cannot be used; the message says why."""


class ConfigNotFound(ConfigError):
    """There is no configuration file in any of the places where one is looked for."""


class ConfigInvalid(ConfigError):
    """The configuration has mistakes. `problems` has all of them, by file and line; the message, a line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda each: (each.file, each.line, each.column, each.where))
        super().__init__("\n".join(map(str, self.problems)))
