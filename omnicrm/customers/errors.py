"""What is wrong with what a caller handed in, field by field."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """`field` is a path such as `contacts[0].email`; `message` says how to mend it."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class InvalidInput(ValueError):
    """One or more fields cannot be accepted; nothing was changed. `errors` names each of them."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(map(str, errors)))
        self.errors = errors


class AlreadyTaken(InvalidInput):
    """The value belongs to another record, and only one may have it."""
