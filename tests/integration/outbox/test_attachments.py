"""Files that come with a message: what was attached is what arrives, or the message says why not."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from mailjet_sandbox.control import SandboxControl
from omnicrm.outbox import reasons
from omnicrm.outbox.attachments import LARGEST_ATTACHED, StoredFile
from omnicrm.outbox.claims import claim
from omnicrm.outbox.models import Message
from omnicrm.outbox.operations import Outgoing, UnsendableEmail, enqueue, retry
from omnicrm.outbox.runtime import running_outbox
from omnicrm.outbox.states import State
from tests.integration.outbox.conftest import NOW, Act, Note, config_for, note_to, queue, queue_notes, states

pytestmark = pytest.mark.django_db(transaction=True)

PDF = b"%PDF-1.7 an invoice"


class WatchedStorage(FileSystemStorage):
    """Notes on which threads it is read; `broken` files raise what no storage should."""

    readers: set[threading.Thread] = set()  # noqa: RUF012 - the fixture empties it
    broken: set[str] = set()  # noqa: RUF012 - the fixture empties it

    def _open(self, name: str, mode: str = "rb") -> Any:
        self.readers.add(threading.current_thread())
        if name in self.broken:
            raise RuntimeError("the storage service is away")
        return super()._open(name, mode)


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> type[WatchedStorage]:
    """Files of these tests alone."""
    backend = f"{WatchedStorage.__module__}.{WatchedStorage.__qualname__}"
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": {"location": tmp_path}}}
    WatchedStorage.readers.clear()
    WatchedStorage.broken.clear()
    return WatchedStorage


def stored(content: bytes = PDF, *, path: str = "invoices/1.pdf", filename: str = "INV-1.pdf") -> StoredFile:
    name = default_storage.save(path, ContentFile(content))
    return StoredFile.of(content, path=name, filename=filename, content_type="application/pdf")


def announced(size: int) -> StoredFile:
    """A file that nobody reads in this test."""
    return StoredFile(path="x", filename="x.pdf", content_type="application/pdf", size=size, sha256="0" * 64)


def with_files(number: int, *files: StoredFile) -> Outgoing:
    return note_to(f"c{number}@example.com", attachments=files)


def test_attached_files_arrive_byte_by_byte(drain: Act, sandbox: SandboxControl) -> None:
    hostile = 'facture "n° 1" \\ été.pdf'
    queue(with_files(1, stored(bytes(range(256)), filename=hostile), stored(b"second", path="2", filename="2.txt")))
    drain()
    first, second = sandbox.messages()[0].attachments
    assert (first.filename, first.content_type, sandbox.download(first)) == (
        hostile,
        "application/pdf",
        bytes(range(256)),
    )
    assert (second.filename, sandbox.download(second)) == ("2.txt", b"second")


def test_one_enqueued_alone_carries_its_file_too(drain: Act, sandbox: SandboxControl) -> None:
    outgoing = with_files(1, stored())
    enqueue(outgoing.email, to=outgoing.to, key="invoice:1:issued", now=NOW, attachments=outgoing.attachments)
    drain()
    (file,) = sandbox.messages()[0].attachments
    assert sandbox.download(file) == PDF


def test_messages_with_and_without_files_share_a_call(drain: Act, sandbox: SandboxControl) -> None:
    messages = queue(note_to("c0@example.com"), with_files(1, stored()), note_to("c2@example.com"))
    drain()
    assert states(messages) == [State.ACCEPTED] * 3
    assert [call.messages for call in sandbox.calls()] == [3]


def test_a_missing_file_fails_its_message_alone(drain: Act, sandbox: SandboxControl) -> None:
    gone = stored()
    default_storage.delete(gone.path)
    good, bad = queue(with_files(1, stored(path="2")), with_files(2, gone))
    drain()
    bad.refresh_from_db()
    assert states([good, bad]) == [State.ACCEPTED, State.FAILED]
    assert bad.reason == reasons.FILE_MISSING
    assert len(sandbox.messages()) == 1


@pytest.mark.parametrize(
    "content", [b"", PDF + b" with more", PDF.replace(b"an", b"my")], ids=["cut", "longer", "same"]
)
def test_a_file_that_has_changed_is_not_sent(content: bytes, drain: Act, sandbox: SandboxControl) -> None:
    file = stored()
    Path(default_storage.path(file.path)).write_bytes(content)
    message = queue(with_files(1, file))[0]
    drain()
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.FAILED, reasons.FILE_CHANGED)
    assert sandbox.calls() == []


def test_a_path_out_of_the_storage_is_never_read(drain: Act, tmp_path: Path) -> None:
    (tmp_path.parent / "secret").write_bytes(PDF)
    message = queue(with_files(1, StoredFile.of(PDF, path="../secret", filename="a", content_type="text/plain")))[0]
    drain()
    assert states([message]) == [State.FAILED]


def test_after_the_file_is_back_staff_queue_the_message_again(drain: Act, sandbox: SandboxControl) -> None:
    file = stored()
    default_storage.delete(file.path)
    message = queue(with_files(1, file))[0]
    drain()
    default_storage.save(file.path, ContentFile(PDF))
    assert retry([message.id], now=NOW).changed == 1
    drain()
    assert sandbox.download(sandbox.messages()[0].attachments[0]) == PDF


def test_a_storage_in_trouble_delays_its_message_alone(
    drain: Act, sandbox: SandboxControl, storage: type[WatchedStorage]
) -> None:
    file = stored()
    storage.broken.add(file.path)
    good, delayed = queue(with_files(1, stored(path="2")), with_files(2, file))
    drain()
    delayed.refresh_from_db()
    assert states([good]) == [State.ACCEPTED]
    assert (delayed.state, delayed.reason) == (State.QUEUED, reasons.FILE_UNREADABLE)
    assert delayed.not_before > NOW


def test_files_are_never_read_on_the_thread_that_makes_the_calls(drain: Act, storage: type[WatchedStorage]) -> None:
    queue(with_files(1, stored()))
    drain()
    assert storage.readers
    assert threading.main_thread() not in storage.readers


def test_a_call_refused_as_a_whole_is_halved_with_its_files(drain: Act, sandbox: SandboxControl) -> None:
    messages = queue(*(with_files(number, stored(path=f"{number}.pdf")) for number in range(4)))
    sandbox.fault("status", status=400, times=1, path="/v3.1/send")
    drain()
    assert states(messages) == [State.ACCEPTED] * 4
    assert all(len(message.attachments) == 1 for message in sandbox.messages())


def test_the_largest_files_fit_into_a_call_of_their_own(drain: Act, sandbox: SandboxControl) -> None:
    content = b"\xff" * LARGEST_ATTACHED
    messages = queue(with_files(1, stored(content)), with_files(2, stored(content, path="2")))
    drain()
    assert states(messages) == [State.ACCEPTED] * 2
    assert [call.messages for call in sandbox.calls()] == [1, 1]
    assert {file.size for message in sandbox.messages() for file in message.attachments} == {LARGEST_ATTACHED}


def test_a_claim_takes_no_more_bytes_than_it_may() -> None:
    queue(*(with_files(number, announced(4_000_000)) for number in range(5)))
    queue_notes(3, prefix="without")
    assert [claimed_with(attached=10_000_000) for _ in range(4)] == [2, 2, 4, 0]


def test_a_message_over_the_bytes_of_a_claim_is_claimed_alone() -> None:
    queue(*(with_files(number, announced(4_000_000)) for number in range(2)))
    assert [claimed_with(attached=1) for _ in range(3)] == [1, 1, 0]


def claimed_with(*, attached: int) -> int:
    async def run() -> int:
        config = config_for("http://127.0.0.1:9")
        async with running_outbox(config, clock=lambda: NOW) as outbox, outbox.pool.connection() as connection:
            return len(await claim(connection, limit=50, attached=attached, now=NOW))

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (announced(0), "needs a content"),
        (StoredFile.of(PDF, path="p", filename="", content_type="text/plain"), "a file name"),
        (StoredFile.of(PDF, path="p", filename="a\r\nX: y", content_type="text/plain"), "in one line"),
        (StoredFile.of(PDF, path="p", filename="a", content_type="pdf"), "media type"),
        (announced(LARGEST_ATTACHED + 1), "at most"),
    ],
    ids=["empty", "nameless", "two lines", "no type", "too large"],
)
def test_a_file_that_could_never_be_sent_is_an_error(file: StoredFile, why: str) -> None:
    with pytest.raises(UnsendableEmail, match=why):
        enqueue(Note(), to=note_to().to, key="note:1", now=NOW, attachments=[file])
    assert not Message.objects.exists()


def test_all_files_of_a_message_count_together() -> None:
    half = announced(LARGEST_ATTACHED // 2 + 1)
    with pytest.raises(UnsendableEmail, match="at most"):
        enqueue(Note(), to=note_to().to, key="note:1", now=NOW, attachments=[half, half])
