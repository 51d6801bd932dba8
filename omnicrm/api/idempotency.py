"""Idempotency-Key: a POST sent again gets the first answer again, and changes nothing a second time.

The answer is stored in the transaction that does the work, so there is no moment at which only one of them is durable.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from omnicrm.api.callers import Caller
from omnicrm.api.models import MAX_KEY_LENGTH, StoredAnswer
from omnicrm.api.problems import Problem

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
KEPT = timedelta(hours=24)

_NOT_KEPT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED})
"""What may be put right without changing the request."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeatable:
    """A request under its caller's key. `fingerprint` tells it from other requests: a SHA-256 of all it says."""

    caller: str
    key: str
    fingerprint: bytes

    def claim(self, *, waits: bool = False) -> None:
        """Keeps the key to this transaction. Where another one has it: waits, or raises Problem 409."""
        lock = "pg_advisory_xact_lock" if waits else "pg_try_advisory_xact_lock"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {lock}(hashtextextended(%s, 0))", [f"{self.caller} {self.key}"])
            (is_ours,) = cursor.fetchone()
        if is_ours is False:
            raise Problem(
                HTTPStatus.CONFLICT,
                _("A request with this Idempotency-Key is being answered; try again in a moment."),
                headers={"Retry-After": "1"},
            )

    def stored(self, *, part: int = 0) -> StoredAnswer | None:
        """The answer given before. Raises Problem 422 if it was given to another request."""
        stored = StoredAnswer.objects.filter(caller=self.caller, key=self.key, part=part).first()
        if stored and bytes(stored.request_hash) != self.fingerprint:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                _("This Idempotency-Key came with another request before; use a new one."),
            )
        return stored

    def store(self, response: HttpResponse, *, now: datetime, part: int = 0) -> None:
        StoredAnswer.objects.create(
            caller=self.caller,
            key=self.key,
            part=part,
            request_hash=self.fingerprint,
            status=response.status_code,
            content_type=response["Content-Type"],
            body=response.content,
            created_at=now,
        )


def repeatable(request: HttpRequest, caller: Caller, *, body_digest: Callable[[], bytes]) -> Repeatable | None:
    """The request under its Idempotency-Key, if it has one. Raises Problem for a key that cannot be kept."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not (0 < len(key) <= MAX_KEY_LENGTH and key.isascii() and key.isprintable()):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            _("Idempotency-Key takes 1 to %(limit)d printable ASCII characters.") % {"limit": MAX_KEY_LENGTH},
        )
    start = f"{request.method} {request.get_full_path()}\n".encode()
    return Repeatable(caller=caller.name, key=key, fingerprint=hashlib.sha256(start + body_digest()).digest())


def once(
    request: HttpRequest,
    caller: Caller,
    *,
    now: datetime,
    run: Callable[[], HttpResponseBase],
    body_digest: Callable[[], bytes] | None = None,
) -> HttpResponseBase:
    """Runs a POST, or gives the answer it got before. Failures on our side are not kept: they may be tried again.

    `body_digest` stands for the whole body where that is too large to be read at once.
    """
    this = repeatable(request, caller, body_digest=body_digest or (lambda: hashlib.sha256(request.body).digest()))
    if this is None:
        return run()
    with transaction.atomic():
        this.claim()
        if stored := this.stored():
            return _replayed(stored)
        response = run()
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            transaction.set_rollback(True)
        elif response.status_code not in _NOT_KEPT and isinstance(response, HttpResponse):
            this.store(response, now=now)
        return response


def forget_old_answers(*, now: datetime) -> int:
    """Deletes answers older than a day; returns how many."""
    deleted, _by_model = StoredAnswer.objects.filter(created_at__lt=now - KEPT).delete()
    return deleted


def _replayed(stored: StoredAnswer) -> HttpResponse:
    return HttpResponse(
        bytes(stored.body), status=stored.status, content_type=stored.content_type, headers={REPLAYED: "true"}
    )
