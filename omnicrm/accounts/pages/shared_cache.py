"""The cache that all processes and machines share, in which allauth counts attempts: a table of PostgreSQL."""

import base64
import pickle
from datetime import UTC, datetime
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.utils.timezone import now

TABLE: Final = "shared_cache"


class SharedCache(DatabaseCache):
    """Django's database cache, but each write is one statement.

    Django counts all rows before each, looks whether the entry is there, and lets one of two writers fail. Here two
    that add the same key at once are told apart by PostgreSQL. `tidy` takes away what has expired.
    """

    def _base_set(self, mode: str, key: str, value: object, timeout: Any = DEFAULT_TIMEOUT) -> bool:  # noqa: ANN401 - Django's marker is no number
        ends = self.get_backend_timeout(timeout)
        given: dict[str, str | datetime] = {
            "key": key,
            "value": base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii"),
            "expires": datetime.max.replace(tzinfo=UTC) if ends is None else datetime.fromtimestamp(ends, UTC),
            "now": now(),
        }
        with connection.cursor() as cursor:
            cursor.execute(_WRITES[mode], given)
            return bool(cursor.rowcount)


def tidy(*, now: datetime) -> int:
    """Deletes expired entries; returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE expires < %s", [now])  # noqa: S608 - the name is a constant
        return int(cursor.rowcount)


_SET: Final = f"""
INSERT INTO {TABLE} (cache_key, value, expires) VALUES (%(key)s, %(value)s, %(expires)s)
ON CONFLICT (cache_key) DO UPDATE SET value = EXCLUDED.value, expires = EXCLUDED.expires
"""  # noqa: S608 - the name is a constant
_ADD: Final = f"{_SET} WHERE {TABLE}.expires < %(now)s"
_TOUCH: Final = f"UPDATE {TABLE} SET expires = %(expires)s WHERE cache_key = %(key)s"  # noqa: S608 - as above
_WRITES: Final = {"set": _SET, "add": _ADD, "touch": _TOUCH}
