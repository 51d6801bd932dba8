"""What somebody gives for the variables of a custom email, held against what its kind asks for."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from django.utils.translation import gettext as _

from omnicrm.config.variable_types import Value, WrongValue, read_value
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.emails.custom import CustomKind

AT = "variables"
"""Begins the path of every variable in an error."""


def read_values(kind: CustomKind, given: Mapping[str, object]) -> dict[str, Value]:
    """The values in their types, without those that say nothing. Raises InvalidInput with everything that is wrong."""
    values: dict[str, Value] = {}
    errors = list(_unknown(kind, given))
    for name, described in kind.variables.items():
        try:
            value = read_value(given.get(name), described.type)
        except WrongValue as wrong:
            errors.append(_error(name, _(wrong.message) % wrong.params))
            continue
        if value is not None:
            values[name] = value
        elif described.required:
            errors.append(_error(name, _("This field is required.")))
    if errors:
        raise InvalidInput(*errors)
    return values


def _unknown(kind: CustomKind, given: Mapping[str, object]) -> Iterator[FieldError]:
    for name in given:
        if name in kind.variables:
            continue
        if near := get_close_matches(name, kind.variables, n=1):
            yield _error(name, _("This email has no such variable; did you mean “%(name)s”?") % {"name": near[0]})
        elif kind.variables:
            names = ", ".join(kind.variables)
            yield _error(name, _("This email has no such variable; it has: %(names)s.") % {"names": names})
        else:
            yield _error(name, _("This email has no variables."))


def _error(name: str, message: str) -> FieldError:
    return FieldError(field=f"{AT}.{name[:60]}", message=message)
