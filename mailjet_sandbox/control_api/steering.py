"""Settings, faults, the log of calls, reset and health."""

from dataclasses import asdict

from mailjet_sandbox.control_api.inputs import BadInputError, build, explaining, read_json, read_number, read_query
from mailjet_sandbox.faults import Fault
from mailjet_sandbox.http import Request, Response, Route, json_response
from mailjet_sandbox.sandbox import Sandbox
from mailjet_sandbox.settings import Settings

MOST_CALLS = 10_000


def read_health(sandbox: Sandbox, _: Request) -> Response:
    store = sandbox.store
    return json_response({"status": "ok", "kept_messages": store.kept_count, "accepted_messages": store.accepted_count})


def reset(sandbox: Sandbox, _: Request) -> Response:
    sandbox.reset()
    return Response(status=204)


def read_settings(sandbox: Sandbox, _: Request) -> Response:
    return json_response(sandbox.settings.model_dump(mode="json"))


@explaining
def change_settings(sandbox: Sandbox, request: Request) -> Response:
    changes = read_json(request)
    if not isinstance(changes, dict):
        raise BadInputError("the body must be an object of settings")
    sandbox.configure(build(Settings, {**sandbox.settings.model_dump(mode="json"), **changes}))
    return read_settings(sandbox, request)


def list_faults(sandbox: Sandbox, _: Request) -> Response:
    return json_response({"items": [fault.model_dump(mode="json") for fault in sandbox.faults.pending()]})


@explaining
def add_faults(sandbox: Sandbox, request: Request) -> Response:
    """One fault, or an array of them; either all are added or none."""
    given = read_json(request)
    faults = [build(Fault, each) for each in (given if isinstance(given, list) else [given])]
    for fault in faults:
        sandbox.faults.add(fault)
    return list_faults(sandbox, request)


def clear_faults(sandbox: Sandbox, _: Request) -> Response:
    sandbox.faults.clear()
    return Response(status=204)


@explaining
def list_calls(sandbox: Sandbox, request: Request) -> Response:
    """By arrival, the earliest first."""
    query = read_query(request, "path", "limit", "offset")
    limit = read_number(query, "limit", default=1000, most=MOST_CALLS)
    offset = read_number(query, "offset", default=0, most=10**9)
    calls = [call for call in sandbox.store.calls if call.path.startswith(query.get("path", ""))]
    calls.sort(key=lambda call: call.arrived_at)
    return json_response({"count": len(calls), "items": [asdict(call) for call in calls[offset : offset + limit]]})


def clear_calls(sandbox: Sandbox, _: Request) -> Response:
    sandbox.store.calls.clear()
    return Response(status=204)


routes = (
    Route(method="GET", pattern="/sandbox/health", endpoint=read_health),
    Route(method="POST", pattern="/sandbox/reset", endpoint=reset),
    Route(method="GET", pattern="/sandbox/settings", endpoint=read_settings),
    Route(method="PATCH", pattern="/sandbox/settings", endpoint=change_settings),
    Route(method="GET", pattern="/sandbox/faults", endpoint=list_faults),
    Route(method="POST", pattern="/sandbox/faults", endpoint=add_faults),
    Route(method="DELETE", pattern="/sandbox/faults", endpoint=clear_faults),
    Route(method="GET", pattern="/sandbox/calls", endpoint=list_calls),
    Route(method="DELETE", pattern="/sandbox/calls", endpoint=clear_calls),
)
