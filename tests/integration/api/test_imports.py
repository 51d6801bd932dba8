"""Importing many customers: each row for itself, nothing twice, and an answer for every row."""

import gzip
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import orjson
import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.test.client import encode_multipart

from omnicrm.api import limits, uploads
from omnicrm.api.models import StoredAnswer
from omnicrm.customers.models import Contact, Customer
from omnicrm.onboarding.operations import CHUNK
from omnicrm.outbox.models import Message
from tests.integration.api.conftest import JSON, PROBLEM, Integrator, wrong_fields

NDJSON = "application/x-ndjson"
BULK = "/customer/bulk"
ZIPPED = gzip.compress(b'{"customer_name": "a"}', mtime=0)
"""The same in every worker, which name the tests after it."""


def rows(count: int, *, start: int = 1) -> list[dict[str, Any]]:
    return [
        {"customer_name": f"Customer {number}", "contacts": [{"email": f"c{number}@example.com"}]}
        for number in range(start, start + count)
    ]


def as_lines(values: Iterable[object]) -> bytes:
    return b"\n".join(map(orjson.dumps, values))


def upload(api: Integrator, content: bytes, content_type: str = NDJSON, query: str = "", **headers: str) -> Any:
    """The answer's rows."""
    response = api.send("POST", BULK + query, content, content_type, **headers)
    assert response.status_code == 200, response.content
    return read(response)


def read(response: HttpResponse) -> list[dict[str, Any]]:
    assert isinstance(response, StreamingHttpResponse)
    content = b"".join(response.streaming_content)
    if response["Content-Type"] == JSON:
        answered: list[dict[str, Any]] = orjson.loads(content)
        return answered
    assert response["Content-Type"] == NDJSON
    return [orjson.loads(line) for line in content.splitlines()]


def created(answer: Iterable[dict[str, Any]]) -> list[bool]:
    return [row["status"] == "created" for row in answer]


@pytest.mark.parametrize(("content_type", "encode"), [(NDJSON, as_lines), (JSON, orjson.dumps), (JSON, as_lines)])
def test_each_row_becomes_a_customer_with_a_welcome(api: Integrator, content_type: str, encode: Any) -> None:
    answer = upload(api, encode(rows(3)), content_type)
    assert [(row["row"], row["status"], row["errors"], row["reason"]) for row in answer] == [
        (1, "created", [], ""),
        (2, "created", [], ""),
        (3, "created", [], ""),
    ]
    for row in answer:
        assert Customer.objects.get(pk=row["customer_id"]).customer_name == f"Customer {row['row']}"
        assert Message.objects.get(customer_id=row["customer_id"]).to_email == f"c{row['row']}@example.com"


def test_the_answer_has_the_form_of_the_upload(api: Integrator) -> None:
    lines = api.send("POST", BULK, as_lines(rows(2)), NDJSON)
    array = api.send("POST", BULK, orjson.dumps(rows(2)), JSON)
    assert (lines["Content-Type"], array["Content-Type"]) == (NDJSON, JSON)
    assert len(read(lines)) == len(read(array)) == 2


@pytest.mark.parametrize(
    ("content", "content_type", "rest"), [(b"", NDJSON, b""), (b"[]", JSON, b"[]"), (b"\n \n", JSON, b"")]
)
def test_an_upload_of_nothing_is_answered_by_nothing(
    api: Integrator, content: bytes, content_type: str, rest: bytes
) -> None:
    response = api.send("POST", BULK, content, content_type)
    assert isinstance(response, StreamingHttpResponse)
    assert b"".join(response.streaming_content) == rest


BAD_ROWS = [
    (b'{"customer_name": ""}', "customer_name"),
    (b'{"customer_nam": "x"}', "customer_name"),
    (b'{"customer_name": "x", "contacts": [{"email": "no"}]}', "contacts[0].email"),
    (b'{"customer_name": "x", "sites": [{"name": 3}]}', "sites[0].name"),
    (b'{"customer_name": "\\u0000"}', "customer_name"),
    (b'{"customer_name": "\xff\xfe"}', "row"),
    (b'{"customer_name": oops}', "row"),
    (b"[1, 2]", "body"),
    (b"null", "body"),
    (b'{"customer_name": "' + b"x" * 64_000 + b'"}', "row"),
    (b'{"customer_name": "x", "attributes": ' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}", "attributes"),
]


