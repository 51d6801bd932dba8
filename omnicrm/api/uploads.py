"""Uploads of many rows: taken in whole before anything is done with them, in constant memory, and cut into rows.

Whole, because a client may well send everything before it reads anything, and would never finish if it were answered
meanwhile; and because an upload that breaks off then imports nothing.
"""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Final, Protocol

from django.http import HttpRequest
from django.utils.translation import gettext as _

from omnicrm.api.limits import MAX_UPLOAD_BYTES, announced_length
from omnicrm.api.problems import Problem
from omnicrm.api.row_cutting import elements, lines

MAX_ROW_BYTES: Final = 64_000
READ_BYTES: Final = 64 * 1024
IN_MEMORY_BYTES: Final = 1_000_000
"""A larger upload lies on disk while it is worked on."""

_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class UploadedRow:
    """`number` counts from 1: lines of NDJSON, elements of an array. `content` is a text when it is no row: why not."""

    number: int
    content: bytes | str


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """`digest` is the SHA-256 of all of it. `is_array` tells a JSON array from NDJSON."""

    file: IO[bytes]
    digest: bytes
    is_array: bool

    def rows(self) -> Iterator[UploadedRow]:
        """The rows, read once. Blank lines are counted and left out."""
        cut = elements if self.is_array else lines
        for number, content in enumerate(cut(self._chunks(), limit=MAX_ROW_BYTES), start=1):
            if self.is_array or content.strip():
                yield UploadedRow(number, content)

    def _chunks(self) -> Iterator[bytes]:
        self.file.seek(0)
        yield self.file.read(READ_BYTES).removeprefix(_BOM)
        while chunk := self.file.read(READ_BYTES):
            yield chunk


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def receive(request: HttpRequest) -> Upload:
    """Takes the upload in. Raises Problem for one that is a form, is too large or breaks off."""
    if request.content_type == "multipart/form-data":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _("Send the rows as the body itself, not inside of a form."))
    digest = hashlib.sha256()
    with ExitStack() as unless_received:
        file = unless_received.enter_context(SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))
        for chunk in _whole_body(request):
            file.write(chunk)
            digest.update(chunk)
        unless_received.pop_all()
    return Upload(file=file, digest=digest.digest(), is_array=_is_array(request, file))


def _whole_body(request: HttpRequest) -> Iterator[bytes]:
    """The body in chunks: no more than is allowed, and no less than was announced."""
    size, stream = 0, _stream(request)
    while chunk := stream.read(READ_BYTES):
        size += len(chunk)
        if size > MAX_UPLOAD_BYTES:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                _("Send at most %(limit)d bytes in one upload.") % {"limit": MAX_UPLOAD_BYTES},
            )
        yield chunk
    announced = announced_length(request)
    if announced and size < announced:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            _("The upload broke off after %(size)d of %(announced)d bytes; nothing was imported.")
            % {"size": size, "announced": announced},
        )


def _stream(request: HttpRequest) -> _Readable:
    """Django reads nothing from a chunked upload, which has no length; the server knows where it ends."""
    if announced_length(request) is not None or not request.META.get("wsgi.input_terminated"):
        return request
    stream: _Readable = request.META["wsgi.input"]
    return stream


def _is_array(request: HttpRequest, file: IO[bytes]) -> bool:
    file.seek(0)
    start = file.read(READ_BYTES).removeprefix(_BOM).lstrip()
    return start.startswith(b"[") and "ndjson" not in (request.content_type or "")
