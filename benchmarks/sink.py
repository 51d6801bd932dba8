"""A fast local stand-in for Mailjet's `POST /v3.1/send`, in a process of its own: `python -m benchmarks.sink`.

It prints its port when it listens on loopback. Unlike the sandbox it looks for recipients instead of reading JSON, so
that it is never the slow side: each message has one recipient, everything is accepted, and MessageIDs are beyond 2**53
as the real ones are. `GET /counts` answers `{messages, first_at, last_at}`: messages answered, the monotonic clock when
the first of them arrived and when the last was answered (null before).

It is a bare loop over ready sockets, because asyncio would nearly double its CPU time.
"""

import argparse
import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from selectors import EVENT_READ, EVENT_WRITE
from uuid import uuid4

import orjson

MAX_MESSAGES = 50
MAX_HEAD_BYTES = 2**16
RECEIVE_BYTES = 2**18
FIRST_BLOCK = 2**60 // 100
"""Each call gets a block of 100 MessageIDs: unique, and cheap to write into a prepared answer."""
_BLOCK = b"\x00"
_RECIPIENT = re.compile(rb'"To"\s*:\s*\[\s*\{[^}]*?"Email"\s*:\s*"([^"]*)"')
_CONTENT_LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nConnection:[ \t]*close", re.IGNORECASE)


class Unreadable(Exception):
    """A request whose end cannot be found. Nothing after it can be read."""


@dataclass(slots=True)
class Connection:
    """`waiting` counts the answers that the latency holds back; `closing` means that no further request is read."""

    socket: socket.socket
    received: bytes = b""
    unsent: bytes = b""
    waiting: int = 0
    closing: bool = False

    def requests(self) -> Iterator[tuple[bytes, bytes]]:
        """Takes each request that has arrived whole out of what was received: its head and its body."""
        while (head_end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:head_end]
            length = _CONTENT_LENGTH.search(head)
            if length is None and head.startswith(b"POST "):
                raise Unreadable
            end = head_end + 4 + (int(length[1]) if length else 0)
            if len(self.received) < end:
                return
            body, self.received = self.received[head_end + 4 : end], self.received[end:]
            yield head, body
        if len(self.received) > MAX_HEAD_BYTES:
            raise Unreadable


@dataclass(frozen=True, slots=True)
class Answer:
    """`messages` is how many it accepts."""

    response: bytes
    messages: int = 0


@dataclass(slots=True)
class Counts:
    messages: int = 0
    first_at: float | None = None
    last_at: float | None = None


