"""What the API remembers: answers it gave under an Idempotency-Key, and how busy each API key is."""

from typing import ClassVar

from django.db import models

MAX_KEY_LENGTH = 255


class StoredAnswer(models.Model):
    """The first answer to a POST with an Idempotency-Key, kept for a day. It may hold personal data.

    `caller` is `key:<id>` or `user:<id>`. A streamed import is answered in parts, from 0 on; everything else has only
    part 0. `request_hash` is a SHA-256 over method, path and body (for a part: over all rows so far).
    """

    caller = models.CharField(max_length=40)
    key = models.CharField(max_length=MAX_KEY_LENGTH)
    part = models.PositiveIntegerField(default=0)
    request_hash = models.BinaryField()
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=100)
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"], name="stored_answer_age")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["caller", "key", "part"], name="one_answer_per_idempotency_key")
        ]

    def __str__(self) -> str:
        return f"{self.caller} {self.key} ({self.part})"


class RateWindow(models.Model):
    """Requests of one API key in the minute begun at `started_at`. The table is unlogged: a crash may forget it."""

    api_key_id = models.BigIntegerField(primary_key=True)
    started_at = models.DateTimeField()
    hits = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"API key {self.api_key_id}: {self.hits} since {self.started_at:%H:%M}"
