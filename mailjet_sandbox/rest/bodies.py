"""Bodies of the REST API: property names in any case, unknown and read-only ones refused, values checked."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from mailjet_sandbox.http import Request

Reader = Callable[[object], object]
"""Takes a value as it was sent, returns it as it is kept. ValueError: why it is not a good one."""

EMPTY = "MJ03 A non-empty value is required"


class BadBodyError(Exception):
    """Its text is Mailjet's ErrorMessage."""


def read_body(
    request: Request, *, type_name: str, readers: Mapping[str, Reader], read_only: frozenset[str]
) -> dict[str, Any]:
    """The properties that were sent, under their proper names. `read_only` is in lower case."""
    names = {name.lower(): name for name in readers}
    properties: dict[str, Any] = {}
    for sent, value in _json_object(request).items():
        name = names.get(sent.lower())
        if sent.lower() in read_only:
            raise BadBodyError(f'MJ19 Setting a value for property "{sent}" is not allowed')
        if name is None:
            raise BadBodyError(f'Invalid json input: object ""->"{type_name}" has no property "{sent}"')
        try:
            properties[name] = readers[name](value)
        except ValueError as error:
            raise BadBodyError(f"MJ08 Property {name} is invalid: {error}") from error
    return properties


def _json_object(request: Request) -> dict[str, Any]:
    if request.json is not None:
        return request.json
    try:
        orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise BadBodyError(f"Invalid json input: {error}") from error
    raise BadBodyError("Invalid json input: expected an object")


def require(properties: Mapping[str, Any], name: str) -> None:
    if name not in properties:
        raise BadBodyError(f"MJ08 Property {name} is invalid: {EMPTY}")


def duplicate(resource: str, value: str, key: str) -> BadBodyError:
    return BadBodyError(f'MJ18 A {resource} resource with value "{value}" for {key} already exists.')


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("MJ05 A string is required")  # noqa: TRY004 - a Reader's only error
    return value


def filled_text(value: object) -> str:
    if not text(value).strip():
        raise ValueError(EMPTY)
    return text(value)


def flag(value: object) -> bool:
    """Mailjet takes the words "true" and "false" for booleans."""
    flags = {"true": True, "false": False, "1": True, "0": False}
    word = str(value).lower()
    if not isinstance(value, bool | int | str) or word not in flags:
        raise ValueError("MJ05 A boolean is required")
    return flags[word]


def one_of(*allowed: str) -> Reader:
    def read(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"MJ06 The value must be one of: {', '.join(allowed)}")
        return str(value)

    return read


def some_of(*allowed: str) -> Reader:
    def read(value: object) -> list[str]:
        if not isinstance(value, list) or any(item not in allowed for item in value):
            raise ValueError(f"MJ06 An array is required, with values among: {', '.join(allowed)}")
        return list(value)

    return read
