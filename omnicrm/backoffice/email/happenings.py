"""What happened to a message, one line each: its attempts, and what Mailjet told of it afterwards."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from babel import Locale
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omnicrm.backoffice.wording import STATE_COLOURS, current_locale, reason_text
from omnicrm.delivery.models import DeliveryEvent
from omnicrm.delivery.queries import EVENTS_SHOWN
from omnicrm.delivery.transitions import STATES, Step, step
from omnicrm.delivery.wording import outcome
from omnicrm.mailjet.events import Kind
from omnicrm.outbox.models import Message
from omnicrm.outbox.states import State

REPEATS_SHOWN: Final = 20
"""Opens and clicks told one by one; some mail programs load an email's images again and again."""
MAX_AGENT: Final = 80
BY_BUTTON: Final = "List-Unsubscribe"
"""Mailjet's name of the program of somebody who used the mail program's own button."""

_OUTCOMES: Final = {"retried": gettext_lazy("queued again")}
_ORDER: Final = [Kind.SENT, Kind.BOUNCE, Kind.BLOCKED, Kind.OPEN, Kind.CLICK, Kind.UNSUB, Kind.SPAM]
"""Of what is told of the same second."""
_COLOURS: Final = {Kind.OPEN: "info", Kind.CLICK: "info", Kind.UNSUB: "warning"}
"""Of those that are no state; the others have the colour of theirs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """`colour` is one of unfold's names of label colours. `note` is less important than `detail`; `raw` is what a
    server said, which few want to read. `after` is what cannot have happened later, whatever the clocks say."""

    at: datetime
    what: str
    detail: str = ""
    colour: str = ""
    note: str = ""
    raw: str = ""
    after: datetime | None = None

    @property
    def place(self) -> datetime:
        """Where it stands among others: Mailjet's clock is another one, and tells whole seconds."""
        return max(self.at, self.after) if self.after else self.at


def attempted(message: Message) -> Iterator[Happening]:
    """What OmniCRM did with it since it was queued, oldest first."""
    for attempt in message.attempts:
        became = attempt["outcome"]
        yield Happening(
            at=datetime.fromisoformat(attempt["at"]),
            what=str(State(became).label if became in State.values else _OUTCOMES.get(became, became)),
            detail=reason_text(attempt.get("detail", "")),
            colour=STATE_COLOURS.get(became, ""),
        )


def told_by_mailjet(message: Message, events: Sequence[DeliveryEvent]) -> list[Happening]:
    """The events of one message, oldest first. Of very many opens and clicks, the first ones and how many more."""
    in_order = sorted(events, key=lambda event: (event.happened_at, _ORDER.index(Kind(event.kind))))
    repeats = [event for event in in_order if event.kind in {Kind.OPEN, Kind.CLICK}]
    left_out = {event.fingerprint for event in repeats[REPEATS_SHOWN:]}
    found = [_happening(message, event) for event in in_order if event.fingerprint not in left_out]
    if left_out:
        is_all = max(Counter(event.kind for event in repeats).values()) < EVENTS_SHOWN
        found.append(_many_more(len(left_out), until=repeats[-1], is_all=is_all))
    return found


def _happening(message: Message, event: DeliveryEvent) -> Happening:
    what, colour = _what(event)
    return Happening(
        at=event.happened_at,
        what=what,
        detail=_detail(event),
        colour=colour,
        note=_note(event),
        raw="" if event.kind == Kind.SPAM else event.comment,
        after=message.accepted_at or message.created_at,
    )


def _what(event: DeliveryEvent) -> tuple[str, str]:
    """The label and its colour. A bounce that is not final is none to worry about yet."""
    reached = step(event)
    if reached == Step.SOFT_BOUNCED:
        return _("bounced for now"), STATE_COLOURS[State.DEFERRED]
    return str(outcome(event).label), _COLOURS.get(Kind(event.kind)) or STATE_COLOURS[STATES[reached]]


def _detail(event: DeliveryEvent) -> str:
    if event.kind == Kind.CLICK:
        return event.url
    if event.kind == Kind.UNSUB and event.agent == BY_BUTTON:
        return _("by the button of the mail program")
    return reason_text(event.error)


def _note(event: DeliveryEvent) -> str:
    """Who read it, and where; or who told of the complaint."""
    if event.kind == Kind.SPAM:
        return event.comment
    agent = "" if event.agent == BY_BUTTON else Truncator(event.agent).chars(MAX_AGENT)
    return " · ".join(filter(None, [_country(event.country), agent]))


def _country(code: str) -> str:
    """Its name in the user's language, or the code as Mailjet gave it."""
    return Locale.parse(current_locale()).territories.get(code.upper(), code) if code else ""


def _many_more(count: int, *, until: DeliveryEvent, is_all: bool) -> Happening:
    """Beyond the events that were read there may be others."""
    what = ngettext("opened or clicked %(count)s more time", "opened or clicked %(count)s more times", count)
    counted = str(count) if is_all else f"{count}+"
    return Happening(at=until.happened_at, what=what % {"count": counted}, colour="info")
