"""HTTP to Mailjet: connections kept alive, every wait bounded, every failure made one of the errors of errors.py."""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from omnicrm.mailjet.errors import (
    MailjetError,
    OutcomeUnknown,
    Problem,
    RateLimited,
    RequestRejected,
    Suspended,
    Unauthorized,
    Unreachable,
)

SUSPENDED_CODE = "mj-0001"
MAX_ERROR_TEXT = 300
LARGE_BYTES = 1024 * 1024
"""A longer body is sent piece by piece, so that other calls go on meanwhile."""
IDLE_SECONDS = 15
"""An idle connection is dropped before the other side does it: a request on a dying one has an unknown outcome."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeouts:
    """Seconds: to get a connection, and for the whole call."""

    connect: float = 5
    total: float = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A JSON answer. `body` is an object; {} where Mailjet rightly sends none (204, 304)."""

    status: int
    body: Mapping[str, Any]


class Transport:
    """One key pair's connections to Mailjet. Use as an async context manager, from one event loop.

    The secret is held only inside the session's authorisation and is never part of an error or a repr.
    """

    def __init__(
        self, *, base_url: str, api_key: str, api_secret: str, connections: int = 64, timeouts: Timeouts | None = None
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._authorization = aiohttp.encode_basic_auth(api_key, api_secret)
        self._connections = connections
        self._timeouts = timeouts or Timeouts()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"Authorization": self._authorization},
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(
                total=self._timeouts.total,
                connect=self._timeouts.connect,
                sock_connect=self._timeouts.connect,
            ),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def request(
        self, method: str, path: str, *, body: bytes | None = None, params: Mapping[str, str] | None = None
    ) -> Answer:
        """Makes one call and returns its JSON answer, whatever its status, unless it is an error of errors.py.

        A 4xx whose body is a JSON object comes back as an Answer: only the caller knows whether parts of it succeeded.
        """
        if self._session is None:
            raise RuntimeError("use the transport as an async context manager")
        try:
            async with self._session.request(
                method,
                self._base_url + path,
                data=io.BytesIO(body) if body and len(body) > LARGE_BYTES else body,
                params=params,
                headers={"Content-Type": "application/json"},
                allow_redirects=False,
            ) as response:
                return _classify(response, await response.read())
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            raise Unreachable(f"cannot connect to {self._base_url}: {_short(error)}") from error
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raise OutcomeUnknown(f"{method} {path}: no complete answer: {_short(error)}") from error


def _classify(response: aiohttp.ClientResponse, raw: bytes) -> Answer:
    status = response.status
    if status == 429:
        raise RateLimited("Mailjet says: too many requests", retry_after=_retry_after(response))
    body = _json_object(raw)
    if status == 401:
        raise _unauthorized(body)
    if status >= 500 or status == 408:
        raise OutcomeUnknown(f"Mailjet answered HTTP {status}")
    if 200 <= status < 300 and status != 204 and body is None:
        raise OutcomeUnknown(f"Mailjet answered HTTP {status} with a body that is not whole JSON")
    if status >= 300 and status != 304 and body is None:
        raise RequestRejected(Problem(code="", status=status, text=f"HTTP {status}, no explanation"))
    return Answer(status=status, body=body or {})


def rows_of(answer: Answer) -> list[Mapping[str, Any]]:
    """`Data` of an answer of /v3/REST. Raises RequestRejected, and OutcomeUnknown where there is none."""
    if answer.status >= 400:
        raise RequestRejected(problem_of(answer.body, status=answer.status))
    rows = answer.body.get("Data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise OutcomeUnknown(f"Mailjet answered HTTP {answer.status} without Data")
    return rows


def problem_of(body: Mapping[str, Any], *, status: int) -> Problem:
    """Reads both of Mailjet's error shapes. ErrorInfo and ErrorMessage may be strings or objects."""
    texts = [_text(body.get(name)) for name in ("ErrorMessage", "ErrorInfo")]
    return Problem(
        code=str(body.get("ErrorCode") or ""),
        status=int(body.get("StatusCode") or status),
        text="; ".join(text for text in texts if text)[:MAX_ERROR_TEXT] or f"HTTP {status}",
        related_to=tuple(str(name) for name in body.get("ErrorRelatedTo") or ()),
    )


def _unauthorized(body: Mapping[str, Any] | None) -> MailjetError:
    if body is None:
        return Unauthorized("Mailjet does not accept api_key and api_secret")
    problem = problem_of(body, status=401)
    return Suspended(str(problem)) if problem.code == SUSPENDED_CODE else Unauthorized(str(problem))


def _json_object(raw: bytes) -> Mapping[str, Any] | None:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None


def _text(value: object) -> str:
    if value in (None, ""):
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:MAX_ERROR_TEXT]
