"""What can go wrong with a call to Mailjet, by what the caller may conclude from it.

MailjetError
├── Unreachable        surely not processed: the request never left, or Mailjet said so
├── OutcomeUnknown     perhaps processed: timed out, cut off, garbled, or a server fault
├── RateLimited        not processed: too many calls
├── Unauthorized       not processed: the key pair is wrong
│   └── Suspended      not processed: the key is right, the account is blocked
└── RequestRejected    not processed: the whole request was refused as it stands
"""

from dataclasses import dataclass


class MailjetError(Exception):
    """Base of all. `retry_after` is in seconds where Mailjet named a delay, else None."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unreachable(MailjetError):
    """No connection could be made: nothing was processed, so sending again is safe."""


class OutcomeUnknown(MailjetError):
    """The request may have been processed. Sending again could send twice: look the message up first."""


class RateLimited(MailjetError):
    """HTTP 429. Nothing was processed."""


class Unauthorized(MailjetError):
    """HTTP 401: api_key or api_secret is wrong, or the operation is not allowed to this key."""


class Suspended(Unauthorized):
    """HTTP 401 with mj-0001: Mailjet has temporarily blocked the account."""


class RequestRejected(MailjetError):
    """Mailjet refused the request as a whole; repeating it unchanged cannot help."""

    def __init__(self, problem: "Problem") -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One error as Mailjet reports it, for a request or for a message in it. `code` may be empty."""

    code: str
    status: int
    text: str
    related_to: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f" ({', '.join(self.related_to)})" if self.related_to else ""
        return f"{self.code}: {self.text}{where}" if self.code else f"{self.text}{where}"
