"""What can go wrong with the embedded database."""


class EmbeddedDatabaseError(Exception):
    """The embedded PostgreSQL cannot be used; the message says why, on one line."""
