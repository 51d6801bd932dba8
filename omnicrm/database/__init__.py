"""The PostgreSQL that OmniCRM brings along for installations that name none of their own."""

from omnicrm.database.embedded import ensure_embedded
from omnicrm.database.errors import EmbeddedDatabaseError

__all__ = ["EmbeddedDatabaseError", "ensure_embedded"]
