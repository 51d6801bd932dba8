"""How much a caller may send, and how often."""

from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from omnicrm.api.problems import Problem

MAX_BODY_BYTES: Final = 1_000_000
MAX_UPLOAD_BYTES: Final = 1_000_000_000
REQUESTS_PER_MINUTE: Final = 6_000
"""Per API key, over all processes and machines."""


def refuse_large_body(request: HttpRequest, *, limit: int = MAX_BODY_BYTES) -> None:
    """Raises Problem for a body that says it is too large, or does not say how large it is."""
    length = announced_length(request)
    if length is None and request.headers.get("Transfer-Encoding"):
        raise Problem(HTTPStatus.LENGTH_REQUIRED, _("Send a Content-Length header."))
    if length and length > limit:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            _("The body has %(size)d bytes; send at most %(limit)d.") % {"size": length, "limit": limit},
        )


def announced_length(request: HttpRequest) -> int | None:
    """What the request's Content-Length says, if it says a number."""
    try:
        return int(request.META["CONTENT_LENGTH"])
    except (KeyError, ValueError):
        return None


def count_request(api_key_id: int, *, now: datetime) -> None:
    """Counts a request of the API key. Raises Problem when it has made too many in this minute."""
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [api_key_id, minute])
        (hits,) = cursor.fetchone()
    if hits > REQUESTS_PER_MINUTE:
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            _("This API key may make %(limit)d requests per minute; wait a moment.") % {"limit": REQUESTS_PER_MINUTE},
            headers={"Retry-After": str(60 - now.second)},
        )


_COUNT = """
INSERT INTO api_ratewindow AS seen (api_key_id, started_at, hits) VALUES (%s, %s, 1)
ON CONFLICT (api_key_id) DO UPDATE
SET hits = CASE WHEN seen.started_at = EXCLUDED.started_at THEN seen.hits + 1 ELSE 1 END,
    started_at = EXCLUDED.started_at
RETURNING hits
"""
