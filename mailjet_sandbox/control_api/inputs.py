"""Input of the control API: read into models, and every mistake told in one line."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import wraps
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mailjet_sandbox.http import Endpoint, Request, Response, json_response
from mailjet_sandbox.sandbox import Sandbox

Model = TypeVar("Model", bound=BaseModel)


class BadInputError(Exception):
    """Its text says what is wrong, where, and how to mend it."""


def explaining(endpoint: Callable[..., Response]) -> Endpoint:
    """An endpoint that answers 400 with the text of a BadInputError."""

    @wraps(endpoint)
    def answer(sandbox: Sandbox, request: Request, **params: str) -> Response:
        try:
            return endpoint(sandbox, request, **params)
        except BadInputError as error:
            return json_response({"error": str(error)}, status=400)

    return answer


def read_json(request: Request) -> object:
    try:
        value: object = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise BadInputError(f"the body is not JSON: {error}") from error
    return value


def build(model: type[Model], values: object) -> Model:
    """A model from parsed JSON."""
    try:
        return model.model_validate_json(orjson.dumps(values))
    except ValidationError as error:
        raise BadInputError("; ".join(_explain(problem, model) for problem in error.errors())) from error
    except orjson.JSONEncodeError as error:
        raise BadInputError("the body is nested too deep") from error


def _explain(problem: ErrorDetails, model: type[BaseModel]) -> str:
    place = ".".join(str(part) for part in problem["loc"]) or "the body"
    if problem["type"] == "extra_forbidden":
        return f"{place}: unknown{suggestion(place, model.model_fields)}"
    return f"{place}: {problem['msg'][:1].lower()}{problem['msg'][1:]}"


def suggestion(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f'; did you mean "{close[0]}"?' if close else f"; known are {', '.join(sorted(known))}"


def read_query(request: Request, *known: str) -> dict[str, str]:
    """The query parameters; one that is not known is a mistake."""
    for name in request.query:
        if name not in known:
            raise BadInputError(f"{name}: unknown parameter{suggestion(name, known)}")
    return request.query


def read_number(query: dict[str, str], name: str, *, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < len(str(most)) + 1 and int(text) <= most):
        raise BadInputError(f'{name}: "{text}" is not a whole number from 0 to {most}')
    return int(text)