@pytest.mark.parametrize(("bad", "field"), BAD_ROWS)
@pytest.mark.parametrize("is_array", [False, True])
def test_a_bad_row_fails_alone_and_says_where(api: Integrator, bad: bytes, field: str, is_array: bool) -> None:
    parts = [b'{"customer_name": "before"}', bad, b'{"customer_name": "after"}']
    content = b"[" + b",".join(parts) + b"]" if is_array else b"\n".join(parts)
    answer = upload(api, content, JSON if is_array else NDJSON)
    assert created(answer) == [True, False, True]
    assert (answer[1]["row"], answer[1]["customer_id"]) == (2, None)
    assert answer[1]["errors"][0]["field"] == field
    assert set(Customer.objects.values_list("customer_name", flat=True)) == {"before", "after"}


def test_rows_are_numbered_by_lines_blank_ones_included(api: Integrator) -> None:
    answer = upload(api, b'\xef\xbb\xbf{"customer_name": "a"}\r\n\r\n{"customer_name": ""}\n')
    assert [(row["row"], row["status"]) for row in answer] == [(1, "created"), (3, "error")]


def test_a_row_without_an_address_says_why_it_is_not_welcomed(api: Integrator) -> None:
    (row,) = upload(api, b'{"customer_name": "Martin"}')
    assert row["reason"] == "No contact of the customer has an email address."


def test_customers_who_know_the_operator_already_need_no_welcome(api: Integrator) -> None:
    assert created(upload(api, as_lines(rows(2)), query="?send_welcome=false")) == [True, True]
    assert not Message.objects.exists()


def test_a_switch_that_does_not_exist_is_refused(api: Integrator) -> None:
    assert wrong_fields(api.send("POST", f"{BULK}?send_welcom=false", b"", NDJSON)).keys() == {"send_welcom"}


def test_more_rows_than_fit_in_one_transaction_are_answered_in_order(api: Integrator) -> None:
    values = [{"customer_name": "" if number == CHUNK else f"Customer {number}"} for number in range(CHUNK + 2)]
    answer = upload(api, orjson.dumps(values), JSON, "?send_welcome=false")
    assert [row["row"] for row in answer] == list(range(1, CHUNK + 3))
    assert created(answer) == [True] * CHUNK + [False, True]


def test_the_answer_begins_before_the_work_is_done(api: Integrator) -> None:
    response = api.send("POST", BULK + "?send_welcome=false", as_lines(rows(2 * CHUNK)), NDJSON)
    assert isinstance(response, StreamingHttpResponse)
    assert Customer.objects.count() == CHUNK
    assert created(read(response)) == [True] * 2 * CHUNK
    assert Customer.objects.count() == 2 * CHUNK


