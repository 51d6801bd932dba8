"""Refusals that a page or a route may want to tell from other wrong input.

InvalidInput (customers.errors)
├── ProofRefused     the link or code opens nothing, whatever the reason
├── WrongCode        the code is wrong, and there are tries left
├── WrongPassword    the current password is not that
└── TooOften         not before `retry_at`
"""

from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnicrm.customers.errors import FieldError, InvalidInput


class ProofRefused(InvalidInput):
    """One answer for used, void, expired and unknown, so that it tells nothing."""

    def __init__(self, field: str) -> None:
        super().__init__(FieldError(field=field, message=_("This is no longer valid. Ask for a new email.")))


class WrongCode(InvalidInput):
    def __init__(self, *, tries_left: int) -> None:
        text = ngettext(
            "This is not the code. You can try %(tries)d more time.",
            "This is not the code. You can try %(tries)d more times.",
            tries_left,
        )
        super().__init__(FieldError(field="code", message=text % {"tries": tries_left}))
        self.tries_left = tries_left


class WrongPassword(InvalidInput):
    def __init__(self) -> None:
        super().__init__(FieldError(field="current_password", message=_("This is not your current password.")))


class TooOften(InvalidInput):
    """`retry_at` is when it is possible again; `wait` how long that is from now."""

    def __init__(self, *, retry_at: datetime, now: datetime) -> None:
        self.retry_at = retry_at
        self.wait = max(retry_at - now, timedelta(seconds=1))
        super().__init__(FieldError(field="", message=_try_again(self.wait)))


def _try_again(wait: timedelta) -> str:
    seconds = ceil(wait.total_seconds())
    if seconds < 60:
        text = ngettext("Try again in %(count)d second.", "Try again in %(count)d seconds.", seconds)
        return text % {"count": seconds}
    minutes = ceil(seconds / 60)
    text = ngettext("Try again in %(count)d minute.", "Try again in %(count)d minutes.", minutes)
    return text % {"count": minutes}
