"""First look at one message, without knowledge of the account: is every property of the right type and length?"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from mailjet_sandbox.nesting import is_too_deep
from mailjet_sandbox.send.headers import check_headers
from mailjet_sandbox.send.problems import (
    Problem,
    empty_array,
    empty_string,
    invalid_email,
    mismatch,
    missing,
    not_among,
    null,
    too_deep,
    too_long,
    unknown_property,
)

Check = Callable[[str, Any], Iterator[Problem]]
"""`check(path, value)`; the value is never null."""

TRACKING = ("account_default", "disabled", "enabled")
PRIORITIES = (0, 1, 2, 3)
_EMAIL = re.compile(
    r"(?=.{1,254}$)[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?"
)


def check_shape(message: Mapping[str, Any], *, allow_unknown: bool) -> Iterator[Problem]:
    for name, value in message.items():
        check = PROPERTIES.get(name)
        if check is None:
            if not allow_unknown:
                yield unknown_property(name, PROPERTIES)
        elif value is None:
            yield null(name)
        else:
            yield from check(name, value)


def _string(path: str, value: object, *, limit: int | None = None) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield mismatch(path, "string")
    elif limit is not None and len(value) > limit:
        yield too_long(path, limit)


def _filled_string(path: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield mismatch(path, "string")
    elif not value:
        yield empty_string(path)


def _integer(path: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield mismatch(path, "integer")


def _boolean(path: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield mismatch(path, "boolean")


def _one_of(path: str, value: object, *, allowed: tuple[object, ...]) -> Iterator[Problem]:
    if isinstance(value, bool) or value not in allowed:
        yield not_among(path, allowed)


def _email(path: str, value: object) -> Iterator[Problem]:
    problems = list(_filled_string(path, value))
    yield from problems
    if not problems and not _EMAIL.fullmatch(str(value)):
        yield invalid_email(path, str(value))


def _base64(path: str, value: object) -> Iterator[Problem]:
    problems = list(_filled_string(path, value))
    yield from problems
    try:
        base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        if not problems:
            yield mismatch(path, "base64")


def _object(
    path: str, value: object, *, kind: str, fields: Mapping[str, Check], optional: frozenset[str]
) -> Iterator[Problem]:
    """An object with exactly these fields; all but the `optional` ones must be there."""
    if not isinstance(value, dict):
        yield mismatch(path, kind)
        return
    for name, check in fields.items():
        content = value.get(name)
        if content is not None:
            yield from check(f"{path}.{name}", content)
        elif name not in optional:
            yield missing(f"{path}.{name}")
        elif name in value:
            yield null(f"{path}.{name}")
    for name in value.keys() - fields.keys():
        yield unknown_property(f"{path}.{name}", [f"{path}.{known}" for known in fields])


def _array(path: str, value: object, *, kind: str, each: Check) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield mismatch(path, kind)
        return
    for position, item in enumerate(value):
        yield from each(f"{path}[{position}]", item)


def _recipients(path: str, value: object) -> Iterator[Problem]:
    if value == []:
        yield empty_array(path)
    yield from _addresses(path, value)


def _variables(path: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield mismatch(path, "object")
    elif is_too_deep(value):
        yield too_deep(path)
    else:
        yield from _nulls(path, value)


def _nulls(path: str, value: object) -> Iterator[Problem]:
    """Mailjet refuses null in Variables. How deep it looks is not documented; the sandbox looks everywhere."""
    if value is None:
        yield null(path)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _nulls(f'{path}["{name}"]', item)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _nulls(f"{path}[{position}]", item)


_ADDRESS_FIELDS: dict[str, Check] = {"Email": _email, "Name": _string}
_FILE_FIELDS: dict[str, Check] = {"ContentType": _filled_string, "Filename": _filled_string, "Base64Content": _base64}

_address: Check = partial(_object, kind="emailIn", fields=_ADDRESS_FIELDS, optional=frozenset({"Name"}))
_addresses: Check = partial(_array, kind="array of emails", each=_address)
_file: Check = partial(_object, kind="attachment", fields=_FILE_FIELDS, optional=frozenset())
_inlined_file: Check = partial(
    _object,
    kind="attachment",
    fields={**_FILE_FIELDS, "ContentID": _filled_string},
    optional=frozenset({"ContentID"}),
)

PROPERTIES: dict[str, Check] = {
    "From": _address,
    "Sender": _address,
    "To": _recipients,
    "Cc": _addresses,
    "Bcc": _addresses,
    "ReplyTo": _address,
    "Subject": partial(_string, limit=255),
    "TextPart": _string,
    "HTMLPart": _string,
    "TemplateID": _integer,
    "TemplateLanguage": _boolean,
    "TemplateErrorReporting": _address,
    "TemplateErrorDeliver": _boolean,
    "Variables": _variables,
    "Attachments": partial(_array, kind="array of attachments", each=_file),
    "InlinedAttachments": partial(_array, kind="array of attachments", each=_inlined_file),
    "Priority": partial(_one_of, allowed=PRIORITIES),
    "CustomID": _string,
    "EventPayload": _string,
    "CustomCampaign": partial(_string, limit=255),
    "DeduplicateCampaign": _boolean,
    "TrackOpens": partial(_one_of, allowed=TRACKING),
    "TrackClicks": partial(_one_of, allowed=TRACKING),
    "URLTags": partial(_string, limit=256),
    "MonitoringCategory": _string,
    "StatisticsContactsListID": _integer,
    "Headers": check_headers,
}
