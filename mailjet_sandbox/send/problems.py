"""What Send API v3.1 finds wrong, in its own codes and words."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from uuid import uuid4

from mailjet_sandbox.nesting import MAX_LEVELS


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """`related_to` names properties by their path inside the message: `To[0].Email`."""

    code: str
    status: int = 400
    text: str
    related_to: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "ErrorIdentifier": str(uuid4()),
            "ErrorCode": self.code,
            "StatusCode": self.status,
            "ErrorMessage": self.text,
            "ErrorRelatedTo": list(self.related_to),
        }


def missing(path: str) -> Problem:
    return Problem(code="mj-0003", text=f"The {path} is mandatory but missing from the input", related_to=(path,))


def null(path: str) -> Problem:
    return Problem(code="mj-0003", text="Property value cannot be null.", related_to=(path,))


def mismatch(path: str, expected: str) -> Problem:
    return Problem(code="mj-0004", text=f'Type mismatch. Expected type "{expected}".', related_to=(path,))


def not_among(path: str, allowed: Iterable[object]) -> Problem:
    values = ", ".join(str(value) for value in allowed)
    return Problem(code="mj-0005", text=f"The {path} must be one of: {values}.", related_to=(path,))


def too_long(path: str, limit: int) -> Problem:
    text = f"The {path} is too long. Max allowed - {limit} characters."
    return Problem(code="mj-0006", text=text, related_to=(path,))


def empty_array(path: str) -> Problem:
    return Problem(code="mj-0007", text=f"The {path} cannot be an empty array.", related_to=(path,))


def empty_string(path: str) -> Problem:
    return Problem(code="mj-0012", text=f"The {path} cannot be an empty string.", related_to=(path,))


def invalid_email(path: str, email: str) -> Problem:
    return Problem(code="mj-0013", text=f'"{email}" is an invalid email address.', related_to=(path,))


def too_deep(path: str) -> Problem:
    """The sandbox's own code: Mailjet's limit is not documented."""
    return Problem(code="sandbox-0002", text=f"The {path} are nested more than {MAX_LEVELS} deep.", related_to=(path,))


def unknown_property(path: str, known: Iterable[str]) -> Problem:
    """The sandbox's own code: what Mailjet does with a property that it does not know is not documented."""
    close = get_close_matches(path, known, n=1)
    hint = f'; did you mean "{close[0]}"?' if close else ""
    return Problem(code="sandbox-0001", text=f'"{path}" is not a property of Send API v3.1{hint}', related_to=(path,))
