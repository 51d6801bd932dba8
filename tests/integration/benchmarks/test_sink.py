"""The stand-in for Mailjet that everything is measured against: valid v3.1 answers, in order, on time, all counted."""

import json
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from benchmarks import emails
from benchmarks.services import Service

SEND = "/v3.1/send"


def connect(sink: Service) -> socket.socket:
    address = urlsplit(sink.url)
    assert address.port is not None
    return socket.create_connection((address.hostname, address.port), timeout=10)


def request(body: bytes, *, headers: str = "") -> bytes:
    return f"POST {SEND} HTTP/1.1\r\nHost: sink\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def answers(connection: socket.socket, count: int) -> list[tuple[int, Any]]:
    """Reads `count` answers off one connection: status and JSON."""
    found = []
    with connection.makefile("rb") as stream:
        for _ in range(count):
            status = int(stream.readline().split()[1])
            headers = dict(line.split(b": ") for line in iter(stream.readline, b"\r\n"))
            found.append((status, orjson.loads(stream.read(int(headers[b"Content-Length"])))))
    return found


def post(sink: Service, body: bytes) -> tuple[int, Any]:
    with connect(sink) as connection:
        connection.sendall(request(body))
        return answers(connection, 1)[0]


def counts(sink: Service) -> dict[str, Any]:
    with closing(HTTPConnection(urlsplit(sink.url).netloc, timeout=10)) as connection:
        connection.request("GET", "/counts")
        response: HTTPResponse = connection.getresponse()
        counted: dict[str, Any] = orjson.loads(response.read())
        return counted


def recipients(results: Sequence[dict[str, Any]]) -> list[str]:
    return [result["To"][0]["Email"] for result in results]


def test_a_message_is_accepted_as_mailjet_does(sink: Service) -> None:
    status, answer = post(sink, emails.body([7]))
    [result] = answer["Messages"]
    [recipient] = result.pop("To")
    assert status == 200
    assert result == {"Status": "success", "CustomID": "", "Cc": [], "Bcc": []}
    assert recipient["Email"] == "customer7@example.com"
    assert recipient["MessageHref"] == f"https://api.mailjet.com/v3/REST/message/{recipient['MessageID']}"
    assert len(recipient["MessageUUID"]) == 36


def test_message_ids_are_beyond_what_a_float_holds_and_never_repeat(sink: Service) -> None:
    ids = [
        result["To"][0]["MessageID"]
        for numbers in emails.batches(200)
        for result in post(sink, emails.body(numbers))[1]["Messages"]
    ]
    assert min(ids) > 2**53
    assert max(ids) < 2**63
    assert len(set(ids)) == 200


def test_fifty_messages_get_fifty_results_in_their_order(sink: Service) -> None:
    _, answer = post(sink, emails.body(range(50)))
    assert recipients(answer["Messages"]) == [emails.recipient(number) for number in range(50)]


@pytest.mark.parametrize(
    "body",
    [
        b'{"Messages":[{"To":[{"Email":"a@example.com"}]},{"To":[{"Email":"b@example.com"}]}]}',
        b'{"Messages": [{"To": [{"Email": "a@example.com"}]}, {"To": [{"Email": "b@example.com"}]}]}',
        b'{"Messages": [{"To": [{"Name": "A", "Email": "a@example.com"}]},\n{"To" : [ {"Email" : "b@example.com"}]}]}',
    ],
    ids=["compact", "spaced", "with names and new lines"],
)
def test_every_client_s_way_of_writing_json_is_understood(sink: Service, body: bytes) -> None:
    assert recipients(post(sink, body)[1]["Messages"]) == ["a@example.com", "b@example.com"]


def test_pipelined_calls_are_answered_in_their_order(sink: Service) -> None:
    with connect(sink) as connection:
        connection.sendall(b"".join(request(emails.body([number])) for number in range(20)))
        found = [recipients(answer["Messages"]) for _, answer in answers(connection, 20)]
    assert found == [[emails.recipient(number)] for number in range(20)]


def test_a_late_answer_is_not_overtaken_on_its_connection(slow_sink: Service) -> None:
    with connect(slow_sink) as connection:
        connection.sendall(request(emails.body([1])) + b"GET /counts HTTP/1.1\r\n\r\n" + request(emails.body([2])))
        first, second, third = (answer for _, answer in answers(connection, 3))
    assert recipients(first["Messages"]) == [emails.recipient(1)]
    assert "last_at" in second
    assert recipients(third["Messages"]) == [emails.recipient(2)]


