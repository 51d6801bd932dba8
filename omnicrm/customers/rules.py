"""What each field may hold. A rule takes what was handed in and returns what is stored, or says what is wrong."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, cast

import orjson
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnicrm.customers.addresses import normalise
from omnicrm.customers.errors import FieldError, InvalidInput
from omnicrm.customers.models import (
    MAX_EMAIL_LENGTH,
    AccountType,
    Contact,
    ContactType,
    Customer,
    Language,
    PaymentType,
    Service,
    ServiceState,
    Site,
)

MAX_TAGS = 50
MAX_ATTRIBUTES = 50
MAX_ATTRIBUTES_BYTES = 10_000
MAX_ATTRIBUTE_NAME_LENGTH = 100
MAX_ATTRIBUTE_DEPTH = 5
MAX_EXACT_NUMBER = 2**53
"""Beyond it JSON numbers are not the same number everywhere."""

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNPRINTABLE_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

Rule = Callable[[Any], Any]
Rules = Mapping[str, Rule]
"""By field name. A rule raises ValueError, whose text is for the caller."""


def clean(rules: Rules, values: Mapping[str, Any], *, at: str = "") -> dict[str, Any]:
    """Returns the values as they are stored. Raises InvalidInput with every wrong field; `at` begins their paths."""
    cleaned: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in values.items():
        try:
            cleaned[name] = rules[name](value)
        except KeyError:
            errors.append(FieldError(field=f"{at}{name}", message=unknown_field(name, rules)))
        except ValueError as error:
            errors.append(FieldError(field=f"{at}{name}", message=str(error)))
    if errors:
        raise InvalidInput(*errors)
    return cleaned


def unknown_field(name: str, known: Iterable[str]) -> str:
    """What to tell a caller who gave a field that does not exist."""
    if close := get_close_matches(name, known, n=1):
        return _("There is no such field; did you mean “%(name)s”?") % {"name": close[0]}
    return _("There is no such field; the fields are: %(names)s.") % {"names": ", ".join(known)}


def text(limit: int, *, required: bool = False) -> Rule:
    """Trimmed text of one line. None counts as left empty."""

    def rule(value: object) -> str:
        stripped = _printable("" if value is None else value).strip()
        if required and not stripped:
            raise ValueError(_("This field must not be empty."))
        if len(stripped) > limit:
            raise ValueError(
                ngettext(
                    "Use at most %(limit)d character; this has %(length)d.",
                    "Use at most %(limit)d characters; this has %(length)d.",
                    limit,
                )
                % {"limit": limit, "length": len(stripped)}
            )
        return stripped

    return rule


def one_of(choices: type[models.TextChoices]) -> Rule:
    known = frozenset(choices.values)

    def rule(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(_("Use one of: %(choices)s.") % {"choices": ", ".join(choices.values)})
        return value

    return rule


def address(value: object) -> str:
    """An email address in its normal form, or an empty text."""
    given = text(MAX_EMAIL_LENGTH)(value)
    return normalise(given) if given else ""


def tags(value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise ValueError(_("Give a list of texts."))  # noqa: TRY004 - a rule speaks through ValueError
    rule = text(50, required=True)
    unique = list(dict.fromkeys(rule(tag) for tag in value))
    if len(unique) > MAX_TAGS:
        raise ValueError(
            _("Use at most %(limit)d tags; there are %(count)d.") % {"limit": MAX_TAGS, "count": len(unique)}
        )
    return unique


def attributes(value: object) -> dict[str, Any]:
    """Custom fields: any JSON values under names, small enough to travel with every customer."""
    if not isinstance(value, Mapping):
        raise ValueError(_("Give an object of names and values."))  # noqa: TRY004 - a rule speaks through ValueError
    if len(value) > MAX_ATTRIBUTES:
        raise ValueError(
            _("Use at most %(limit)d attributes; there are %(count)d.") % {"limit": MAX_ATTRIBUTES, "count": len(value)}
        )
    name_rule = text(MAX_ATTRIBUTE_NAME_LENGTH, required=True)
    named = {name_rule(name): _json(item) for name, item in value.items()}
    size = len(orjson.dumps(named))
    if size > MAX_ATTRIBUTES_BYTES:
        raise ValueError(
            _("Attributes may take at most %(limit)d bytes of JSON; these take %(size)d.")
            % {"limit": MAX_ATTRIBUTES_BYTES, "size": size}
        )
    return named


def anything(value: object) -> object:
    """For values whose type says all: identifiers."""
    return value


def _printable(value: object, forbidden: re.Pattern[str] = _UNPRINTABLE) -> str:
    if not isinstance(value, str):
        raise ValueError(_("Give a text."))  # noqa: TRY004 - a rule speaks through ValueError
    if value.isascii() and value.isprintable():
        return value
    if found := forbidden.search(value.strip()):
        raise ValueError(_("Remove the control character %(code)s.") % {"code": f"U+{ord(found.group()):04X}"})
    return value


def _json(value: object, depth: int = 1) -> object:
    if depth > MAX_ATTRIBUTE_DEPTH:
        raise ValueError(_("Nest attributes at most %(limit)d deep.") % {"limit": MAX_ATTRIBUTE_DEPTH})
    match value:
        case None | bool():
            return value
        case str():
            return _printable(value, _UNPRINTABLE_BUT_LINES)
        case int() | float():
            if not abs(value) <= MAX_EXACT_NUMBER:  # catches NaN as well
                raise ValueError(_("Give numbers beyond ±%(limit)d as text.") % {"limit": MAX_EXACT_NUMBER})
            return value
        case list() | tuple():
            return [_json(item, depth + 1) for item in value]
        case Mapping():
            return {_printable(name): _json(item, depth + 1) for name, item in value.items()}
        case _:
            raise ValueError(_("Attributes hold JSON values only."))


def max_length(model: type[models.Model], name: str) -> int:
    """How many characters the model's text field takes."""
    field = cast("models.CharField[str, str]", model._meta.get_field(name))
    return field.max_length or 0


def _fitting(model: type[models.Model], name: str, *, required: bool = False) -> Rule:
    return text(max_length(model, name), required=required)


CUSTOMER: Final[Rules] = {
    "customer_name": _fitting(Customer, "customer_name", required=True),
    "customer_account_type": one_of(AccountType),
    "customer_payment_type": one_of(PaymentType),
    "language": one_of(Language),
    "attributes": attributes,
    "tags": tags,
}
CONTACT: Final[Rules] = {
    "contact_type": one_of(ContactType),
    "first_name": _fitting(Contact, "first_name"),
    "last_name": _fitting(Contact, "last_name"),
    "email": address,
    "phone": _fitting(Contact, "phone"),
}
SITE: Final[Rules] = {
    "name": _fitting(Site, "name", required=True),
    "address": _fitting(Site, "address"),
    "city": _fitting(Site, "city"),
    "postcode": _fitting(Site, "postcode"),
    "country": _fitting(Site, "country"),
}
SERVICE: Final[Rules] = {
    "service_name": _fitting(Service, "service_name", required=True),
    "service_type": _fitting(Service, "service_type"),
    "service_uuid": anything,
    "site_id": anything,
    "state": one_of(ServiceState),
}
