"""One local Mailjet: what it remembers, how it is set, and which faults are to come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from mailjet_sandbox.events.fates import Fates
from mailjet_sandbox.events.log import EventLog, Teller
from mailjet_sandbox.faults import FaultScript
from mailjet_sandbox.limiter import SlidingWindow
from mailjet_sandbox.settings import Settings
from mailjet_sandbox.store import Store


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """Passed to every endpoint. `settings` are replaced as a whole with `configure`.

    `courier` tells events; there is one while the sandbox is being served.
    """

    def __init__(self, *, settings: Settings | None = None, clock: Callable[[], datetime] = _utc_now) -> None:
        self.store = Store()
        self.events = EventLog(self.store)
        self.fates = Fates()
        self.courier: Teller | None = None
        self.faults = FaultScript()
        self.window = SlidingWindow()
        self._clock = clock
        self._first_settings = settings or Settings()
        self.configure(self._first_settings)

    def configure(self, settings: Settings) -> None:
        self.settings = settings
        self.store.keep_messages = settings.keep_messages
        self.store.revision += 1
        self.events.woken.set()

    def now(self) -> datetime:
        """The sandbox's time, in UTC; `clock_offset_seconds` moves it."""
        return self._clock() + timedelta(seconds=self.settings.clock_offset_seconds)

    def reset(self) -> None:
        """Back to how it was at its start, with nothing in it."""
        self.store.clear()
        self.events.clear()
        self.fates.clear()
        self.faults.clear()
        self.window.clear()
        self.configure(self._first_settings)
