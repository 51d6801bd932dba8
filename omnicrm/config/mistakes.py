"""pydantic's errors, as problems a person can mend: what was written, what is wrong with it, what to write instead."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from omnicrm.config.problems import Problem
from omnicrm.config.source import Keys, Source

_FEW = 10
_OF_A_KEY = "[key]"
"""How pydantic ends the place of an error that is in a mapping's key, not in its value."""
_MAPPING = "should be a mapping", "write its keys below it, indented"

# pydantic's error type -> what is wrong, to follow the quoted text, and how to mend it.
_OF_A_TEXT = {
    "bool_parsing": ("is neither true nor false", "write true or false"),
    "enum": ("is not allowed here", "write {expected}"),
    "greater_than_equal": ("is too small", "write at least {ge}"),
    "int_from_float": ("is not a whole number", "{description}"),
    "int_parsing": ("is not a number", "{description}"),
    "int_parsing_size": ("is too large", "{description}"),
    "less_than_equal": ("is too large", "write at most {le}"),
    "literal_error": ("is not allowed here", "write {expected}"),
}
# The same, for what is better not quoted: too long, perhaps secret, or no text at all.
_OF_ANYTHING = {
    "bool_type": ("should be true or false", "write one of the two"),
    "dict_type": _MAPPING,
    "int_type": ("should be a number", "{description}"),
    "missing": ("is missing", "{description}"),
    "model_type": _MAPPING,
    "path_type": ("should be a text", "write it on one line"),
    "string_too_long": ("is too long", "write at most {max_length} characters"),
    "string_too_short": ("is too short", "write at least {min_length} characters"),
    "string_type": ("should be a text", "write it on one line"),
    "too_short": ("is too short", "write at least {min_length} characters"),
    "tuple_type": ("should be a list", "write each item on a line of its own, after a dash"),
}


def problem_of(error: ErrorDetails, source: Source, whole: type[BaseModel]) -> Problem | None:
    """The problem behind one of pydantic's errors, or None for one that only follows from another.

    `whole` is the model of the file.
    """
    if error["type"] == "default_factory_not_called":
        return None
    keys: Keys = tuple(key for key in error["loc"] if key != _OF_A_KEY)
    at_top_level = keys[:2] not in source.spots and keys[1:2] in source.spots and len(keys) > 1
    written = keys[1:] if at_top_level else keys
    spot = source.spots.get(written)
    if error["type"] == "extra_forbidden":
        return source.problem(written, "is not a known key", _suggestion(keys, source, whole))
    field = fields_of(_model_at(keys[:-1], whole)).get(str(keys[-1])) if keys else None
    what, mend = _described(error, field, text=spot.text if spot else None)
    return source.problem(written, what, mend)


def _described(error: ErrorDetails, field: FieldInfo | None, *, text: str | None) -> tuple[str, str]:
    kind, context = error["type"], error.get("ctx", {})
    description = (field and field.description) or "write a value, or leave the key out"
    if kind == "mistake":
        return _quoted(text if context["quoted"] else None) + context["what"], context["mend"]
    if text == "" or context.get("min_length") == 1:
        return "is empty", description
    what, mend = _OF_ANYTHING.get(kind) or _OF_A_TEXT.get(kind) or (error["msg"], "{description}")
    quoted = _quoted(text) if kind in _OF_A_TEXT else ""
    return quoted + what, mend.format(**{**context, "description": description})


def _quoted(text: str | None) -> str:
    return "" if text is None else f'"{text[:60]}" '


def _suggestion(keys: Keys, source: Source, whole: type[BaseModel]) -> str:
    key, here = str(keys[-1]), sorted(fields_of(_model_at(keys[:-1], whole)))
    if near := difflib.get_close_matches(key, here, n=1):
        return f'did you mean "{near[0]}"?'
    homes = [path for path, known in _all_keys(whole, "") if known == key]
    if homes:
        return f"it belongs under {homes[0]}" if homes[0] else "it belongs at top level"
    return f"the keys here are {', '.join(here)}" if len(here) <= _FEW else f"{source.example} lists the known keys"


def fields_of(model: type[BaseModel] | None) -> dict[str, FieldInfo]:
    """The model's fields by the key that stands for them in the file."""
    return {field.alias or name: field for name, field in model.model_fields.items()} if model else {}


def _model_at(keys: Keys, whole: type[BaseModel]) -> type[BaseModel] | None:
    """The model of the mapping at `keys`. In a mapping of models, the keys are the author's own."""
    model: type[BaseModel] | None = whole
    is_own_key = False
    for key in keys:
        if is_own_key:
            is_own_key = False
            continue
        field = fields_of(model).get(str(key))
        model = model_in(field.annotation) if field else None
        is_own_key = field is not None and get_origin(field.annotation) is Mapping
    return model


def model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any type may annotate a field
    candidates = (annotation, *get_args(annotation))
    return next((part for part in candidates if isinstance(part, type) and issubclass(part, BaseModel)), None)


def _all_keys(model: type[BaseModel], path: str) -> Iterator[tuple[str, str]]:
    """Every known key, with the dotted path of the mapping it belongs in."""
    for key, field in fields_of(model).items():
        yield path, key
        inner = model_in(field.annotation)
        if inner is not None:
            yield from _all_keys(inner, f"{path}.{key}".lstrip("."))
