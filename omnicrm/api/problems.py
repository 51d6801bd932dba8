"""Everything that can go wrong with a request, as an application/problem+json answer (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import orjson
import structlog
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, HttpError

from omnicrm.api.field_errors import InvalidRequest, shown
from omnicrm.api.json import NotJson
from omnicrm.customers.errors import AlreadyTaken, FieldError, InvalidInput
from omnicrm.invoices.errors import WrongState

log = structlog.get_logger()

CONTENT_TYPE: Final = "application/problem+json"
ERRORS_IN_DETAIL: Final = 5


class Problem(Exception):
    """A request that is answered by an error. `detail` is for the caller: what, where, how to mend it.

    `kind` is for programs that have to tell this error from others of its status.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        kind: str = "about:blank",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.kind = kind


def answer_to(error: Exception, request: HttpRequest) -> HttpResponse:
    """The answer to whatever was raised. What nobody expected is logged, and answered without its details."""
    problem = problem_of(error, request)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request_failed", method=request.method, path=request.path, exc_info=error)
    body = {
        "type": problem.kind,
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": problem.detail,
        "errors": shown(problem.errors),
    }
    return HttpResponse(
        orjson.dumps(body), status=problem.status, content_type=CONTENT_TYPE, headers=dict(problem.headers)
    )


def problem_of(error: Exception, request: HttpRequest) -> Problem:
    """What an exception means to the caller."""
    match error:
        case Problem():
            problem = error
        case AuthenticationError():
            problem = not_signed_in()
        case ObjectDoesNotExist() | Http404():
            problem = nothing_here(request)
        case AlreadyTaken() | WrongState():
            problem = _wrong_fields(HTTPStatus.CONFLICT, error.errors)
        case InvalidInput():
            problem = _wrong_fields(HTTPStatus.UNPROCESSABLE_ENTITY, error.errors)
        case InvalidRequest():
            problem = _wrong_fields(HTTPStatus.UNPROCESSABLE_ENTITY, error.mistakes)
        case RequestDataTooBig():
            problem = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("The body is too large."))
        case NotJson() | HttpError(__cause__=NotJson()):
            problem = Problem(HTTPStatus.BAD_REQUEST, str(error.__cause__ or error))
        case HttpError() | SuspiciousOperation() | UnreadablePostError() | RawPostDataException():
            problem = Problem(HTTPStatus.BAD_REQUEST, _("The body cannot be read; send JSON."))
        case _:
            problem = _failure(error)
    return problem


def not_signed_in() -> Problem:
    return Problem(
        HTTPStatus.UNAUTHORIZED,
        _("Send a valid API key in the header X-API-KEY, or sign in."),
        headers={"WWW-Authenticate": 'ApiKey realm="OmniCRM", header="X-API-KEY"'},
    )


def nothing_here(request: HttpRequest) -> Problem:
    return Problem(
        HTTPStatus.NOT_FOUND, _("There is nothing at %(path)s; /crm/docs lists what there is.") % {"path": request.path}
    )


def method_not_allowed(request: HttpRequest, allowed: str) -> Problem:
    return Problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        _("%(method)s is not possible here; use one of: %(allowed)s.") % {"method": request.method, "allowed": allowed},
        headers={"Allow": allowed},
    )


def _wrong_fields(status: HTTPStatus, errors: Sequence[FieldError]) -> Problem:
    detail = "; ".join(map(str, errors[:ERRORS_IN_DETAIL]))
    return Problem(status, detail if len(errors) <= ERRORS_IN_DETAIL else f"{detail}; …", errors=errors)


def _failure(error: Exception) -> Problem:
    if isinstance(error, IntegrityError):
        return Problem(HTTPStatus.CONFLICT, _("Somebody changed the same data at the same time; try again."))
    if isinstance(error, OperationalError):
        return Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, _("The database is away; try again soon."), headers={"Retry-After": "5"}
        )
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong on our side; it has been noted."))