@pytest.fixture
def cursed_name(db: None) -> str:
    """A name whose customer the database will not take, for a reason nobody foresaw."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'internal_error'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON customers_customer FOR EACH ROW "
            "WHEN (NEW.customer_name = 'cursed') EXECUTE FUNCTION refuse()"
        )
    return "cursed"


def test_an_import_that_breaks_off_says_where_and_keeps_what_was_answered(api: Integrator, cursed_name: str) -> None:
    values = [*rows(CHUNK), {"customer_name": cursed_name}, *rows(5)]
    answer = upload(api, as_lines(values), query="?send_welcome=false")
    assert created(answer) == [True] * CHUNK + [False]
    assert answer[-1]["row"] == CHUNK + 1
    assert answer[-1]["errors"][0]["message"].startswith("The import stopped here, and nothing from this row on")
    assert Customer.objects.count() == CHUNK


def test_an_import_that_fails_at_once_fails_by_its_status(api: Integrator, cursed_name: str) -> None:
    failed = api.send("POST", BULK, as_lines([{"customer_name": cursed_name}]), NDJSON)
    assert (failed.status_code, failed["Content-Type"]) == (500, PROBLEM)


def test_an_import_sent_again_under_its_key_is_answered_again(api: Integrator) -> None:
    first = upload(api, as_lines(rows(3)), Idempotency_Key="import-1")
    response = api.send("POST", BULK, as_lines(rows(3)), NDJSON, Idempotency_Key="import-1")
    assert response["Idempotent-Replayed"] == "true"
    assert read(response) == first
    assert Customer.objects.count() == Message.objects.count() == 3


def test_another_upload_under_the_same_key_is_refused(api: Integrator) -> None:
    upload(api, as_lines(rows(3)), Idempotency_Key="import-1")
    assert api.send("POST", BULK, as_lines(rows(2)), NDJSON, Idempotency_Key="import-1").status_code == 422
    without_welcome = f"{BULK}?send_welcome=false"
    assert api.send("POST", without_welcome, as_lines(rows(3)), NDJSON, Idempotency_Key="import-1").status_code == 422
    assert Customer.objects.count() == 3


def test_an_import_that_broke_off_is_taken_up_where_it_stopped(api: Integrator) -> None:
    content = as_lines(rows(2 * CHUNK + 1))
    broken_off = api.send("POST", f"{BULK}?send_welcome=false", content, NDJSON, Idempotency_Key="import-1")
    assert Customer.objects.count() == CHUNK
    answer = upload(api, content, query="?send_welcome=false", Idempotency_Key="import-1")
    assert created(answer) == [True] * (2 * CHUNK + 1)
    assert read(broken_off) == answer
    assert Customer.objects.count() == 2 * CHUNK + 1
    assert StoredAnswer.objects.count() == 3


def cut_off(api: Integrator, content: bytes, **environ: object) -> HttpResponse:
    """As a server hands over an upload whose client went away."""
    extra = {"wsgi.input": BytesIO(content), **environ}
    return Client().generic("POST", f"/crm{BULK}", b"", NDJSON, headers={"X-API-KEY": api.plain_key}, **extra)


def test_an_upload_that_breaks_off_imports_nothing(api: Integrator) -> None:
    refused = cut_off(api, as_lines(rows(2)), CONTENT_LENGTH="1000000")
    assert (refused.status_code, refused["Content-Type"]) == (400, PROBLEM)
    assert "nothing was imported" in refused.json()["detail"]
    assert not Customer.objects.exists()


def test_an_upload_needs_no_length_where_the_server_knows_its_end(api: Integrator) -> None:
    answer = cut_off(api, as_lines(rows(2)), CONTENT_LENGTH="", **{"wsgi.input_terminated": True})
    assert created(read(answer)) == [True, True]


def test_an_upload_may_be_larger_than_other_bodies(api: Integrator) -> None:
    content = as_lines([{**row, "attributes": {"note": "x" * 9_000}} for row in rows(150)])
    assert len(content) > limits.MAX_BODY_BYTES
    assert created(upload(api, content, query="?send_welcome=false")) == [True] * 150


def test_a_form_is_told_to_be_a_body(api: Integrator) -> None:
    form = encode_multipart("xxx", {"file": "{}"})
    refused = api.send("POST", BULK, form, "multipart/form-data; boundary=xxx")
    assert (refused.status_code, refused["Content-Type"]) == (415, PROBLEM)


def test_an_upload_has_a_limit_too(api: Integrator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UPLOAD_BYTES", 100)
    refused = api.send("POST", BULK, as_lines(rows(10)), NDJSON)
    assert (refused.status_code, refused["Content-Type"]) == (413, PROBLEM)
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    "content", [gzip.compress(b'{"customer_name": "a"}', mtime=0), bytes(range(256)) * 50, b'"' * 1_000]
)
@pytest.mark.parametrize("content_type", [NDJSON, JSON])
def test_garbage_is_answered_row_by_row(api: Integrator, content: bytes, content_type: str) -> None:
    assert not any(created(upload(api, content, content_type)))
    assert not any(created(upload(api, b"[" + content, content_type)))
    assert not Contact.objects.exists()
