"""What the world does with a message: it arrives, unless its address says otherwise or the control API does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from mailjet_sandbox.records import EventKind, MessageStatus

FateKind = Literal["delivered", "hardbounce", "softbounce", "greylisted", "blocked", "spam", "none"]
FATE_KINDS: Final[tuple[FateKind, ...]] = get_args(FateKind)
BY_ADDRESS: Final[tuple[FateKind, ...]] = ("hardbounce", "softbounce", "greylisted", "blocked", "spam")
"""Those that a local part may ask for: `ana+hardbounce@example.com`."""

ERRORS: Final[Mapping[str, str]] = {
    "user unknown": "recipient",
    "mailbox inactive": "recipient",
    "quota exceeded": "recipient",
    "blacklisted": "recipient",
    "spam reporter": "recipient",
    "invalid domain": "domain",
    "no mail host": "domain",
    "relay/access denied": "domain",
    "greylisted": "domain",
    "typofix": "domain",
    "bad or empty template": "content",
    "error in template language": "content",
    "sender blocked": "spam",
    "content blocked": "spam",
    "policy issue": "spam",
    "system issue": "system",
    "protocol issue": "system",
    "connection issue": "system",
    "preblocked": "mailjet",
    "duplicate in campaign": "mailjet",
}
"""Mailjet's words for why a message did not arrive, and what each is related to."""

DEFAULT_ERRORS: Final[Mapping[FateKind, str]] = {
    "hardbounce": "user unknown",
    "softbounce": "quota exceeded",
    "greylisted": "greylisted",
    "blocked": "preblocked",
}
STATUSES: Final[Mapping[FateKind, MessageStatus]] = {
    "hardbounce": "hardbounced",
    "softbounce": "softbounced",
    "greylisted": "deferred",
    "blocked": "blocked",
}
EVENTS: Final[Mapping[FateKind, tuple[EventKind, ...]]] = {
    "delivered": ("sent",),
    "hardbounce": ("bounce",),
    "softbounce": ("bounce",),
    "greylisted": ("bounce",),
    "blocked": ("blocked",),
    "spam": ("sent", "spam"),
    "none": (),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """`error` is one of ERRORS for a fate that keeps a message from arriving, else ""."""

    kind: FateKind
    error: str = ""

    @property
    def status(self) -> MessageStatus:
        return STATUSES.get(self.kind, "sent")

    @property
    def events(self) -> tuple[EventKind, ...]:
        return EVENTS[self.kind]


DELIVERED: Final = Fate(kind="delivered")


class Fates:
    """Fates set for single addresses, over those that addresses ask for themselves."""

    def __init__(self) -> None:
        self._set: dict[str, Fate] = {}

    def put(self, email: str, kind: FateKind, *, error: str = "") -> Fate:
        fate = Fate(kind=kind, error=error or DEFAULT_ERRORS.get(kind, ""))
        self._set[email.lower()] = fate
        return fate

    def of(self, email: str) -> Fate:
        return self._set.get(email.lower()) or _asked_for(email)

    def all(self) -> Mapping[str, Fate]:
        return dict(self._set)

    def clear(self) -> None:
        self._set.clear()


def _asked_for(email: str) -> Fate:
    if "+" not in email:
        return DELIVERED
    words = email.rpartition("@")[0].lower().split("+")[1:]
    kind = next((kind for kind in BY_ADDRESS if kind in words), None)
    return DELIVERED if kind is None else Fate(kind=kind, error=DEFAULT_ERRORS.get(kind, ""))
