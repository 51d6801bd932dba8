"""Events in the words people read. Reasons are stored in English, and shown through gettext part by part."""

import re
from collections.abc import Mapping
from typing import Final, Protocol

from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from omnicrm.delivery.transitions import Fact, Step, step
from omnicrm.mailjet.events import Kind

LONGEST_QUOTE: Final = 300
"""Characters of a mail server's own text that a reason quotes."""


class Outcome(models.TextChoices):
    """What happened to a message, in our words: Mailjet's "sent" means delivered."""

    DELIVERED = "delivered", _("delivered")
    DEFERRED = "deferred", _("deferred by the recipient's server")
    BOUNCED = "bounced", _("bounced")
    BLOCKED = "blocked", _("blocked by Mailjet")
    COMPLAINED = "complained", _("reported as spam")
    OPENED = "opened", _("opened")
    CLICKED = "clicked", _("link clicked")
    UNSUBSCRIBED = "unsubscribed", _("unsubscribed")


class Said(Fact, Protocol):
    """A fact, and what a mail server said."""

    @property
    def comment(self) -> str: ...


class Told(Said, Protocol):
    """All that is put into words: an Event of Mailjet's, or a DeliveryEvent."""

    @property
    def url(self) -> str: ...
    @property
    def agent(self) -> str: ...
    @property
    def country(self) -> str: ...


_OUTCOMES: Final[Mapping[str, Outcome]] = {
    Kind.SENT: Outcome.DELIVERED,
    Kind.OPEN: Outcome.OPENED,
    Kind.CLICK: Outcome.CLICKED,
    Kind.BOUNCE: Outcome.BOUNCED,
    Kind.BLOCKED: Outcome.BLOCKED,
    Kind.SPAM: Outcome.COMPLAINED,
    Kind.UNSUB: Outcome.UNSUBSCRIBED,
}
_WHAT: Final[Mapping[Step, str]] = {
    Step.DEFERRED: gettext_noop("Deferred"),
    Step.SOFT_BOUNCED: gettext_noop("Soft bounce"),
    Step.HARD_BOUNCED: gettext_noop("Hard bounce"),
    Step.BLOCKED: gettext_noop("Blocked by Mailjet"),
    Step.COMPLAINED: gettext_noop("Reported as spam"),
}
ERRORS: Final = (
    gettext_noop("user unknown"),
    gettext_noop("mailbox inactive"),
    gettext_noop("quota exceeded"),
    gettext_noop("blacklisted"),
    gettext_noop("spam reporter"),
    gettext_noop("invalid domain"),
    gettext_noop("no mail host"),
    gettext_noop("relay/access denied"),
    gettext_noop("greylisted"),
    gettext_noop("typofix"),
    gettext_noop("bad or empty template"),
    gettext_noop("error in template language"),
    gettext_noop("sender blocked"),
    gettext_noop("content blocked"),
    gettext_noop("policy issue"),
    gettext_noop("system issue"),
    gettext_noop("protocol issue"),
    gettext_noop("connection issue"),
    gettext_noop("preblocked"),
    gettext_noop("spam preblocked"),
    gettext_noop("duplicate in campaign"),
)
"""Mailjet's own, as far as they are documented; others are shown as they come."""
_REASON: Final = re.compile(
    rf"(?P<what>{'|'.join(_WHAT.values())})(?:: (?P<error>[^(]*[^( ]))?(?P<quote> \(.*\))?", re.DOTALL
)


def outcome(event: Told) -> Outcome:
    return Outcome.DEFERRED if step(event) is Step.DEFERRED else _OUTCOMES[event.kind]


def detail(event: Told) -> str:
    """What more there is to say of it, in one line; "" where there is nothing. `shown` translates it."""
    if event.kind == Kind.SENT:
        return _one_line(event.comment)
    return reason(event) or ", ".join(filter(None, map(_one_line, (event.url, event.agent, event.country))))


def reason(event: Said) -> str:
    """Why the message's state is none to be glad of, e.g. `Hard bounce: user unknown (550 5.1.1 …)`; else ""."""
    what = _WHAT.get(step(event))
    if what is None:
        return ""
    error, quote = _one_line(event.error), _one_line(event.comment)
    return f"{what}{f': {error}' if error else ''}{f' ({quote})' if quote else ''}"


def shown(text: str) -> str:
    """A reason or detail in the reader's language; what a mail server said stays as it is."""
    parts = _REASON.fullmatch(text)
    if parts is None:
        return gettext(text) if text else ""
    said = {"what": gettext(parts["what"]), "error": gettext(parts["error"]) if parts["error"] else ""}
    head = gettext("%(what)s: %(error)s") % said if said["error"] else said["what"]
    return f"{head}{parts['quote'] or ''}"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1]}…"
