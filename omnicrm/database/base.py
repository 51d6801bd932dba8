"""Django's PostgreSQL backend, which starts the embedded server when the first connection is wanted.

Settings: `CONNINFO`, the configured server's connection string; without one, `EMBEDDED_DIR` holds the embedded one.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg.conninfo import conninfo_to_dict

from omnicrm.database.embedded import ensure_embedded


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        """libpq's parameters, those of CONNINFO or of the embedded server first."""
        conninfo = self.settings_dict["CONNINFO"] or ensure_embedded(self.settings_dict["EMBEDDED_DIR"])
        server = conninfo_to_dict(conninfo)
        server.pop("dbname", None)
        return {**super().get_connection_params(), **server}
