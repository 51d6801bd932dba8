"""What the front page tells of delivery: how email fared in the last days, and whether Mailjet still tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from babel.numbers import format_decimal
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from omnicrm.backoffice.invoicing.wording import rate
from omnicrm.backoffice.listing import TakesTooLong, time_limit
from omnicrm.backoffice.wording import current_locale, moment
from omnicrm.config import current_config
from omnicrm.delivery.figures import DeliveryFigures, delivery_figures, silence
from omnicrm.outbox.states import State

SECONDS_TO_COUNT: Final = 2
"""The front page asks every few seconds."""
_SMALLEST: Final = Decimal("0.1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """`share` is empty where there is nothing to share out; `link` where no list has exactly these messages."""

    name: str
    count: str
    share: str
    link: str = ""


def delivery(now: datetime) -> dict[str, Any]:
    """The template's context. Only where a webhook is configured is there anything to expect of Mailjet."""
    is_expected = current_config().mailjet.webhook is not None
    silent = silence(now=now) if is_expected else None
    heard_at = moment(silent.heard_at) if silent and silent.heard_at else ""
    return {"is_silent": silent is not None, "heard_at": heard_at, **_figures(now)}


def _figures(now: datetime) -> dict[str, Any]:
    try:
        with time_limit(SECONDS_TO_COUNT):
            figures = delivery_figures(now=now)
    except TakesTooLong:
        return {"fates": [], "fates_take_too_long": True}
    since = moment(figures.since) if figures.is_shortened else ""
    return {"fates": _cards(figures), "fates_since": since, "fates_counted": _number(figures.accepted)}


def _cards(figures: DeliveryFigures) -> Sequence[Card]:
    """None where nothing was accepted: shares of nothing say nothing."""
    if not figures.accepted:
        return []
    unheard = figures.states[State.ACCEPTED] + figures.states[State.DEFERRED]
    return [
        Card(
            name=pgettext("number of emails", "Accepted"),
            count=_number(figures.accepted),
            share=_("%(count)s without an outcome yet") % {"count": _number(unheard)} if unheard else "",
        ),
        Card(
            name=pgettext("number of emails", "Delivered"),
            count=_number(figures.delivered),
            share=_share(figures.delivered, figures.accepted),
            link=_list_of(State.DELIVERED),
        ),
        Card(
            name=pgettext("number of emails", "Opened"),
            count=_number(figures.opened),
            share=_("%(share)s of what is tracked") % {"share": _share(figures.opened, figures.trackable)}
            if figures.trackable
            else "",
        ),
        *(
            Card(
                name=name,
                count=_number(figures.states[state]),
                share=_share(figures.states[state], figures.accepted),
                link=_list_of(state),
            )
            for state, name in (
                (State.BOUNCED, pgettext("number of emails", "Bounced")),
                (State.BLOCKED, pgettext("number of emails", "Blocked by Mailjet")),
                (State.COMPLAINED, pgettext("number of emails", "Reported as spam")),
            )
        ),
    ]


def _list_of(state: State) -> str:
    return f"{reverse('admin:outbox_message_changelist')}?state__exact={state}"


def _share(part: int, whole: int) -> str:
    """Such as "97.4%"; what is something is never told as nothing."""
    share = round(100 * Decimal(part) / whole, 1) if whole else Decimal()
    if part and not share:
        return f"< {rate(_SMALLEST)}"
    return rate(share)


def _number(count: int) -> str:
    return format_decimal(count, locale=current_locale())
