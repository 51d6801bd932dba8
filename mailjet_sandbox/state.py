"""The state file: what the sandbox remembers, over a restart. One JSON object on each line, replaced as a whole.

Faults, fates, events, the log of calls and the window of the calls limit are not kept.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mailjet_sandbox.records import ApiKey, Callback, Sender, StoredMessage, Template
from mailjet_sandbox.sandbox import Sandbox
from mailjet_sandbox.settings import Settings

LOG = logging.getLogger("mailjet_sandbox")
SECONDS_BETWEEN_SAVES = 1.0
SHARE_OF_TIME = 0.1
"""Saving a large state takes at most this part of the time."""


class StateError(Exception):
    """Its text names the file, what is wrong with it and how to mend it."""


class _Line(BaseModel):
    """Exactly one of these."""

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    accepted_count: int | None = None
    settings: Settings | None = None
    key: ApiKey | None = None
    sender: Sender | None = None
    template: Template | None = None
    callback: Callback | None = None
    message: StoredMessage | None = None


def load(sandbox: Sandbox, path: Path) -> None:
    """Fills a fresh sandbox; a file that does not exist yet leaves it empty. Settings of the file win. StateError."""
    number = 0
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):  # noqa: B007 - names the line in the error below
                _restore(sandbox, _Line.model_validate_json(line))
    except FileNotFoundError:
        return
    except ValidationError as error:
        problem = error.errors()[0]
        raise StateError(f"{path}: line {number}: {problem['msg']}; move the file away to start afresh") from error
    except OSError as error:
        raise StateError(f"{path}: cannot be read: {error.strerror}") from error


def _restore(sandbox: Sandbox, line: _Line) -> None:
    store = sandbox.store
    if line.settings is not None:
        sandbox.configure(line.settings)
    if line.key is not None:
        store.put_key(line.key)
    if line.sender is not None:
        store.put_sender(line.sender)
    if line.template is not None:
        store.put_template(line.template)
    if line.callback is not None:
        store.put_callback(line.callback)
    if line.message is not None:
        store.add_message(line.message)
    if line.accepted_count is not None:
        store.accepted_count = line.accepted_count


def snapshot(sandbox: Sandbox) -> list[_Line]:
    """Cheap: the records themselves never change. The count comes last, after the messages that raise it on loading."""
    store = sandbox.store
    return [
        _Line(settings=sandbox.settings),
        *(_Line.model_construct({"key"}, key=key) for key in store.keys.values()),
        *(_Line.model_construct({"sender"}, sender=sender) for sender in store.senders.values()),
        *(_Line.model_construct({"template"}, template=template) for template in store.templates.values()),
        *(_Line.model_construct({"callback"}, callback=callback) for callback in store.callbacks.values()),
        *(_Line.model_construct({"message"}, message=message) for message in reversed(list(store.messages()))),
        _Line(accepted_count=store.accepted_count),
    ]


def write(path: Path, lines: list[_Line]) -> None:
    """Beside the file first, then over it: a reader finds the old state or the new one, never half of one. StateError.

    Only its owner may read it: it holds secrets of registered keys.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as beside:
            beside.writelines(_encoded(lines))
        Path(beside.name).replace(path)
    except OSError as error:
        raise StateError(f"{path}: cannot be written: {error.strerror}") from error


def _encoded(lines: list[_Line]) -> Iterator[bytes]:
    for line in lines:
        yield line.model_dump_json(exclude_unset=True).encode() + b"\n"


async def keep(sandbox: Sandbox, path: Path, stop: asyncio.Event) -> None:
    """Saves every change soon after it was made, until `stop`. What changes after that is for the caller to save."""
    saved, pause = sandbox.store.revision, SECONDS_BETWEEN_SAVES
    while not stop.is_set():
        await _wait(stop, pause)
        if stop.is_set() or sandbox.store.revision == saved:
            continue
        revision, started = sandbox.store.revision, time.monotonic()
        try:
            await asyncio.to_thread(write, path, snapshot(sandbox))
            saved = revision
        except StateError as error:
            LOG.error("%s", error)  # noqa: TRY400 - its text says it all
        pause = max(SECONDS_BETWEEN_SAVES, (time.monotonic() - started) / SHARE_OF_TIME)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
