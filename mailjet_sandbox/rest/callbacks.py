"""/eventcallbackurl: where events are told, by kind, with a backup for each."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from yarl import URL

from mailjet_sandbox.access import credentials
from mailjet_sandbox.errors import object_not_found, rest_error
from mailjet_sandbox.http import Request, Response, Route
from mailjet_sandbox.records import Callback
from mailjet_sandbox.rest.bodies import BadBodyError, Reader, duplicate, filled_text, flag, one_of, read_body, require
from mailjet_sandbox.rest.listing import Listing, Params, enveloped, exact, row_id
from mailjet_sandbox.sandbox import Sandbox

NUMBERS: Final[Mapping[str, int]] = {
    "click": 1,
    "bounce": 2,
    "spam": 3,
    "blocked": 4,
    "unsub": 5,
    "open": 6,
    "sent": 7,
    "typofix": 8,
    "parseapi": 9,
    "newsender": 10,
    "newsenderautovalid": 11,
}
"""Of 1 and 7 it is known that Mailjet counts so; of those between, that they are numbered."""
LONGEST_URL: Final = 2_000


def _event_type(value: object) -> str:
    """By name or by number."""
    names = {str(number): name for name, number in NUMBERS.items()}
    name = names.get(str(value), value)
    return one_of(*NUMBERS)(name)  # type: ignore[return-value]  # it reads a string


def _url(value: object) -> str:
    text = filled_text(value)
    is_plain = len(text) <= LONGEST_URL and text.isprintable() and " " not in text
    if not is_plain or not _leads_somewhere(text):
        raise ValueError(f'Invalid URL "{text[:100]}": http:// or https:// and a host are needed')
    return text


def _leads_somewhere(text: str) -> bool:
    try:
        url = URL(text)
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and bool(url.host)


def _version(value: object) -> int:
    if isinstance(value, bool) or str(value) not in {"1", "2"}:
        raise ValueError("MJ06 The value must be one of: 1, 2")
    return int(str(value))


READERS: Mapping[str, Reader] = {
    "EventType": _event_type,
    "Url": _url,
    "Version": _version,
    "IsBackup": flag,
    "Status": one_of("alive", "dead"),
}
READ_ONLY = frozenset({"id", "apikeyid"})
FIELDS = {
    "EventType": "event_type",
    "Url": "url",
    "Version": "version",
    "IsBackup": "is_backup",
    "Status": "status",
}


def _view(callback: Callback, _: Params, *, key_id: int) -> dict[str, Any]:
    return {
        "APIKeyID": key_id,
        "EventType": callback.event_type,
        "ID": callback.id,
        "IsBackup": callback.is_backup,
        "Status": callback.status,
        "Url": callback.url,
        "Version": callback.version,
    }


def list_callbacks(sandbox: Sandbox, request: Request) -> Response:
    """Ten on a page, as everywhere: of seven kinds with their backups some are on the next."""
    key_id = _key_id(sandbox, request)
    listing = Listing[Callback](
        view=lambda callback, params: _view(callback, params, key_id=key_id),
        filters={
            "eventtype": exact(lambda callback: callback.event_type),
            "isbackup": lambda callback, value, _: callback.is_backup == flag(value),
            "status": exact(lambda callback: callback.status),
            "version": exact(lambda callback: callback.version),
        },
    )
    return listing.answer(sandbox, request, sandbox.store.callbacks_of(credentials(request)[0]))


def read_callback(sandbox: Sandbox, request: Request, key: str) -> Response:
    callback = _find(sandbox, request, key)
    return object_not_found() if callback is None else _answer(sandbox, request, callback)


def create_callback(sandbox: Sandbox, request: Request) -> Response:
    try:
        body = _read(request)
        require(body, "EventType")
        require(body, "Url")
        callback = Callback(id=sandbox.store.next_callback_id(), api_key=credentials(request)[0], **_fields(body))
        _check_is_free(sandbox, callback)
    except BadBodyError as error:
        return rest_error(400, str(error))
    return _put(sandbox, request, callback, status=201)


def update_callback(sandbox: Sandbox, request: Request, key: str) -> Response:
    """A new Url revives a dead callback; nothing else does."""
    callback = _find(sandbox, request, key)
    if callback is None:
        return object_not_found()
    try:
        changed = replace(callback, **_fields(_read(request)))
        _check_is_free(sandbox, changed)
    except BadBodyError as error:
        return rest_error(400, str(error))
    if callback.status == "dead":
        changed = replace(changed, status="alive" if changed.url != callback.url else "dead")
    return Response(status=304) if changed == callback else _put(sandbox, request, changed, status=200)


def delete_callback(sandbox: Sandbox, request: Request, key: str) -> Response:
    callback = _find(sandbox, request, key)
    if callback is None:
        return object_not_found()
    sandbox.store.remove_callback(callback.id)
    sandbox.events.reroute()
    return Response(status=204)


def _read(request: Request) -> dict[str, Any]:
    return read_body(request, type_name="TEventCallbackURL", readers=READERS, read_only=READ_ONLY)


def _fields(body: Mapping[str, Any]) -> dict[str, Any]:
    return {FIELDS[name]: value for name, value in body.items()}


def _check_is_free(sandbox: Sandbox, callback: Callback) -> None:
    """Unique are kind and backup together; Mailjet tells of the kind by its number."""
    for other in sandbox.store.callbacks_of(callback.api_key):
        is_same = (other.event_type, other.is_backup) == (callback.event_type, callback.is_backup)
        if is_same and other.id != callback.id:
            value = f"{NUMBERS[callback.event_type]}|{str(callback.is_backup).lower()}"
            raise duplicate("EventCallbackURL", value, "EventType|Backup")


def _put(sandbox: Sandbox, request: Request, callback: Callback, *, status: int) -> Response:
    sandbox.store.put_callback(callback)
    sandbox.events.reroute()
    return _answer(sandbox, request, callback, status=status)


def _answer(sandbox: Sandbox, request: Request, callback: Callback, *, status: int = 200) -> Response:
    return enveloped(_view(callback, {}, key_id=_key_id(sandbox, request)), status=status)


def _find(sandbox: Sandbox, request: Request, key: str) -> Callback | None:
    callback = sandbox.store.callbacks.get(row_id(key) or 0)
    return callback if callback is not None and callback.api_key == credentials(request)[0] else None


def _key_id(sandbox: Sandbox, request: Request) -> int:
    return sandbox.store.keys[credentials(request)[0]].id


PATTERN = "/v3/REST/eventcallbackurl"

routes = (
    Route(method="GET", pattern=PATTERN, endpoint=list_callbacks),
    Route(method="POST", pattern=PATTERN, endpoint=create_callback),
    Route(method="GET", pattern=f"{PATTERN}/{{key}}", endpoint=read_callback),
    Route(method="PUT", pattern=f"{PATTERN}/{{key}}", endpoint=update_callback),
    Route(method="DELETE", pattern=f"{PATTERN}/{{key}}", endpoint=delete_callback),
)
