"""Limits on tries that all processes share: one row per subject counts the tries of its running window.

PostgreSQL holds the counts because it is all that the processes have in common. One upsert counts, so that tries at the
same moment cannot slip through together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

from omnicrm.accounts.errors import TooOften
from omnicrm.accounts.models import Throttle


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """At most `tries` in a window of `per`, which begins with the first try. `name` tells limits apart."""

    name: str
    tries: int
    per: timedelta

    def take(self, subject: str, *, now: datetime) -> None:
        """Counts one try of the subject. Raises TooOften for one too many."""
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"key": self._key(subject), "now": now, "end": now + self.per})
            tries, window_ends_at = cursor.fetchone()
        if tries > self.tries:
            raise TooOften(retry_at=window_ends_at, now=now)

    def forgive(self, subject: str) -> None:
        """Begins anew, because the subject succeeded."""
        Throttle.objects.filter(key=self._key(subject)).delete()

    def _key(self, subject: str) -> str:
        return salted_hmac(f"omnicrm.throttle.{self.name}", subject.casefold(), algorithm="sha256").hexdigest()


def drop_ended(*, now: datetime) -> int:
    """Deletes what no longer counts; returns how many rows."""
    dropped, _by_model = Throttle.objects.filter(window_ends_at__lte=now).delete()
    return dropped


_COUNT = """
INSERT INTO accounts_throttle AS throttle (key, tries, window_ends_at) VALUES (%(key)s, 1, %(end)s)
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN throttle.window_ends_at <= %(now)s THEN 1 ELSE throttle.tries + 1 END,
    window_ends_at = CASE WHEN throttle.window_ends_at <= %(now)s THEN %(end)s ELSE throttle.window_ends_at END
RETURNING tries, window_ends_at
"""
