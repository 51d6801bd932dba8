"""Files that come with a message. They lie in Django's default storage and belong to the room that put them there."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage

from omnicrm.mailjet.send import LARGEST_ATTACHED, Attachment
from omnicrm.outbox import reasons

__all__ = ["LARGEST_ATTACHED", "FileUnusable", "StoredFile"]


class FileUnusable(Exception):
    """The file is gone, or is not the one that was attached. str() is one of `reasons`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A file at `path` in the default storage, as it was when it was attached.

    `filename` is what recipients see, `size` in bytes, `sha256` in hexadecimal digits. All the files of a message have
    at most LARGEST_ATTACHED bytes together.
    """

    path: str
    filename: str
    content_type: str
    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes, *, path: str, filename: str, content_type: str) -> "StoredFile":
        """Describes a file that has been stored with this content."""
        digest = hashlib.sha256(content).hexdigest()
        return cls(path=path, filename=filename, content_type=content_type, size=len(content), sha256=digest)

    def announced(self) -> Attachment:
        return Attachment(content_type=self.content_type, filename=self.filename, size=self.size)

    def encoded(self) -> bytes:
        """Its content in base64, read now: call it from a thread that may wait.

        Raises FileUnusable; what else the storage raises may pass.
        """
        try:
            with default_storage.open(self.path) as stored:
                content = stored.read(self.size + 1)
        except (FileNotFoundError, IsADirectoryError, SuspiciousOperation) as error:
            raise FileUnusable(reasons.FILE_MISSING) from error
        if len(content) != self.size or hashlib.sha256(content).hexdigest() != self.sha256:
            raise FileUnusable(reasons.FILE_CHANGED)
        return b64encode(content)


def to_columns(files: Sequence[StoredFile]) -> list[dict[str, Any]]:
    """As Message.attachments holds them."""
    return [asdict(file) for file in files]


def from_json(text: str) -> tuple[StoredFile, ...]:
    """From the JSON text of Message.attachments."""
    return tuple(StoredFile(**file) for file in orjson.loads(text))