def test_a_call_may_arrive_in_pieces(sink: Service) -> None:
    whole = request(emails.body([1, 2]))
    with connect(sink) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(whole), 40):
            connection.sendall(whole[start : start + 40])
            time.sleep(0.001)
        [(_, answer)] = answers(connection, 1)
    assert len(answer["Messages"]) == 2


def test_a_call_may_be_large(sink: Service) -> None:
    message = emails.message(1) | {"Attachments": [{"Base64Content": "A" * 5_000_000}]}
    _, answer = post(sink, orjson.dumps({"Messages": [message]}))
    assert len(answer["Messages"]) == 1


def test_a_client_that_reads_late_gets_everything(sink: Service) -> None:
    with connect(sink) as connection:
        connection.sendall(request(emails.body(range(50))) * 400)
        found = answers(connection, 400)
    assert {len(answer["Messages"]) for _, answer in found} == {50}
    assert counts(sink)["messages"] == 20_000


def test_the_latency_is_paid_by_every_call_at_the_same_time(slow_sink: Service) -> None:
    def timed(number: int) -> float:
        started = time.monotonic()
        post(slow_sink, emails.body([number]))
        return time.monotonic() - started

    started = time.monotonic()
    with ThreadPoolExecutor(30) as threads:
        taken = list(threads.map(timed, range(30)))
    assert min(taken) >= 0.1
    assert time.monotonic() - started < 30 * 0.1 / 2


def test_counts_cover_messages_and_the_time_they_took(slow_sink: Service) -> None:
    assert counts(slow_sink) == {"messages": 0, "first_at": None, "last_at": None}
    before = time.monotonic()
    post(slow_sink, emails.body(range(3)))
    counted = counts(slow_sink)
    assert counted["messages"] == 3
    assert before <= counted["first_at"] <= counted["last_at"] - 0.1 <= time.monotonic()


def test_who_leaves_before_the_answer_is_not_counted(slow_sink: Service) -> None:
    with connect(slow_sink) as connection:
        connection.sendall(request(emails.body([1])))
    time.sleep(0.2)
    post(slow_sink, emails.body([2]))
    assert counts(slow_sink)["messages"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (emails.body(range(51)), "send-0015"),
        (b'{"Messages":[]}', "mj-0003"),
        (b"\xff\x00 no JSON", "mj-0003"),
        (b"", "mj-0003"),
    ],
    ids=["51 messages", "none", "no JSON", "nothing"],
)
def test_what_mailjet_would_refuse_is_refused_and_not_counted(sink: Service, body: bytes, code: str) -> None:
    status, answer = post(sink, body)
    assert (status, answer["StatusCode"], answer["ErrorCode"]) == (400, 400, code)
    assert counts(sink)["messages"] == 0


def test_another_path_is_not_found(sink: Service) -> None:
    with connect(sink) as connection:
        connection.sendall(b"GET /v3/REST/message HTTP/1.1\r\n\r\n")
        [(status, answer)] = answers(connection, 1)
    assert (status, answer["ErrorMessage"]) == (404, "Object not found")


@pytest.mark.parametrize(
    "sent",
    [
        f"POST {SEND} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".encode(),
        b"x" * 100_000,
    ],
    ids=["chunked", "no end of the head"],
)
def test_a_request_without_an_end_is_refused_and_ends_the_connection(sink: Service, sent: bytes) -> None:
    with connect(sink) as connection:
        connection.sendall(sent)
        [(status, _)] = answers(connection, 1)
        assert status == 411
        assert connection.recv(1) == b""


def test_connection_close_is_honoured_after_the_answer(slow_sink: Service) -> None:
    with connect(slow_sink) as connection:
        connection.sendall(request(emails.body([1]), headers="Connection: close\r\n"))
        [(status, _)] = answers(connection, 1)
        assert status == 200
        assert connection.recv(1) == b""


def test_the_answer_is_json_in_mailjet_s_content_type(sink: Service) -> None:
    with closing(HTTPConnection(urlsplit(sink.url).netloc, timeout=10)) as connection:
        connection.request("POST", SEND, body=json.dumps(emails.call([1])))
        response = connection.getresponse()
        response.read()
    assert response.headers["Content-Type"] == "application/json; charset=UTF-8"
