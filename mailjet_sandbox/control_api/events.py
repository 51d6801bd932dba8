"""Events: what happened, what is to happen to addresses, making things happen, and telling at once."""

from dataclasses import asdict
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mailjet_sandbox.control_api.inputs import BadInputError, build, explaining, read_json, read_number, read_query
from mailjet_sandbox.events.fates import ERRORS, Fate, FateKind
from mailjet_sandbox.events.happening import happen
from mailjet_sandbox.events.log import Event
from mailjet_sandbox.events.payloads import blank_payload
from mailjet_sandbox.http import Request, Response, Route, json_response
from mailjet_sandbox.records import EventKind
from mailjet_sandbox.sandbox import Sandbox

MOST = 1000


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FateInput(_Input):
    email: str = Field(min_length=3)
    kind: FateKind
    error: str = ""


class EventInput(_Input):
    """`message_id` "0" is a test event, about no message; then `api_key` says whose callbacks are meant."""

    message_id: str
    kind: EventKind
    properties: dict[str, Any] = Field(default_factory=dict)
    api_key: str = ""


class FlushInput(_Input):
    reverse: bool = False
    times: int = Field(default=1, ge=1, le=100)


@explaining
def list_events(sandbox: Sandbox, request: Request) -> Response:
    """Earliest first, whether told or not."""
    query = read_query(request, "kind", "message_id", "to", "limit", "offset")
    limit = read_number(query, "limit", default=100, most=MOST)
    offset = read_number(query, "offset", default=0, most=10**9)
    matching = [event for event in sandbox.events.kept if _passes(event, query)]
    page = islice(matching, offset, offset + limit)
    return json_response({"count": len(matching), "items": [_view(event) for event in page]})


def _passes(event: Event, query: dict[str, str]) -> bool:
    return (
        ("kind" not in query or event.kind == query["kind"])
        and ("message_id" not in query or str(event.payload["MessageID"]) == query["message_id"])
        and ("to" not in query or str(event.payload["email"]).lower() == query["to"].lower())
    )


@explaining
def make_event(sandbox: Sandbox, request: Request) -> Response:
    given = build(EventInput, read_json(request))
    number = read_number({"message_id": given.message_id}, "message_id", default=0, most=2**63)
    event = _blank(sandbox, given) if number == 0 else _about(sandbox, number, given)
    return json_response(_view(event), status=201)


def _about(sandbox: Sandbox, number: int, given: EventInput) -> Event:
    message = sandbox.store.message(number)
    if message is None:
        raise BadInputError(f"message_id: message {number} does not exist, or was dropped since")
    event = happen(sandbox, message, given.kind, more=given.properties)
    if event is None:
        raise _nobody(given.kind, message.api_key)
    return event


def _blank(sandbox: Sandbox, given: EventInput) -> Event:
    keys = {callback.api_key for callback in sandbox.store.callbacks.values()}
    api_key = given.api_key or (keys.pop() if len(keys) == 1 else "")
    if sandbox.store.callback_for(api_key, given.kind) is None:
        raise _nobody(given.kind, api_key)
    payload = blank_payload(given.kind, now=sandbox.now(), more=given.properties)
    return sandbox.events.add(api_key, given.kind, payload)


def _nobody(kind: str, api_key: str) -> BadInputError:
    return BadInputError(
        f'kind: no living callback for "{kind}" is registered with the key "{api_key}"; '
        "POST one to /v3/REST/eventcallbackurl first"
    )


def clear_events(sandbox: Sandbox, _: Request) -> Response:
    """Also those that are still to be told."""
    sandbox.events.clear()
    return Response(status=204)


async def flush_events(sandbox: Sandbox, request: Request) -> Response:
    """Tells all that is pending now, and answers when that is done."""
    try:
        given = build(FlushInput, read_json(request) if request.body else {})
    except BadInputError as error:
        return json_response({"error": str(error)}, status=400)
    if sandbox.courier is None:
        return json_response({"error": "the sandbox is stopping"}, status=503)
    flushed = await sandbox.courier.flush(reverse=given.reverse, times=given.times)
    return json_response(asdict(flushed))


@explaining
def put_fate(sandbox: Sandbox, request: Request) -> Response:
    given = build(FateInput, read_json(request))
    if given.error and given.error not in ERRORS:
        raise BadInputError(f"error: Mailjet's are {', '.join(ERRORS)}")
    fate = sandbox.fates.put(given.email, given.kind, error=given.error)
    return json_response(_fate_view(given.email, fate), status=201)


def list_fates(sandbox: Sandbox, _: Request) -> Response:
    return json_response({"items": [_fate_view(email, fate) for email, fate in sandbox.fates.all().items()]})


def clear_fates(sandbox: Sandbox, _: Request) -> Response:
    sandbox.fates.clear()
    return Response(status=204)


def _fate_view(email: str, fate: Fate) -> dict[str, Any]:
    return {"email": email, "kind": fate.kind, "error": fate.error}


def _view(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "message_id": str(event.payload["MessageID"]),
        "email": event.payload["email"],
        "api_key": event.api_key,
        "told": event.told,
        "is_lost": event.is_lost,
        "payload": event.payload,
    }


routes = (
    Route(method="GET", pattern="/sandbox/events", endpoint=list_events),
    Route(method="POST", pattern="/sandbox/events", endpoint=make_event),
    Route(method="DELETE", pattern="/sandbox/events", endpoint=clear_events),
    Route(method="POST", pattern="/sandbox/events/flush", endpoint=flush_events),
    Route(method="GET", pattern="/sandbox/fates", endpoint=list_fates),
    Route(method="POST", pattern="/sandbox/fates", endpoint=put_fate),
    Route(method="DELETE", pattern="/sandbox/fates", endpoint=clear_fates),
)
