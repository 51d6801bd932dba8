"""Faults on demand: a script of mishaps, each meeting the next calls under its path."""

from dataclasses import replace
from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from mailjet_sandbox.http import HTML, Response, html_response, json_response

FaultKind = Literal["status", "latency", "drop_before", "drop_after", "truncate", "wrong_content"]

NGINX_PAGE = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
NGINX_TITLES = {
    404: "404 Not Found",
    429: "429 Too Many Requests",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
}


class Fault(BaseModel):
    """One mishap. It meets the next `times` calls whose path begins with `path`.

    status: not processed; `status` is answered (429, 502, 503 and 504 as nginx's HTML; Retry-After only with
    `retry_after`). latency: processed after `seconds`. drop_before, drop_after: the connection is closed without an
    answer, before or after processing. truncate: processed, half the answer is sent. wrong_content: not processed,
    200 with an HTML page. `seconds` may delay any kind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: FaultKind
    path: str = Field(default="/", pattern="^/")
    times: int = Field(default=1, ge=1)
    status: int = Field(default=500, ge=400, le=599)
    seconds: float = Field(default=0, ge=0, le=600)
    retry_after: int | None = Field(default=None, ge=0)

    def answer_unprocessed(self) -> Response | None:
        """What the caller gets instead of an answer, or None if the call is to be processed."""
        if self.kind == "status":
            return broken_answer(self.status, retry_after=self.retry_after)
        if self.kind == "drop_before":
            return Response(delivery="none")
        if self.kind == "wrong_content":
            return html_response("<!doctype html><title>Sign in</title><p>Please sign in to this network.</p>")
        return None

    def spoil(self, response: Response) -> Response:
        """What becomes of the answer to a call that was processed."""
        if self.kind == "drop_after":
            return replace(response, delivery="none")
        return replace(response, delivery="half") if self.kind == "truncate" else response


class FaultScript:
    """Faults in the order they were given. One call meets one fault: the first whose path matches."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def take(self, path: str) -> Fault | None:
        for position, fault in enumerate(self._faults):
            if path.startswith(fault.path):
                self._use(position)
                return fault
        return None

    def _use(self, position: int) -> None:
        fault = self._faults.pop(position)
        if fault.times > 1:
            self._faults.insert(position, fault.model_copy(update={"times": fault.times - 1}))

    def pending(self) -> tuple[Fault, ...]:
        return tuple(self._faults)

    def clear(self) -> None:
        self._faults.clear()


def broken_answer(status: int, *, retry_after: int | None = None) -> Response:
    """An error from in front of the API (nginx, HTML) or, for other statuses, from its gateway (JSON)."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    if status in NGINX_TITLES:
        page = NGINX_PAGE.format(NGINX_TITLES[status]).encode()
        return Response(status=status, body=page, content_type=HTML, headers=headers)
    problem = {"ErrorIdentifier": str(uuid4()), "StatusCode": status, "ErrorMessage": "An internal error occurred."}
    return replace(json_response(problem, status=status), headers=headers)
