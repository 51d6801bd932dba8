"""Importing many customers from one upload, answered row by row while the work goes on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, cast

import orjson
import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from pydantic import ValidationError

from omnicrm.api.callers import Caller
from omnicrm.api.customer_schemas import CustomerIn
from omnicrm.api.field_errors import field_errors, shown
from omnicrm.api.idempotency import REPLAYED, Repeatable, repeatable
from omnicrm.api.json import NotJson, parsed
from omnicrm.api.problems import problem_of
from omnicrm.api.uploads import Upload, UploadedRow, receive
from omnicrm.customers.errors import FieldError
from omnicrm.customers.fields import NewCustomer
from omnicrm.onboarding.operations import CHUNK, RowResult, register_chunk

log = structlog.get_logger()

NDJSON: Final = "application/x-ndjson"
JSON: Final = "application/json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Import:
    """One upload on its way in. `repeatable` is None without an Idempotency-Key."""

    request: HttpRequest
    upload: Upload
    repeatable: Repeatable | None
    send_welcome: bool
    language: str

    def parts(self) -> Iterator[bytes]:
        return in_parts(self.upload, size=CHUNK, answer=self._part, broken_off=self._broken_off)

    def _part(self, number: int, rows: Sequence[UploadedRow]) -> bytes:
        with translation.override(self.language), transaction.atomic():
            if self.repeatable is None:
                return self._imported(rows)
            self.repeatable.claim(waits=number > 0)
            if stored := self.repeatable.stored(part=number):
                return bytes(stored.body)
            answer = self._imported(rows)
            self.repeatable.store(HttpResponse(answer, content_type=NDJSON), now=timezone.now(), part=number)
            return answer

    def _imported(self, rows: Sequence[UploadedRow]) -> bytes:
        read = [_read(row.content) for row in rows]
        right = [row for row in read if not isinstance(row, list)]
        registered = iter(register_chunk(rows=right, now=timezone.now(), send_welcome=self.send_welcome))
        return b"".join(
            _line(row.number, RowResult(errors=what) if isinstance(what, list) else next(registered))
            for row, what in zip(rows, read, strict=True)
        )

    def _broken_off(self, row: int, error: Exception) -> bytes:
        log.error("import_broke_off", row=row, exc_info=error)
        with translation.override(self.language):
            why = _("The import stopped here, and nothing from this row on was imported: %(reason)s") % {
                "reason": problem_of(error, self.request).detail
            }
        return _line(row, RowResult(errors=[FieldError(field="row", message=why)]))


def answer_import(request: HttpRequest, caller: Caller, *, send_welcome: bool) -> StreamingHttpResponse:
    """Takes the upload in and answers it in its own form: NDJSON or a JSON array of rows."""
    with ExitStack() as unless_begun:
        upload = receive(request)
        unless_begun.callback(upload.file.close)
        this = repeatable(request, caller, body_digest=lambda: upload.digest)
        headers = {REPLAYED: "true"} if this and this.stored() else {}
        language = translation.get_language() or "en"
        parts = Import(
            request=request, upload=upload, repeatable=this, send_welcome=send_welcome, language=language
        ).parts()
        answer = begun(next(parts, b""), parts)
        unless_begun.pop_all()
    if upload.is_array:
        return StreamingHttpResponse(as_array(answer), content_type=JSON, headers=headers)
    return StreamingHttpResponse(answer, content_type=NDJSON, headers=headers)


def in_parts(
    upload: Upload,
    *,
    size: int,
    answer: Callable[[int, Sequence[UploadedRow]], bytes],
    broken_off: Callable[[int, Exception], bytes],
) -> Iterator[bytes]:
    """The answer to an upload, as NDJSON, in parts of `size` rows; what has been yielded is durable.

    `answer` is given a part's number, from 0, and its rows. An error in the first part is raised, as there is still a
    status to tell it by; a later one is told by `broken_off`, with the number of the row from which on nothing is done.
    """
    with upload.file:
        rows = upload.rows()
        number = 0
        while chunk := list(islice(rows, size)):
            try:
                part = answer(number, chunk)
            except Exception as error:
                if number == 0:
                    raise
                yield broken_off(chunk[0].number, error)
                return
            yield part
            number += 1


def begun(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    """The parts of an answer whose first is made already."""
    yield first
    yield from others


def as_array(parts: Iterator[bytes]) -> Iterator[bytes]:
    """An answer in NDJSON as a JSON array."""
    start = b"["
    for part in parts:
        if part:
            yield start + part.rstrip(b"\n").replace(b"\n", b",\n")
            start = b",\n"
    yield b"[]" if start == b"[" else b"]"


def _read(content: bytes | str) -> NewCustomer | list[FieldError]:
    """The row's fields, or what is wrong with its shape. What they hold is checked at registration."""
    if isinstance(content, str):
        return [FieldError(field="row", message=content)]
    try:
        row = parsed(content)
        CustomerIn.model_validate(row)
    except NotJson as error:
        return [FieldError(field="row", message=str(error))]
    except ValidationError as error:
        return field_errors(error, CustomerIn)
    return cast(NewCustomer, row)


def _line(row: int, result: RowResult) -> bytes:
    answer: dict[str, Any] = {
        "row": row,
        "status": "error" if result.errors else "created",
        "customer_id": result.customer_id,
        "errors": shown(result.errors),
        "reason": result.no_welcome,
    }
    return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