@dataclass(slots=True)
class Sink:
    """`latency` is in seconds, from a request's last byte to its answer."""

    latency: float
    counts: Counts = field(default_factory=Counts)
    block: int = FIRST_BLOCK
    due: deque[tuple[float, Connection, Answer]] = field(default_factory=deque)
    sockets: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def serve(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        self.sockets.register(listener, EVENT_READ)
        while True:
            for key, events in self.sockets.select(self._seconds_to_next()):
                if key.data is None:
                    self._welcome(listener)
                else:
                    self._attend(key.data, events)
            self._answer_what_is_due()

    def answer_to(self, head: bytes, body: bytes) -> Answer:
        if head.startswith(b"POST /v3.1/send "):
            if self.counts.first_at is None:
                self.counts.first_at = time.monotonic()
            return self._accept(_RECIPIENT.findall(body))
        if head.startswith(b"GET /counts "):
            return Answer(_response(b"200 OK", orjson.dumps(asdict(self.counts))))
        return _refusal(b"404 Not Found", code="", text="Object not found")

    def _accept(self, recipients: list[bytes]) -> Answer:
        if not recipients:
            return _refusal(b"400 Bad Request", code="mj-0003", text='"Messages" is mandatory.')
        if len(recipients) > MAX_MESSAGES:
            text = "Total number of recipients exceeded. Max allowed - 50."
            return _refusal(b"400 Bad Request", code="send-0015", text=text)
        self.block += 1
        results = _results(len(recipients)).replace(_BLOCK, b"%d" % self.block) % tuple(recipients)
        return Answer(_response(b"200 OK", results), messages=len(recipients))

    def _seconds_to_next(self) -> float | None:
        return max(0.0, self.due[0][0] - time.monotonic()) if self.due else None

    def _answer_what_is_due(self) -> None:
        while self.due and self.due[0][0] <= time.monotonic():
            _, connection, answer = self.due.popleft()
            connection.waiting -= 1
            self._answer(connection, answer)

    def _welcome(self, listener: socket.socket) -> None:
        accepted, _ = listener.accept()
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sockets.register(accepted, EVENT_READ, Connection(socket=accepted))

    def _attend(self, connection: Connection, events: int) -> None:
        if events & EVENT_WRITE:
            self._send(connection)
        if events & EVENT_READ and connection.socket.fileno() >= 0:
            self._receive(connection)

    def _receive(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(RECEIVE_BYTES)
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
            return
        connection.received += data
        try:
            for head, body in connection.requests():
                connection.closing = connection.closing or _CLOSE.search(head) is not None
                self._answer_in_turn(connection, self.answer_to(head, body))
        except Unreadable:
            connection.closing = True
            refusal = _refusal(b"411 Length Required", code="", text="a Content-Length is needed")
            self._answer_in_turn(connection, refusal)

    def _answer_in_turn(self, connection: Connection, answer: Answer) -> None:
        """Only the answers to messages are late, and what was asked after them over the same connection."""
        if self.latency and (answer.messages or connection.waiting):
            connection.waiting += 1
            self.due.append((time.monotonic() + self.latency, connection, answer))
        else:
            self._answer(connection, answer)

    def _answer(self, connection: Connection, answer: Answer) -> None:
        if connection.socket.fileno() < 0:
            return
        if answer.messages:
            self.counts.messages += answer.messages
            self.counts.last_at = time.monotonic()
        connection.unsent += answer.response
        self._send(connection)

    def _send(self, connection: Connection) -> None:
        try:
            sent = connection.socket.send(connection.unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(connection)
            return
        was_blocked = self.sockets.get_key(connection.socket).events & EVENT_WRITE
        connection.unsent = connection.unsent[sent:]
        if connection.unsent and not was_blocked:
            self.sockets.modify(connection.socket, EVENT_READ | EVENT_WRITE, connection)
        elif was_blocked and not connection.unsent:
            self.sockets.modify(connection.socket, EVENT_READ, connection)
        if connection.closing and not connection.unsent and not connection.waiting:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self.sockets.unregister(connection.socket)
        connection.socket.close()


@cache
def _results(count: int) -> bytes:
    """The answer to `count` messages, with _BLOCK where the call's block goes and %b where the recipients go."""
    href = b"https://api.mailjet.com/v3/REST/message/"
    entries = (
        b'{"Status":"success","CustomID":"","To":[{"Email":"%%b","MessageUUID":"00000000-0000-4000-8000-%012x",'
        b'"MessageID":%b%02d,"MessageHref":"%b%b%02d"}],"Cc":[],"Bcc":[]}'
        % (number, _BLOCK, number, href, _BLOCK, number)
        for number in range(count)
    )
    return b'{"Messages":[' + b",".join(entries) + b"]}"


def _refusal(status: bytes, *, code: str, text: str) -> Answer:
    problem = {"ErrorIdentifier": str(uuid4()), "ErrorCode": code, "StatusCode": int(status[:3]), "ErrorMessage": text}
    return Answer(_response(status, orjson.dumps(problem)))


def _response(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: %d\r\n\r\n%b" % (
        status,
        len(body),
        body,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="A fast local stand-in for Mailjet's POST /v3.1/send.")
    parser.add_argument("--latency-ms", type=float, default=0, help="from a request's last byte to its answer")
    latency = parser.parse_args().latency_ms / 1000
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        print(listener.getsockname()[1], flush=True)
        Sink(latency=latency).serve(listener)


if __name__ == "__main__":
    main()
