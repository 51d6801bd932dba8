"""Balance events from the charging system: one by one, or many in one upload, answered row by row."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
import structlog
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import ValidationError

from omnicrm.accounts.roles import Permission
from omnicrm.api.balance_schemas import INTAKE_DOCUMENTATION, BalanceEventIn
from omnicrm.api.callers import Needs
from omnicrm.api.field_errors import InvalidRequest, field_errors, shown
from omnicrm.api.idempotency import HEADER
from omnicrm.api.imports import JSON, NDJSON, as_array, begun, in_parts
from omnicrm.api.json import NotJson, parsed
from omnicrm.api.limits import MAX_BODY_BYTES, announced_length
from omnicrm.api.problems import problem_of
from omnicrm.api.uploads import Upload, UploadedRow, receive
from omnicrm.balances.events import IncomingEvent, read_event
from omnicrm.balances.gathering import accept_event
from omnicrm.balances.intake import CHUNK, Received, accept_events
from omnicrm.balances.models import MAX_ID_LENGTH, Source
from omnicrm.customers.errors import FieldError, InvalidInput

log = structlog.get_logger()
router = Router(tags=["Balances"])
_KEY_LENGTH: Final = MAX_ID_LENGTH - 20
"""Of an Idempotency-Key, so that a row's number fits behind it."""


@router.post("/balance_event", auth=Needs(Permission.WRITE_BALANCES), openapi_extra=INTAKE_DOCUMENTATION)
def accept_balance_events(request: HttpRequest) -> HttpResponseBase:
    """Takes in one event, an array of them, or NDJSON, and answers in the same form. A wrong row fails alone.

    What is answered with 2xx is durable. Sending it again changes nothing: an event counts once by its `event_id`, or
    by all it says where it has only an `event_time`. Rows without either are named by the Idempotency-Key, if one is
    given, and their number.
    """
    return _answer_one(request) if _is_one(request) else _answer_many(request)


def _is_one(request: HttpRequest) -> bool:
    length = announced_length(request)
    if length is None or length > MAX_BODY_BYTES or "ndjson" in (request.content_type or ""):
        return False
    return request.body.lstrip()[:1] == b"{"


def _answer_one(request: HttpRequest) -> HttpResponse:
    try:
        event = _read(request.body)
    except ValidationError as error:
        raise InvalidRequest(field_errors(error, BalanceEventIn)) from None
    result = accept_event(_named(event, request, row=1), now=timezone.now())
    return HttpResponse(orjson.dumps(result_of(result)), content_type=JSON)


def _answer_many(request: HttpRequest) -> StreamingHttpResponse:
    with ExitStack() as unless_begun:
        upload = receive(request)
        unless_begun.callback(upload.file.close)
        parts = _Stream(request, upload, translation.get_language() or "en").parts()
        answer = begun(next(parts, b""), parts)
        unless_begun.pop_all()
    if upload.is_array:
        return StreamingHttpResponse(as_array(answer), content_type=JSON)
    return StreamingHttpResponse(answer, content_type=NDJSON)


@dataclass(frozen=True, slots=True)
class _Stream:
    """One upload on its way in."""

    request: HttpRequest
    upload: Upload
    language: str

    def parts(self) -> Iterator[bytes]:
        return in_parts(self.upload, size=CHUNK, answer=self._part, broken_off=self._broken_off)

    def _part(self, _number: int, rows: Sequence[UploadedRow]) -> bytes:
        with translation.override(self.language):
            read = [self._read_row(row) for row in rows]
            right = [each for each in read if isinstance(each, IncomingEvent)]
            results = iter(accept_events(right, source=Source.OWN, now=timezone.now()))
            return b"".join(
                _line(row.number, next(results) if isinstance(what, IncomingEvent) else what)
                for row, what in zip(rows, read, strict=True)
            )

    def _read_row(self, row: UploadedRow) -> IncomingEvent | Sequence[FieldError]:
        if isinstance(row.content, str):
            return [FieldError(field="row", message=row.content)]
        try:
            return _named(_read(row.content), self.request, row=row.number)
        except NotJson as error:
            return [FieldError(field="row", message=str(error))]
        except ValidationError as error:
            return field_errors(error, BalanceEventIn)
        except InvalidInput as error:
            return error.errors

    def _broken_off(self, row: int, error: Exception) -> bytes:
        log.error("balance_events_broke_off", row=row, exc_info=error)
        with translation.override(self.language):
            why = _("Nothing from this row on was taken in; send it again: %(reason)s") % {
                "reason": problem_of(error, self.request).detail
            }
        return _line(row, [FieldError(field="row", message=why)])


def _read(content: bytes) -> IncomingEvent:
    """Raises NotJson, ValidationError for a wrong shape, InvalidInput for a wrong content."""
    body = BalanceEventIn.model_validate(parsed(content))
    return read_event({name: getattr(body, name) for name in body.model_fields_set})


def _named(event: IncomingEvent, request: HttpRequest, *, row: int) -> IncomingEvent:
    key = request.headers.get(HEADER)
    if not key or event.event_id or event.event_time:
        return event
    return replace(event, event_id=f"{key[:_KEY_LENGTH]}:{row}")


def result_of(received: Received) -> dict[str, str]:
    """What became of an event, as it is answered."""
    return {"status": received.status.value, "reason": str(received.reason.label) if received.reason else ""}


def _line(row: int, what: Received | Sequence[FieldError]) -> bytes:
    if isinstance(what, Received):
        answer: dict[str, Any] = {"row": row, **result_of(what), "errors": []}
    else:
        answer = {"row": row, "status": "error", "reason": "", "errors": shown(what)}
    return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
