"""The kinds of value crm_config.yaml holds, beyond what pydantic brings.

Every scalar arrives as text (see `source`), so a type here says both what is allowed and what it becomes.
A refusal is raised with `mistake`: what is wrong, worded to follow the quoted value, and how to mend it.
"""

import difflib
import re
import unicodedata
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

_HTTP_URL = TypeAdapter(HttpUrl)
_BIGINT_MAX = 2**63 - 1
_PORT_MAX = 65535
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def mistake(what: str, mend: str, *, quoted: bool = True) -> PydanticCustomError:
    """A refusal to raise from a validator; `quoted=False` keeps the refused value out of the message."""
    return PydanticCustomError("mistake", "{what}; {mend}", {"what": what, "mend": mend, "quoted": quoted})


def _address(value: str) -> str:
    try:
        # `.test` is reserved for exactly what a sandbox does, and no mail can leave for it.
        return validate_email(value, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise mistake("is not an email address", str(error).rstrip(".")) from None


def _url(value: str) -> str:
    try:
        _HTTP_URL.validate_python(value)
    except ValidationError:
        raise mistake("is not a web address", "write it in full, as in https://crm.example.com") from None
    return value


def _without_slash(value: str) -> str:
    return value.rstrip("/")


def _one_line(value: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise mistake("contains a line break or another control character", "keep it on one line", quoted=False)
    return value


def _timezone(value: str) -> str:
    zones = available_timezones()
    if value in zones:
        return value
    near = [zone for zone in zones if zone.endswith(f"/{value}")] or difflib.get_close_matches(value, zones, n=1)
    raise mistake("is not a time zone", f'did you mean "{near[0]}"?' if near else 'write one such as "Europe/Paris"')


def _ports(value: str) -> str:
    given = [port for port in value.split(",") if port]  # an empty one is libpq's 5432
    if not all(re.fullmatch(r"[0-9]{1,5}", port) and 1 <= int(port) <= _PORT_MAX for port in given):
        raise mistake("is not a port", f"write a number from 1 to {_PORT_MAX}")
    return value


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    written = re.fullmatch(r"(\d{1,6}) *([smhd])", value.strip())
    if written is None:
        raise mistake("is not a length of time", "write a whole number and s, m, h or d, as in 90s, 15m, 1h or 30d")
    return timedelta(**{_UNITS[written[2]]: int(written[1])})


def _link_expiry(value: timedelta) -> timedelta:
    if not timedelta(days=1) <= value <= timedelta(days=3650):
        raise mistake("is too short or too long for a link in an email", "write 1d to 3650d")
    return value


def _several(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _unlimited(value: object) -> object:
    return None if value == "unlimited" else value


Language = Literal["fr", "en"]
Secret = Annotated[SecretStr, Field(min_length=1)]
Line = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_one_line)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
EmailAddress = Annotated[str, AfterValidator(_address)]
Url = Annotated[str, AfterValidator(_url)]
BaseUrl = Annotated[Url, AfterValidator(_without_slash)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Port = Annotated[int, Field(ge=1, le=_PORT_MAX)]
Ports = Annotated[str, AfterValidator(_ports)]
TemplateId = Annotated[int, Field(ge=1, le=_BIGINT_MAX)]
CallsPerMinute = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(_unlimited)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
LinkExpiry = Annotated[Duration, AfterValidator(_link_expiry)]
Hosts = Annotated[tuple[Line, ...], BeforeValidator(_several)]
RoleName = Literal["Admin", "Support", "Billing", "Marketing", "ReadOnly", "Customer"]
"""The roles of omnicrm.accounts, which this room cannot see; a test holds them together."""
Roles = Annotated[tuple[RoleName, ...], BeforeValidator(_several)]
