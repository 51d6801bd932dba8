"""What pydantic finds wrong with a request, in the words and field paths that callers read."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, get_args

import ninja.errors
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from omnicrm.customers.errors import FieldError
from omnicrm.customers.rules import unknown_field

MAX_ERRORS: Final = 50
"""More of them in one answer help nobody, and cost a lot where somebody sends nothing but mistakes."""

_A_WHOLE_NUMBER = _("Give a whole number.")
_A_NUMBER = _("Give a number.")
_A_DATE = _("Give a date, such as 2026-05-31.")
_A_MOMENT = _("Give a date and time with its time zone, such as 2026-05-31T12:00:00Z.")

_MESSAGES: Final[Mapping[str, str | Promise]] = {
    "missing": _("This field is required."),
    "string_type": _("Give a text."),
    "string_too_short": _("Use at least %(min_length)s characters."),
    "string_too_long": _("Use at most %(max_length)s characters."),
    "bool_type": _("Give true or false."),
    "bool_parsing": _("Give true or false."),
    "int_type": _A_WHOLE_NUMBER,
    "int_parsing": _A_WHOLE_NUMBER,
    "int_parsing_size": _A_WHOLE_NUMBER,
    "int_from_float": _A_WHOLE_NUMBER,
    "greater_than_equal": _("Use %(ge)s or more."),
    "less_than_equal": _("Use %(le)s or less."),
    "list_type": _("Give a list."),
    "too_long": _("Give at most %(max_length)s of them at once."),
    "dict_type": _("Give an object."),
    "model_type": _("Give an object."),
    "model_attributes_type": _("Give an object."),
    "uuid_type": _("Give a UUID."),
    "uuid_parsing": _("Give a UUID."),
    "datetime_type": _A_MOMENT,
    "datetime_parsing": _A_MOMENT,
    "datetime_from_date_parsing": _A_MOMENT,
    "timezone_aware": _A_MOMENT,
    "date_type": _A_DATE,
    "date_parsing": _A_DATE,
    "date_from_datetime_parsing": _A_DATE,
    "date_from_datetime_inexact": _A_DATE,
    "decimal_type": _A_NUMBER,
    "decimal_parsing": _A_NUMBER,
    "finite_number": _A_NUMBER,
    "value_error": "%(error)s",
}
"""By pydantic's type of error, filled in from its context."""


class InvalidRequest(ninja.errors.ValidationError):
    """The body or a parameter has a wrong shape."""

    def __init__(self, mistakes: Sequence[FieldError]) -> None:
        super().__init__([])
        self.mistakes = mistakes


def field_errors(error: ValidationError, model: type[BaseModel], *, skip: int = 0) -> list[FieldError]:
    """One per mistake. `skip` leaves out that many leading parts of each path: the names of ninja's own wrappers."""
    return [
        FieldError(field=_path(mistake["loc"][skip:]), message=_message(mistake, model))
        for mistake in error.errors(include_url=False, include_input=False)[:MAX_ERRORS]
    ]


def shown(errors: Iterable[FieldError]) -> list[dict[str, str]]:
    """The first errors as they stand in an answer."""
    return [{"field": each.field, "message": each.message} for each in islice(errors, MAX_ERRORS)]


def _path(location: Iterable[str | int]) -> str:
    """`("contacts", 0, "email")` as `contacts[0].email`; the body itself as `body`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".") or "body"


def _message(mistake: Mapping[str, Any], model: type[BaseModel]) -> str:
    if mistake["type"] == "extra_forbidden":
        *parents, name = mistake["loc"]
        return unknown_field(str(name), _field_names(model, parents))
    if mistake["type"] in {"enum", "literal_error"}:
        choices = str(mistake["ctx"]["expected"]).replace(" or ", ", ").replace("'", "")
        return gettext("Use one of: %(choices)s.") % {"choices": choices}
    if text := _MESSAGES.get(mistake["type"]):
        return str(str(text) % mistake.get("ctx", {}))
    return str(mistake["msg"])


def _field_names(model: type[BaseModel], location: Iterable[str | int]) -> list[str]:
    """The fields of the model that stands at `location` inside `model`."""
    for name in location:
        if isinstance(name, str):
            model = _model_in(model.model_fields[name].annotation)
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel]:  # noqa: ANN401 - type annotations have no type
    """The model of `Model`, `list[Model]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))))
