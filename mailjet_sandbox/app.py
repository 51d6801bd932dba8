"""The whole sandbox behind one call: a request in, a response out."""

import asyncio
import logging
import time

from mailjet_sandbox import control_api, inbox, rest, send
from mailjet_sandbox.access import credentials, refusal
from mailjet_sandbox.errors import rest_error
from mailjet_sandbox.faults import NGINX_PAGE, NGINX_TITLES, Fault, broken_answer
from mailjet_sandbox.http import Request, Response, Route, Router, html_response, json_response
from mailjet_sandbox.records import CallRecord
from mailjet_sandbox.sandbox import Sandbox

LOG = logging.getLogger("mailjet_sandbox")
API_PREFIXES = ("/v1/", "/v3/", "/v3.1/", "/v4/")

API_ROUTES: tuple[Route, ...] = (*send.routes, *rest.routes)
OWN_ROUTES: tuple[Route, ...] = (*control_api.routes, *inbox.routes)


class Application:
    """Answers requests for one sandbox, and keeps the log of API calls."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._api = Router(API_ROUTES)
        self._own = Router(OWN_ROUTES)

    async def answer(self, request: Request) -> Response:
        if not request.path.lower().startswith(API_PREFIXES):
            return await self._call(self._own, request) or _unknown(request)
        fault = self._admit(request)
        response = fault if isinstance(fault, Response) else await self._meet(fault, request)
        self._record(request, response, fault)
        return response

    def _admit(self, request: Request) -> Fault | Response | None:
        """A call over the limit gets its 429 here; any other meets the next fault that the script has for its path."""
        settings = self.sandbox.settings
        admitted = self.sandbox.window.admit(
            credentials(request)[0],
            limit=settings.calls_limit,
            window=settings.window_seconds,
            now=time.monotonic(),
        )
        return self.sandbox.faults.take(request.path) if admitted else broken_answer(429)

    async def _meet(self, fault: Fault | None, request: Request) -> Response:
        delay = self.sandbox.settings.latency_seconds + (fault.seconds if fault else 0)
        if delay:
            await asyncio.sleep(delay)
        if fault is None:
            return await self._process(request)
        return fault.answer_unprocessed() or fault.spoil(await self._process(request))

    async def _process(self, request: Request) -> Response:
        refused = refusal(self.sandbox.store, request, now=self.sandbox.now())
        return refused or await self._call(self._api, request) or _unknown_in_api(request)

    async def _call(self, router: Router, request: Request) -> Response | None:
        found = router.find(request.method, request.path)
        if not isinstance(found, frozenset):
            endpoint, params = found
            response = endpoint(self.sandbox, request, **params)
            return response if isinstance(response, Response) else await response
        return _not_allowed(request, found) if found else None

    def _record(self, request: Request, response: Response, fault: Fault | Response | None) -> None:
        call = CallRecord(
            arrived_at=request.arrived_at,
            method=request.method,
            path=request.path,
            api_key=credentials(request)[0],
            status=0 if response.delivery == "none" else response.status,
            messages=send.count_messages(request),
            fault=fault.kind if isinstance(fault, Fault) else "",
        )
        self.sandbox.store.add_call(call)
        LOG.info("%s %s: %s", call.method, call.path, _outcome(call))


def _outcome(call: CallRecord) -> str:
    parts = [str(call.status or "closed without an answer")]
    parts += [f"{call.messages} message{'s' * (call.messages > 1)}"] if call.messages else []
    return ", ".join(parts + ([f"fault: {call.fault}"] if call.fault else []))


def _unknown(request: Request) -> Response:
    return json_response({"error": f"there is nothing at {request.path}"}, status=404)


def _not_allowed(request: Request, methods: frozenset[str]) -> Response:
    allowed = ", ".join(sorted(methods))
    return rest_error(405, f"{request.method} is not supported here, only {allowed}", info="Method not allowed")


def _unknown_in_api(request: Request) -> Response:
    """As Mailjet answers a path that it does not know, or plainly if only the sandbox does not."""
    segments = request.path.strip("/").lower().split("/")
    if segments[0] != "v3":
        return html_response(NGINX_PAGE.format(NGINX_TITLES[404]), status=404)
    if len(segments) == 1 or segments[1] != "rest":
        return rest_error(500, f'Could not determine HTTP module for request "{request.path}"', info="EFPWebError")
    resource = request.path.strip("/").split("/")[2] if len(segments) > 2 else ""
    return rest.unknown_resource(resource)
