"""Times of the REST API: how they are written, and the window of the lists that are bounded in time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mailjet_sandbox.rest.listing import Params

PERIODS = {"day": 1, "week": 7, "month": 30, "year": 365}
WINDOW_OPTIONS = frozenset({"fromts", "tots", "period"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_window(params: Params, *, now: datetime) -> Window:
    """FromTS and ToTS (Unix seconds or RFC 3339), or Period, or else only today. ValueError: it cannot be read."""
    end = _moment(params["tots"]) if params.get("tots") else now
    if params.get("fromts"):
        return Window(start=_moment(params["fromts"]), end=end)
    if params.get("period"):
        days = PERIODS.get(params["period"].lower())
        if days is None:
            raise ValueError(f'Invalid value "{params["period"]}" for Period: Day, Week, Month or Year is needed')
        return Window(start=end - timedelta(days=days), end=end)
    return Window(start=end.replace(hour=0, minute=0, second=0, microsecond=0), end=end)


def _moment(text: str) -> datetime:
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f'Invalid time "{text}": Unix seconds or RFC 3339 are needed') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
